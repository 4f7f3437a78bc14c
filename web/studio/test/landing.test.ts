// The first page and its picture that moves.

import assert from "node:assert/strict";
import { test } from "node:test";

import { serve, skip, visit } from "./chromium.js";

serve();

test("the picture of a step plays, pauses, is scrubbed, and stands still for who wants no motion", { skip }, async () => {
  const { page, close } = await visit("index.html");
  await page.waitForSelector("#diagram-play");
  const moment = (): Promise<number> => page.locator("#diagram-scrub").evaluate((slider) => Number((slider as HTMLInputElement).value));
  await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>("#diagram-scrub")?.value) > 0.5);
  await page.click("#diagram-play");
  const paused = await moment();
  await page.waitForTimeout(300);
  assert.equal(await moment(), paused);
  await page.locator("#diagram-scrub").fill(String(await page.locator("#diagram-scrub").getAttribute("max")));
  assert.match(await page.locator("#diagram-said").innerText(), /^44 is the next row/);
  assert.ok((await page.locator(".diagram .unit.acts").count()) > 3);
  await page.selectOption("#diagram-step", "0");
  assert.match(await page.locator("#diagram-said").innerText(), /^i32.const 200: row \d+ enters/);
  for (const door of ["run.html", "repl.html", "xray.html", "article.html"]) assert.equal(await page.locator(`.doors a[href="${door}"]`).count(), 1);
  await close();

  const still = await visit("index.html", { reducedMotion: "reduce" });
  await still.page.waitForSelector("#diagram-play");
  await still.page.waitForTimeout(400);
  assert.equal(await still.page.locator("#diagram-play").innerText(), "Play");
  await still.close();
});

test("the article has the picture", { skip }, async () => {
  const { page, close } = await visit("article.html");
  await page.waitForSelector(".diagram svg");
  await close();
});
