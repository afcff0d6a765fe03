// Compiles patterns as ECMA 262 does with the u flag, and runs each on long texts that
// make backtracking engines slow: a quadratic pattern takes seconds on them, an
// exponential one forever.
import { readFileSync } from "node:fs";

const patterns = JSON.parse(readFileSync(0, "utf8"));
const length = 20_000;
const units = ["a", "A", "0", "-", ".", " ", "a.", "0.", "1h", "a,", "0 ", "é", "AAAA", "a-", ":", "=", "\n"];
const prefixes = ["", "data:,", "mongodb://a", "@every ", "1.0.0-", "a@", "rgb(1", "#"];
let slowest = { ms: 0 };
for (const p of patterns) {
  const re = new RegExp(p, "u");
  for (const prefix of prefixes) {
    for (const unit of units) {
      const text = prefix + unit.repeat(length / unit.length) + "!";
      const start = performance.now();
      re.test(text);
      const ms = performance.now() - start;
      if (ms > slowest.ms) slowest = { ms: Math.round(ms * 10) / 10, pattern: p, unit, prefix };
      if (ms > 2000) {
        console.log(`${ms} ms on ${JSON.stringify(prefix + unit)}…: ${p}`);
        process.exit(1);
      }
    }
  }
}
console.log(`${patterns.length} patterns compile; the slowest match of ${length} characters: ${JSON.stringify(slowest)}`);
