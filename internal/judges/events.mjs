// Reads events in Chromium until it has as many as it is told, over restarts of the server.
// Reads {executable, url, events} from standard input; prints what came, as JSON.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { executable, url, events } = JSON.parse(readFileSync(0, "utf8"));

const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  await page.goto(url);
  const out = await page.evaluate((events) => new Promise((resolve) => {
    const out = { got: [], errors: 0 };
    const source = new EventSource("/numbers");
    source.onerror = () => { out.errors++; };
    source.addEventListener("number", (e) => {
      out.got.push(`${e.lastEventId} ${e.data}`);
      if (out.got.length === events) {
        source.close();
        resolve(out);
      }
    });
  }), events);
  console.log(JSON.stringify(out));
} finally {
  await browser.close();
}
