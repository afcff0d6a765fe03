import { content, file, origin, same } from "./content.js";
import { Api } from "./swagger-typescript-api/generated.js";

const api = new Api({ baseUrl: origin });
// Its forms have one file of each name. A FormData is sent as it is.
const files = new FormData();
files.set("title", "Fär");
files.set("file", file("one.bin"));
for (const name of ["two.bin", "three.bin"]) files.append("more", file(name));
const form = await api.form.postForm(files as any);
const raw = await api.raw.putRaw(new File([content], "")); // sent as the JSON of a File: {}
const download = await api.download.getDownload({ format: "arrayBuffer" });
console.log(JSON.stringify({ form: form.data, raw: raw.data, download: await same(download.data) }));
