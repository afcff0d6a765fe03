// The types of openapi-typescript, and the client that goes with them.
import createClient from "openapi-fetch";
import { content, file, origin, same } from "./content.js";
import type { paths } from "./openapi-fetch/generated.js";

const client = createClient<paths>({ baseUrl: origin });

// A file is a string in its types, and a form is made by hand.
const asString = (f: File) => f as unknown as string;
const form = await client.POST("/form", {
  body: { title: "Fär", file: asString(file("one.bin")), more: [asString(file("two.bin")), asString(file("three.bin"))] },
  bodySerializer(body) {
    const out = new FormData();
    for (const [name, value] of Object.entries(body ?? {})) for (const one of [value].flat()) out.append(name, one);
    return out;
  },
});
const raw = await client.PUT("/raw", {
  body: content as unknown as string,
  bodySerializer: (body) => body,
  headers: { "Content-Type": "application/octet-stream" },
});
const download = await client.GET("/download", { parseAs: "arrayBuffer" });
console.log(JSON.stringify({ form: form.data, raw: raw.data, download: await same(download.data!) }));
