import { content, file, origin, same } from "./content.js";
import { client } from "./hey-api/generated/client.gen.js";
import { getDownload, postForm, putRaw } from "./hey-api/generated/sdk.gen.js";

client.setConfig({ baseUrl: origin });
const form = await postForm({ body: { title: "Fär", file: file("one.bin"), more: [file("two.bin"), file("three.bin")] } });
const raw = await putRaw({ body: new Blob([content]) });
const download = await getDownload();
console.log(JSON.stringify({ form: form.data, raw: raw.data, download: await same(download.data!) }));
