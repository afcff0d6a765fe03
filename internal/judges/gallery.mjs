// Uploads two files to the gallery of examples/files in Chromium, by the page's script and
// by the form itself, looks at them, and goes on with a download in the middle. Reads
// {executable, url, files, half} from standard input; prints what it saw, as JSON.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { executable, url, files, half } = JSON.parse(readFileSync(0, "utf8"));
const out = { messages: [] };

const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  page.on("pageerror", (e) => out.messages.push(e.message));
  page.on("dialog", (d) => { out.messages.push(d.message()); d.dismiss(); });
  const choose = async () => {
    await page.goto(url);
    await page.fill("[name=title]", "Två");
    await page.setInputFiles("[name=picture]", files);
  };
  const shown = () => page.waitForFunction((n) => {
    const all = [...document.querySelectorAll("main img")];
    return all.length === n && all.every((img) => img.naturalWidth > 0) && all.map((img) => `${img.title} ${img.naturalWidth}`);
  }, (out.pictures?.length ?? 0) + files.length);

  await choose();
  await page.click("button");
  out.pictures = await (await shown()).jsonValue();

  await choose(); // as a page without a script sends it
  await Promise.all([page.waitForNavigation(), page.evaluate(() => document.forms[0].submit())]);
  out.posted = JSON.parse(await page.evaluate(() => document.body.innerText)).map((p) => `${p.id} ${p.name} ${p.type} ${p.size}`);
  await page.goto(url);
  out.pictures = await (await shown()).jsonValue();

  out.resumed = await page.evaluate(async (half) => {
    const first = await fetch("/pictures/1?save=true");
    const whole = new Uint8Array(await first.arrayBuffer());
    const rest = await fetch("/pictures/1?save=true", { headers: { Range: `bytes=${half}-`, "If-Range": first.headers.get("ETag") } });
    const bytes = new Uint8Array(await rest.arrayBuffer());
    const same = bytes.length === whole.length - half && bytes.every((b, i) => b === whole[half + i]);
    return `${rest.status} ${rest.headers.get("Content-Range")} ${rest.headers.get("Content-Disposition")} ${same}`;
  }, half);
} finally {
  await browser.close();
}
console.log(JSON.stringify(out));
