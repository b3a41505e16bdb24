// Visits the pages in a real Chromium as a person would, and prints what was seen as one JSON object.
//
//   node visit.mjs BASE_URL CHROMIUM FOLDER LINK
//
// FOLDER must be new and empty: it takes the browser's profile and the screenshots. LINK is one for a new password.
import { join } from "node:path";
import { chromium } from "playwright-core";

const [base, executablePath, folder, link] = process.argv.slice(2);
const seen = { requests: [], problems: [], screenshots: [] };

const browser = await chromium.launchPersistentContext(join(folder, "profile"), {
  executablePath,
  headless: true,
  viewport: { width: 1280, height: 860 },
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // No other name can be resolved: what works here works without the internet.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
});
browser.on("request", (request) => seen.requests.push(request.url()));
browser.on("response", (response) => {
  if (response.status() >= 400) seen.problems.push(`${response.status()} ${response.url()}`);
});
browser.on("console", (message) => {
  if (message.type() === "error") seen.problems.push(`console: ${message.text()}`);
});
browser.on("weberror", (error) => seen.problems.push(`page: ${error.error().message}`));
browser.on("requestfailed", (request) => seen.problems.push(`failed: ${request.url()}`));

const page = await browser.newPage();
page.setDefaultTimeout(15_000);

async function picture(name) {
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  seen.screenshots.push(path);
}

async function overflows() {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

async function readHome() {
  await page.goto(`${base}/`);
  await page.locator("#health").waitFor();
  seen.home = { heading: await page.locator("h1").innerText(), health: await page.locator("#health").innerText() };
  await picture("home");
}

async function readDocs() {
  await page.goto(`${base}/docs`);
  const all = await page.locator("[data-item]:visible").count();
  await picture("docs");
  await page.getByLabel("Search").fill("getorders");
  seen.docs = {
    all,
    filtered: await page.locator("[data-item]:visible").evaluateAll((found) => found.map((one) => one.id)),
  };
  await page.getByLabel("Search").fill("");
  await page.locator("#query-getProducts summary").click();
  await picture("docs-sample");
}

async function execute() {
  await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.getByRole("button", { name: /^Execute query/ }).click(),
  ]);
}

// The answer as the person sees it: the text of the result pane, once it is whole JSON with this field.
async function answerWith(field) {
  const handle = await page.waitForFunction((wanted) => {
    const pane = document.querySelector(".result-window .CodeMirror");
    try {
      const answer = JSON.parse(pane.CodeMirror.getValue());
      return answer.data?.[wanted] !== undefined || answer.errors ? answer : false;
    } catch {
      return false;
    }
  }, field);
  return handle.jsonValue();
}

async function openPlayground(go) {
  await Promise.all([page.waitForResponse((response) => response.request().method() === "POST"), go()]);
  await page.locator(".graphiql-query-editor .CodeMirror").waitFor();
}

async function tryPlayground() {
  await openPlayground(() => page.goto(`${base}/graphql`));
  seen.playground = { tabs: await page.getByRole("tab").allInnerTexts(), before: await page.locator("#session").innerText() };
  await execute();
  seen.playground.products = await answerWith("getProducts");
  await picture("playground");
  // Dialogs and menus are where GraphiQL writes a style element: the page's policy must let it.
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.locator(".graphiql-doc-explorer").waitFor();
  await page.getByRole("button", { name: "Open settings dialog" }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Hide Documentation Explorer" }).click();
  seen.playground.headersEditor = await page.getByRole("button", { name: "Headers" }).isVisible();
  await page.getByRole("tab", { name: "LogIn" }).click();
  await execute();
  seen.playground.login = await answerWith("login");

  await page.getByRole("tab", { name: "CreateProduct" }).click();
  await execute();
  seen.playground.created = await answerWith("createProduct");
  seen.playground.after = await page.locator("#session").innerText();
  await picture("playground-signed-in");
  await page.getByRole("button", { name: "Sign out" }).click();
  await execute();
  seen.playground.refused = await answerWith("nothing: wait for the errors");
  await page.getByRole("button", { name: "Alice (customer)" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  seen.playground.asAlice = await page.locator("#session").innerText();
}

async function openSample() {
  await page.goto(`${base}/docs`);
  await page.locator("#query-getProducts summary").click();
  await openPlayground(() => page.locator("#query-getProducts").getByText("Open it in the playground").click());
  await execute();
  seen.sample = await answerWith("getProducts");
}

async function followLink() {
  await page.goto(base + link);
  await page.getByLabel("New password").fill("another horse");
  await picture("new-password");
  await page.getByRole("button", { name: "Change the password" }).click();
  await page.getByRole("status").waitFor();
  seen.link = { heading: await page.locator("h1").innerText(), address: page.url() };
  await picture("new-password-done");
}

async function readOnTelephone() {
  await page.setViewportSize({ width: 390, height: 844 });
  seen.telephone = {};
  for (const [name, address] of [["home", "/"], ["docs", "/docs"], ["playground", "/graphql"], ["link", link]]) {
    await page.goto(base + address, { waitUntil: "networkidle" });
    seen.telephone[name] = { overflows: await overflows() };
    await picture(`${name}-telephone`);
  }
}

try {
  await readHome();
  await readDocs();
  await tryPlayground();
  await openSample();
  await followLink();
  await readOnTelephone();
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
