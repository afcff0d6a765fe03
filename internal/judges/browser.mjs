// Opens a documentation page in Chromium and prints what it shows and asks for, as JSON.
// Reads {executable, url, scheme, send, screenshots} from standard input: send is the
// method and path of an operation to send by keyboard alone, screenshots a path prefix.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { executable, url, scheme, send, screenshots } = JSON.parse(readFileSync(0, "utf8"));
const origin = new URL(url).origin;
const out = { requests: 0, foreign: [], messages: [], operations: [], tabs: 0, answer: "" };

const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ colorScheme: scheme ?? "light", viewport: { width: 1280, height: 900 } });
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && out.messages.push(`${m.type()}: ${m.text()}`));
  page.on("pageerror", (e) => out.messages.push(`exception: ${e.message}`));
  page.on("request", (r) => {
    out.requests++;
    if (!r.url().startsWith(origin + "/") && !r.url().startsWith("data:")) out.foreign.push(r.url());
  });

  const response = await page.goto(url);
  out.policy = response.headers()["content-security-policy"];
  await page.waitForSelector(".opblock");
  await page.waitForTimeout(300);
  out.title = await page.title();
  out.heading = await page.$eval(".info .title", (e) => e.innerText);
  out.injected = await page.$$eval(".swagger-ui img[src=x], .swagger-ui script", (e) => e.length);
  out.scriptLinks = await page.$$eval("a[href]", (all) => all.filter((a) => a.protocol === "javascript:").length);
  out.operations = await page.$$eval(".opblock-summary", (all) =>
    all.map((e) => e.querySelector(".opblock-summary-method").innerText + " " + e.querySelector("[class^=opblock-summary-path]").innerText.split("\n")[0].replace(/\u200b/g, "")));
  out.background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  if (screenshots) await page.screenshot({ path: `${screenshots}.png` });

  if (send) {
    const focused = () => page.evaluate(() => ({ class: String(document.activeElement.className), name: document.activeElement.innerText.replace(/\s+/g, " ").replace(/\u200b/g, "") }));
    const tabTo = async (reached) => {
      for (let i = 0; i < 200; i++) {
        await page.keyboard.press("Tab");
        out.tabs++;
        if (reached(await focused())) return;
      }
      throw new Error("the keyboard does not get there");
    };
    await tabTo((at) => at.class.includes("opblock-summary-control") && at.name.startsWith(send + " "));
    await page.keyboard.press("Enter");
    await page.waitForSelector(".execute");
    await tabTo((at) => at.class.includes("execute"));
    await page.keyboard.press("Enter");
    await page.waitForSelector(".live-responses-table .response-col_status");
    await page.waitForTimeout(300);
    out.answer = await page.$eval(".live-responses-table", (e) => e.innerText);
    if (screenshots) {
      await page.$eval(".opblock.is-open", (e) => e.scrollIntoView());
      await page.screenshot({ path: `${screenshots}-sent.png` });
    }
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(out));
