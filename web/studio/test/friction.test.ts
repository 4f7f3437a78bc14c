// What once made a task harder than it had to be, in the pages: stale messages, jumps, what could not be read
// or reached.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { address, serve, skip, visit } from "./chromium.js";

const SUM = "i32.const 200\ni32.const 100\ni32.add";

serve();

const hash = (program: string): string => `#p=${encodeURIComponent(program)}`;
const text = (page: Page, selector: string): Promise<string> => page.locator(selector).innerText();
const said = (page: Page, selector: string, pattern: string): Promise<unknown> =>
  page.waitForFunction(([at, wanted]) => new RegExp(wanted).test(document.querySelector(at)?.textContent ?? ""), [selector, pattern] as const);
const type = async (page: Page, line: string): Promise<void> => {
  await page.fill("#line", line);
  await page.press("#line", "Enter");
};

test("the result of a line is announced; while the X-ray plays, its steps are not", { skip }, async () => {
  const { page, close } = await visit("repl.html");
  await page.waitForSelector("#line");
  await type(page, "i32.const 5");
  await page.waitForFunction(() =>
    [...document.querySelectorAll("#state [role=status]")].some(({ textContent }) => /^The last instruction gave 5\. The stack, top first: 5\.$/.test(textContent ?? "")),
  );
  await type(page, "i32.const 7");
  await page.waitForFunction(() => [...document.querySelectorAll("#state [role=status]")].some(({ textContent }) => /top first: 7, 5\./.test(textContent ?? "")));
  await page.goto(`${address}xray.html${hash("i32.const 1\n".repeat(60).trim())}`);
  await said(page, "#progress", "ends by halt");
  await page.click("#play");
  assert.equal(await page.getAttribute("#now", "aria-live"), "off");
  await page.click("#play");
  assert.equal(await page.getAttribute("#now", "aria-live"), "polite");
  await close();
});

test("Escape closes the editor and keeps the draft; the arrow keys bring back lines; what was undone is done again", { skip }, async () => {
  const { page, close } = await visit("repl.html");
  await page.waitForSelector("#line");
  for (const line of SUM.split("\n")) await type(page, line);
  await said(page, "#verdict", "4 steps");
  await page.press("#line", "ArrowUp");
  assert.equal(await page.inputValue("#line"), "i32.add");
  await page.press("#line", "ArrowUp");
  assert.equal(await page.inputValue("#line"), "i32.const 100");
  await page.press("#line", "ArrowDown");
  await page.press("#line", "ArrowDown");
  assert.equal(await page.inputValue("#line"), "");
  await page.press("#line", "Control+z");
  assert.equal(await page.locator(".listing li").count(), 2);
  await page.press("#line", "Control+y");
  assert.equal(await page.locator(".listing li").count(), 3);

  await page.click("#edit");
  await page.fill(".whole", "i32.const 1");
  await page.press(".whole", "Escape");
  assert.equal(await page.locator(".whole:visible").count(), 0);
  await page.click("#edit");
  assert.equal(await page.inputValue(".whole"), "i32.const 1");
  await close();
});

test("an error does not stay when the text that it was about is gone", { skip }, async () => {
  const { page, close } = await visit("repl.html");
  await page.waitForSelector("#line");
  await type(page, "i32.nonsense");
  assert.match(await text(page, "#error"), /not in the profile/);
  await page.click("#edit");
  assert.equal(await page.locator("#error").textContent(), "");
  await page.fill(".whole", "i32.add");
  await page.click("#apply");
  assert.match((await page.locator("#whole-error").textContent()) ?? "", /needs 2/);
  await page.click("#cancel");
  await page.click("#edit");
  assert.equal(await page.locator("#whole-error").textContent(), "");
  await page.goto(`${address}xray.html${hash("foo")}`);
  await said(page, "#error", "not in the profile");
  await page.selectOption("main select", "core-arithmetic-logic/addition/wrap-at-256");
  await said(page, "#progress", "ends by halt");
  assert.equal(await page.locator("#error").textContent(), "");
  await close();
});

test("a slip gets the nearest instruction, and bytes of files what is wrong with them", { skip }, async () => {
  const { page, close } = await visit("repl.html");
  await page.waitForSelector("#line");
  const hints: [line: string, pattern: RegExp][] = [
    ["i32.ad", /the nearest instruction is i32\.add$/],
    ["I32.CONST 1", /the nearest instruction is i32\.const$/],
    ["i32.const -1", /-1 is 255 as a byte$/],
    ["call 0", /the Run page takes modules with calls$/],
  ];
  for (const [line, pattern] of hints) {
    await type(page, line);
    assert.match(await text(page, "#error"), pattern);
  }
  await page.click("#state summary");
  for (const [contents, pattern] of [["hello", "text is written in quotes"], ['"\u{1f600}"', "is not one byte"]] as const) {
    await page.fill("#file-0", contents);
    await page.press("#file-0", "Tab");
    await said(page, "#state details .error", pattern);
  }
  await page.fill("#file-0", '"hi"');
  await page.press("#file-0", "Tab");
  await page.waitForURL(/f0=104/);
  assert.equal(await page.locator("#state details .error").textContent(), "");
  await close();
});

test("a figure of the article stays while a number is typed, and the page does not jump", { skip }, async () => {
  const { page, close } = await visit("article.html");
  await page.waitForSelector("#gates figure.live .shown > *");
  const figure = page.locator("#gates figure.live").first();
  const height = async (): Promise<number> => (await figure.locator(".shown").boundingBox())?.height ?? 0;
  const before = await height();
  await figure.locator("input").first().fill("");
  assert.match(await figure.locator(".error").innerText(), /must be an integer/);
  assert.equal(await height(), before);
  await close();
});

test("counts and tokens of the REPL's lines have columns of their own", { skip }, async () => {
  const program = `i32.const 12\nlocal.set 0\nloop\nlocal.get 0\ni32.const 1\ni32.sub\nlocal.tee 0\nbr_if 0\nend_loop\ni32.const 255`;
  const { page, close } = await visit(`repl.html${hash(program)}`);
  await said(page, "#verdict", "Every token");
  for (const column of [".times", ".token"]) {
    const ends = await page.locator(`.listing ${column}`).evaluateAll((cells) => [...new Set(cells.map((cell) => Math.round(cell.getBoundingClientRect().right)))]);
    assert.equal(ends.length, 1, column);
  }
  await close();
});

test("an empty REPL says what to type; a deep stack is not listed three times", { skip }, async () => {
  const { page, close } = await visit("repl.html");
  await said(page, "#state", "Type an instruction");
  assert.equal(await page.locator("#state table").count(), 0);
  await page.goto(`${address}repl.html${hash("i32.const 7\n".repeat(200).trim())}`);
  await page.reload();
  await said(page, "#verdict", "201 steps");
  assert.equal(await page.locator("#stack .chip").count(), 40);
  assert.match(await text(page, "#stack"), /^160 below, then/);
  assert.match(await text(page, "#state table"), /Stack\s+200 values\s+200 values/);
  await close();
});

test("every slide fits a screen of 900 px, and a swipe turns it", { skip }, async () => {
  const { page, close } = await visit("slides.html", { viewport: { width: 1440, height: 900 } });
  await page.waitForFunction(() => document.querySelectorAll(".slide .coming").length === 0);
  for (let slide = 1; slide <= 15; slide += 1) {
    const over = await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
    assert.ok(over <= 0, `slide ${slide} is ${over} px too tall`);
    await page.locator("body").press("ArrowRight");
  }
  await close();
  const phone = await visit("slides.html#3", { viewport: { width: 375, height: 800 }, hasTouch: true });
  await phone.page.waitForSelector(".slide.shown-now figure");
  const swipe = (by: number): Promise<void> =>
    phone.page.evaluate((across) => {
      const title = document.querySelector(".slide.shown-now h2") as HTMLElement;
      const touch = (x: number): Touch => new Touch({ identifier: 1, target: title, clientX: x, clientY: 200 });
      title.dispatchEvent(new TouchEvent("touchstart", { touches: [touch(200)], bubbles: true }));
      title.dispatchEvent(new TouchEvent("touchend", { changedTouches: [touch(200 + across)], bubbles: true }));
    }, by);
  await swipe(-120);
  assert.match(await text(phone.page, ".slide.shown-now .number"), /^4 /);
  await swipe(120);
  assert.match(await text(phone.page, ".slide.shown-now .number"), /^3 /);
  await swipe(-20);
  assert.match(await text(phone.page, ".slide.shown-now .number"), /^3 /);
  await phone.close();
});

test("on a phone the X-ray's layers are shut, and from the inspector there is a way back", { skip }, async () => {
  const { page, close } = await visit(`xray.html${hash(SUM)}&s=2`, { viewport: { width: 375, height: 800 } });
  await page.waitForFunction(() => /^step 2 /.test(document.querySelector("#now")?.textContent ?? ""));
  assert.equal(await page.locator("#layers details[open]").count(), 0);
  await page.locator("#result .part").first().click();
  const back = page.getByText("Back to where you were");
  await back.waitFor();
  const down = await page.evaluate(() => window.scrollY);
  await back.click();
  await page.waitForFunction((from) => window.scrollY < from, down);
  await close();
});
