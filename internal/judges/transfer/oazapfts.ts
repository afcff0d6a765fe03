import { runtime } from "@oazapfts/runtime";
import { content, file, origin, same } from "./content.js";
import * as api from "./oazapfts/generated.js";

api.defaults.baseUrl = origin;
const form = await api.postForm({ title: "Fär", file: file("one.bin"), more: [file("two.bin"), file("three.bin")] });
const raw = await api.putRaw(new Blob([content]));
// Its getDownload reads text, since what may go wrong is answered as JSON.
const download = await runtime(api.defaults).fetchBlob<{ status: 200; data: Blob }>("/download");
console.log(JSON.stringify({ form: form.data, raw: raw.data, download: await same(download.data) }));
