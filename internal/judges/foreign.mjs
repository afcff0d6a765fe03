// Opens a page in Chromium and has it send every kind of request that a page may send to
// another origin without asking. Reads {executable, url, targets} from standard input and
// prints, as JSON, how many it sent: to each target by a form of each media type, by fetch,
// and by a beacon; and by fetches that ask first, which are not counted.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { executable, url, targets } = JSON.parse(readFileSync(0, "utf8"));
const formTypes = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  await page.goto(url);
  const sent = await page.evaluate(async ({ targets, formTypes }) => {
    let sent = 0;
    const submit = (action, enctype, fields) => new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.name = "frame" + sent++;
      const form = document.createElement("form");
      Object.assign(form, { method: "POST", action, enctype, target: frame.name });
      for (const [name, value] of Object.entries(fields)) {
        const input = document.createElement("input");
        Object.assign(input, { name, value });
        form.append(input);
      }
      document.body.append(frame, form);
      frame.addEventListener("load", resolve); // the empty page loaded when the frame was appended
      setTimeout(resolve, 2000);
      form.submit();
    });
    for (const target of targets) {
      for (const type of formTypes) {
        await submit(target, type, {});
        await submit(target, type, { '{"a":"': '"}', name: "x" });
      }
      for (const body of [undefined, "", '{"name":"x"}', new URLSearchParams({ name: "x" }), new Blob(["{}"])]) {
        sent++;
        await fetch(target, { method: "POST", mode: "no-cors", credentials: "include", body }).catch(() => {});
      }
      sent++;
      navigator.sendBeacon(target, "{}");
      // These ask first, and get no leave.
      for (const [method, type] of [["POST", "application/json"], ["PUT", "text/plain"], ["DELETE", ""]]) {
        await fetch(target, { method, headers: type ? { "Content-Type": type } : {}, body: type ? '{"name":"x"}' : undefined }).catch(() => {});
      }
    }
    return sent;
  }, { targets, formTypes });
  await page.waitForTimeout(300); // a beacon is not waited for
  console.log(JSON.stringify({ sent }));
} finally {
  await browser.close();
}
