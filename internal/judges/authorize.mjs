// Signs in on a documentation page by every scheme that it names, sends each operation,
// and prints the answers and what the page complains of, as JSON. Reads {executable, url,
// values} from standard input: values are what to type, by scheme and name of the field.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { executable, url, values } = JSON.parse(readFileSync(0, "utf8"));
const out = { messages: [], answers: {}, cookies: [] };

const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.on("page", (p) => {
    p.on("console", (m) => ["error", "warning"].includes(m.type()) && out.messages.push(`${m.type()}: ${m.text()}`));
    p.on("pageerror", (e) => out.messages.push(`exception: ${e.message}`));
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector(".opblock");

  const signsIn = Object.keys(values).length > 0;
  if (signsIn) {
    await page.click(".auth-wrapper .authorize");
    await page.waitForSelector(".modal-ux");
  }
  for (const [scheme, fields] of Object.entries(values)) {
    const container = page.locator(".auth-container", { has: page.locator("h4 code, h4", { hasText: new RegExp(`^${scheme}`) }) }).first();
    for (const [name, value] of Object.entries(fields)) {
      if (name === "scopes") {
        for (const scope of value) await container.locator(`label[for*="${scope}"]`).first().click();
        continue;
      }
      await container.locator(`input${name}`).first().fill(value);
    }
    const popup = scheme === "oauth" ? context.waitForEvent("page") : null;
    await container.locator("button.authorize").first().click();
    if (popup) {
      const opened = await popup;
      if (!opened.isClosed()) await opened.waitForEvent("close", { timeout: 10000 });
    }
    await container.locator("button", { hasText: "Logout" }).first().waitFor({ timeout: 10000 });
  }
  if (signsIn) await page.click(".modal-ux .btn-done, .modal-ux .close-modal");

  for (const block of await page.$$(".opblock")) {
    const path = await block.$eval(".opblock-summary-path", (e) => e.innerText.replace(/\u200b/g, "").trim());
    await (await block.$(".opblock-summary-control")).click();
    await (await block.waitForSelector(".execute")).click();
    const answer = await block.waitForSelector(".live-responses-table .highlight-code");
    out.answers[path] = (await answer.innerText()).replace(/^[^{]*/, ""); // a button comes first
  }
  await page.waitForTimeout(200);
  out.cookies = (await context.cookies()).map((c) => c.name);
} finally {
  await browser.close();
}
console.log(JSON.stringify(out));
