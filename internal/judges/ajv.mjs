// Judges bodies by ajv: reads {"doc": an OpenAPI document, "vectors": [{pointer, body,
// accepted}]} and prints the vectors on which ajv says otherwise.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const { doc, vectors } = JSON.parse(readFileSync(0, "utf8"));
const ajv = new Ajv2020({ strict: false, validateSchema: false, logger: false });
addFormats(ajv);
// Annotations, and ranges of numbers that the schemas bound themselves.
for (const name of ["email", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double"]) ajv.addFormat(name, true);
ajv.addSchema(doc, "doc.json");

const compiled = new Map();
const differ = [];
for (const v of vectors) {
  if (!compiled.has(v.pointer)) compiled.set(v.pointer, ajv.compile({ $ref: "doc.json#" + encodeURI(v.pointer) }));
  if (compiled.get(v.pointer)(JSON.parse(v.body)) !== v.accepted) differ.push(v);
}
console.log(JSON.stringify({ judged: vectors.length, schemas: compiled.size, differ }));
