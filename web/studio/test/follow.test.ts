// Following values to what made them, and runs side by side: without a head or neuron, with other weights, of
// another program.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { PATIENCE, serve, skip, visit } from "./chromium.js";
import { command } from "./command.js";

const SUM = "i32.const 200\ni32.const 100\ni32.add\noutput";
const AT = `xray.html#p=${encodeURIComponent(SUM)}&s=2`;

serve();

const text = (page: Page, selector: string): Promise<string> => page.locator(selector).innerText();
const said = (page: Page, selector: string, pattern: string): Promise<unknown> =>
  page.waitForFunction(([at, wanted]) => new RegExp(wanted).test(document.querySelector(at)?.textContent ?? ""), [selector, pattern] as const);
const at = (page: Page, step: number): Promise<unknown> => said(page, "#now", `^step ${step} `);

test("a result is followed to the neuron, the lanes that it read, the head, its row, and the step that made it", { skip }, async () => {
  const { page, close } = await visit(AT);
  await at(page, 2);
  assert.equal(await text(page, "#result"), "result = 300 (sum in layer 4) − 256 (wrap-around in layer 7) = 44");
  await page.locator("#result .part", { hasText: /^sum$/ }).click();
  assert.match(await text(page, "#inspected"), /^Neuron sum, layer 4[\s\S]*gate 1, value 300, output 300/);
  // The weights stand beside the lanes' values in this step: 200 is 128 + 64 + 8.
  const value = page.locator("#inspected tr", { has: page.getByRole("rowheader", { name: "value" }) });
  assert.match(await value.innerText(), /\+128·second_bit_7 1[\s\S]*= 300$/);
  await value.locator(".part", { hasText: "second_bit_7" }).click();
  assert.match(await text(page, "#origin"), /^In this step 1 \(second bits 6, 7 in layer 3\)\.$/);
  await page.locator("#origin .part").click();
  assert.match(await text(page, "#row"), /^Row 11: its pass is step 1's, its token is step 0's\.$/);
  await page.click("#its-maker");
  await at(page, 0);
  assert.equal(await text(page, "#token"), "200");
  await close();
});

test("the logit of any token is a sum of lanes, less than that of the one chosen", { skip }, async () => {
  const { page, close } = await visit(AT);
  await at(page, 2);
  for (const [token, pattern] of [
    ["45", /^logit of 45 = 3960 \(result, times 90\) − 2025 \(one, times 2025\) = 1935, 1 less than that of 44$/],
    ["halt", /^logit of halt = − 1 \(one\) = -1, 1937 less than that of 44$/],
  ] as const) {
    await page.fill("#asked", token);
    assert.match(await text(page, "#logit"), pattern);
  }
  await page.fill("#asked", "999");
  assert.equal(await text(page, "#logit"), "There is no such token.");
  await close();
});

test("a neuron and a head are knocked out: the first step that changes, with the reference VM's beside it", { skip }, async () => {
  const { page, close } = await visit(AT);
  await at(page, 2);
  await page.locator("#result .part", { hasText: "wrap-around" }).click();
  await page.click("#knock-out");
  await said(page, "#beside-said", "is the first");
  assert.equal(
    await text(page, "#beside-said"),
    "Without the neuron wrap-around of layer 7: step 2 is the first that differs. It gives 255 at pc 2; the run shown gives 44 at pc 2, and the reference VM 44 at pc 2.",
  );
  assert.match(await text(page, "#beside-lanes"), /^In step 2 the lanes differ from layer 7 FFN on:[\s\S]*result\s+44\s+300/);
  // The run that is shown is that of the whole network all the same.
  assert.match(await text(page, "#progress"), /every token is the reference VM's/);
  await page.locator("body").press("Home");
  await said(page, "#beside-lanes", "No lane differs in step 0");
  await page.click("#first-difference");
  await at(page, 2);

  await page.fill("#search", "second bits 6");
  await page.click(".found .part");
  await page.click("#knock-out");
  await said(page, "#beside-said", "head second bits 6, 7 of layer 3: step 2 is the first that differs. It gives 108");
  await page.fill("#search", "file 3");
  await page.locator(".found .part", { hasText: /^file 3$/ }).first().click();
  await page.click("#knock-out");
  await said(page, "#beside-said", "no token of 5 steps changes");
  await page.click("#beside-none");
  await said(page, "#beside-said", "^Two programs or two weights");
  await close();
});

test("another program, and other weights, stand beside the run", { skip }, async (t) => {
  const { page, close } = await visit(AT);
  await at(page, 2);
  await page.click("#beside summary");
  await page.selectOption("#beside-program", "core-arithmetic-logic/addition/wrap-at-256");
  await said(page, "#beside-said", "^Addition wraps at 256: step 0 is the first that differs. It gives 255 at pc 0; the run shown gives 200 at pc 0\\.$");

  const folder = mkdtempSync(join(tmpdir(), "wasmformer-"));
  t.after(() => rmSync(folder, { recursive: true }));
  command(["export", join(folder, "byte")]);
  const [config, weights] = ["config.json", "model.safetensors"].map((name) => join(folder, "byte", name)) as [string, string];
  await page.setInputFiles("#beside-weights", [config, weights]);
  await said(page, "#beside-said", "^The weights of model\\.safetensors: no token of 5 steps changes\\.$");
  // Without the neurons of layer 7 a result does not wrap around.
  const bytes = readFileSync(weights);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, { data_offsets: [number, number] }>;
  const [from, to] = header["layers.7.ffn.down"]?.data_offsets ?? [0, 0];
  assert.ok(to > from);
  bytes.fill(0, 8 + length + from, 8 + length + to);
  writeFileSync(weights, bytes);
  await page.setInputFiles("#beside-weights", [config, weights]);
  await said(page, "#beside-said", "step 2 is the first that differs. It gives 255 .* and the reference VM 44");
  await page.setInputFiles("#beside-weights", [config]);
  await said(page, "#beside-said", "^choose two files");
  await close();
});

test("a head of the full machine is knocked out: the first token of the run that changes", { skip }, async () => {
  const { page, close } = await visit("run.html#e=fibonacci.wat");
  await page.waitForFunction(() => /^It (returned|exited|trapped)/.test(document.querySelector("#ending")?.textContent ?? ""), undefined, {
    timeout: 5 * PATIENCE,
  });
  await page.locator("#scrub").fill("40");
  await page.click("#look");
  await page.waitForSelector("#inside");
  await page.locator("#inside details").evaluateAll((all) => all.forEach((details) => ((details as HTMLDetailsElement).open = true)));
  await page.locator('#inside [data-unit="head 1 0"]').click();
  await said(page, "#knocked", "^Without the head .* of layer \\d+: (step \\d+|row \\d+) is the first that changes\\. It would give .* and not .*\\.$");
  await close();
});
