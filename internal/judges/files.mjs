// Sends files from a page in Chromium, and plays one. Reads {executable, url, files} from
// standard input; prints what the server said and what the page asked for, as JSON.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { executable, url, files } = JSON.parse(readFileSync(0, "utf8"));
const out = { ranges: [] };

const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  page.on("request", async (r) => r.url().endsWith("/sound") && out.ranges.push((await r.allHeaders())["range"] ?? ""));

  await page.goto(url);
  await page.fill("[name=title]", "Fär");
  await page.setInputFiles("[name=file]", files);
  out.fetched = await page.evaluate(async () => (await fetch("/files", { method: "POST", body: new FormData(document.forms[0]) })).text());
  await Promise.all([page.waitForNavigation(), page.click("button")]);
  out.posted = await page.evaluate(() => document.body.innerText);

  await page.goto(url);
  out.resumed = await page.evaluate(async () => {
    const whole = new Uint8Array(await (await fetch("/sound?fetched")).arrayBuffer());
    const rest = await fetch("/sound?fetched", { headers: { Range: "bytes=500000-", "If-Range": '"v1"' } });
    const bytes = new Uint8Array(await rest.arrayBuffer());
    return `${rest.status} ${rest.headers.get("Content-Range")} ${bytes.every((b, i) => b === whole[500000 + i])}`;
  });
  out.sought = await page.evaluate(() => new Promise((resolve, reject) => {
    const video = document.createElement("video");
    video.onerror = () => reject(new Error(video.error.message));
    video.onloadedmetadata = () => { video.currentTime = 1500; };
    video.onseeked = () => resolve(Math.round(video.currentTime));
    video.src = "/sound";
    document.body.append(video);
  }));
} finally {
  await browser.close();
}
console.log(JSON.stringify(out));
