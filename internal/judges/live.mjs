// Opens the blog of examples/isr in one window of Chromium, saves a post in another, and
// prints what the first shows then, as JSON. Reads {executable, url} from standard input.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { executable, url } = JSON.parse(readFileSync(0, "utf8"));
const out = { messages: [] };

const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
try {
  const context = await browser.newContext();
  const home = await context.newPage(), editor = await context.newPage();
  for (const page of [home, editor]) page.on("pageerror", (e) => out.messages.push(e.message));
  await home.goto(url);
  out.before = await home.innerText("#post-2");

  await editor.goto(url + "/posts/2/edit");
  await editor.fill("[name=title]", "Saved <elsewhere>");
  await Promise.all([editor.waitForNavigation(), editor.click("button")]);
  out.saved = await editor.innerText("h1");

  await home.waitForFunction(() => document.getElementById("post-2").innerText.startsWith("Saved"));
  out.after = await home.innerText("#post-2");
  out.live = await home.innerText("#live");
} finally {
  await browser.close();
}
console.log(JSON.stringify(out));
