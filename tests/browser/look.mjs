// Opens a page in a real browser, goes through it as a person would, by keyboard and by pointer, and prints what was seen as JSON.
//     node look.mjs PAGE.html [PICTURE.png]
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import browsers from "@sparticuz/chromium";
import { chromium } from "playwright-core";

const [, , file, picture] = process.argv;
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const url = pathToFileURL(file).href;
const PHRASES = "main .phrase > mark";
const seen = { requests: [], messages: [] };

/** The texts of the tooltips that can be seen. */
const tips = (page) => page.$$eval(".tip", (all) => all.filter((tip) => tip.checkVisibility()).map((tip) => tip.innerText));
/** The words that have the focus. */
const focused = (page) => page.evaluate(() => (document.activeElement === document.body ? null : document.activeElement.innerText));
/** What the focus looks like. */
const outline = (page) => page.evaluate(() => {
  const style = getComputedStyle(document.activeElement);
  return `${style.outlineStyle} ${style.outlineWidth}`;
});

async function opened(browser, settings) {
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  page.on("request", (request) => { if (request.url() !== url) seen.requests.push(request.url()); });
  page.on("console", (message) => seen.messages.push(message.text()));
  page.on("pageerror", (error) => seen.messages.push(String(error)));
  page.on("dialog", (dialog) => { seen.messages.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.goto(url);
  return page;
}

/** The keyboard alone: Tab to the first phrase, Escape, on to the second, and back. */
async function keyboard(browser) {
  const page = await opened(browser, {});
  const steps = [];
  const note = async (key) => steps.push({ key, focused: await focused(page), tips: await tips(page) });
  await note("");
  for (const key of ["Tab", "Escape", "Tab", "Shift+Tab"]) {
    await page.keyboard.press(key);
    await note(key);
  }
  const order = [];
  await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  const number = await page.locator("mark[tabindex], a[href]").count();
  const fresh = await opened(browser, {});
  for (let n = 0; n < number; n += 1) {
    await fresh.keyboard.press("Tab");
    order.push(await focused(fresh));
  }
  return { steps, outline: await outline(fresh), order, inDocument: await fresh.$$eval("mark[tabindex], a[href]", (all) => all.map((one) => one.innerText)) };
}

/** The pointer: onto the last phrase, onto its tooltip, Escape, away and back again. */
async function pointer(browser) {
  const page = await opened(browser, {});
  const steps = [];
  const phrase = page.locator(PHRASES).last();
  const note = async (where) => steps.push({ where, tips: await tips(page) });
  const away = () => page.mouse.move(2, 2);
  await phrase.hover();
  await note("phrase");
  const box = await page.locator(".phrase:hover > .tip").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 8 });
  await note("tooltip");
  await page.keyboard.press("Escape");
  await note("Escape");
  await away();
  await note("away");
  await phrase.hover();
  await note("phrase");
  await away();
  await note("away");
  return steps;
}

/** Where tooltips stand in a window as narrow as a page enlarged to 400 %, and whether that has to be scrolled sideways. */
async function narrow(browser) {
  const page = await opened(browser, { viewport: { width: 320, height: 640 } });
  const outside = [];
  for (const phrase of await page.locator(PHRASES).all()) {
    await phrase.focus();
    const box = await phrase.locator("xpath=../span[@role='tooltip']").boundingBox();
    if (!box || box.x < 0 || box.x + box.width > 320) outside.push({ words: await phrase.innerText(), box });
  }
  return { outside, scrolls: await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth) };
}

/** What axe finds, and what it cannot decide. */
async function checked(browser, colorScheme) {
  const page = await opened(browser, { colorScheme, bypassCSP: true });
  await page.addScriptTag({ path: axe });
  const ask = () => page.evaluate(async () => {
    const found = await globalThis.axe.run();
    const short = (all) => all.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}`));
    return { violations: short(found.violations), passes: found.passes.map((rule) => rule.id) };
  });
  const closed = await ask();
  await page.locator(PHRASES).first().focus();
  const open = await ask();
  return { violations: [...closed.violations, ...open.violations], passes: open.passes };
}

/** The underlines of the legend's kinds of phrases, which have to tell them apart without any colour. */
async function underlines(browser) {
  const page = await opened(browser, { forcedColors: "active" });
  return page.$$eval(".legend mark", (all) => all.map((mark) => {
    const style = getComputedStyle(mark);
    return `${style.textDecorationLine} ${style.textDecorationStyle}`;
  }));
}

/** What the page is without its script. */
async function scriptless(browser) {
  const page = await opened(browser, { javaScriptEnabled: false });
  await page.locator(PHRASES).first().hover();
  return page.locator(".phrase:hover > .tip").isVisible();
}

/** How many tooltips are on paper, and how many phrases. */
async function printed(browser) {
  const page = await opened(browser, { colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  return { phrases: await page.locator(PHRASES).count(), tips: (await tips(page)).length,
    ground: await page.evaluate(() => getComputedStyle(document.body).backgroundColor) };
}

/** What is in the page that the criteria could have brought in. */
async function foreign(browser) {
  const page = await opened(browser, {});
  if (picture) await page.screenshot({ path: picture, fullPage: true });
  return page.evaluate(() => ({
    scripts: document.scripts.length,
    handlers: [...document.querySelectorAll("*")].flatMap((one) => one.getAttributeNames().filter((name) => name.startsWith("on"))),
    elements: [...new Set([...document.querySelectorAll("main *")].map((one) => one.localName))].sort(),
  }));
}

const browser = await chromium.launch({ executablePath: await browsers.executablePath(), args: ["--headless=shell", "--no-sandbox"] });
try {
  Object.assign(seen, {
    browser: browser.version(), keyboard: await keyboard(browser), pointer: await pointer(browser), narrow: await narrow(browser),
    light: await checked(browser, "light"), dark: await checked(browser, "dark"), underlines: await underlines(browser),
    scriptless: await scriptless(browser), printed: await printed(browser), foreign: await foreign(browser),
  });
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen, null, 1));
