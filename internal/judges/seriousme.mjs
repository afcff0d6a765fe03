// Judges documents by @seriousme/openapi-schema-validator.
import { Validator } from "@seriousme/openapi-schema-validator";

for (const path of process.argv.slice(2)) {
  const verdict = await new Validator().validate(path);
  if (!verdict.valid) {
    console.log(path, JSON.stringify(verdict.errors, null, 1));
    process.exitCode = 1;
  }
}
