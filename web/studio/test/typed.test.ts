// The REPL of the full machine: WebAssembly line by line, with the reference VM's state beside the network's.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { assemble } from "../src/full/assemble.js";
import { REFUSED, serve, skip, visit } from "./chromium.js";

serve();

const said = (page: Page, selector: string, pattern: string): Promise<unknown> =>
  page.waitForFunction(([at, wanted]) => new RegExp(wanted).test(document.querySelector(at)?.textContent ?? ""), [selector, pattern] as const);
const type = async (page: Page, ...lines: string[]): Promise<void> => {
  for (const line of lines) {
    await page.fill("#line", line);
    await page.press("#line", "Enter");
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>("#line")?.value === "");
  }
};
/** The rows of the state's table: name, network, reference VM. */
const state = (page: Page): Promise<Record<string, string[]>> =>
  page.locator("#state tbody tr").evaluateAll((rows) => Object.fromEntries(rows.map((row) => {
    const [name = "", ...cells] = [...row.children].map((cell) => cell.textContent ?? "");
    return [name, cells];
  })));

test("what was typed becomes a module: fields, locals and instructions, each at its line", () => {
  const { text, lines, open, added } = assemble(["i32.const 5", "(memory 1) ;; own", "(func $f (result i32)", "  i32.const 2)", "call $f", "local.set 1", "call $output"]);
  assert.equal(
    text,
    [
      "(module",
      '(import "host" "output" (func $output (param i32)))',
      "(memory 1) ;; own",
      "(func $f (result i32)",
      "  i32.const 2)",
      '(func (export "main")',
      "(local i32 i32)",
      "i32.const 5",
      "call $f",
      "local.set 1",
      "call $output",
      "unreachable))",
      "",
    ].join("\n"),
  );
  assert.deepEqual(lines, [-1, -1, 1, 2, 3, -1, -1, 0, 4, 5, 6, -1]);
  assert.deepEqual([open, added], [0, ["$output, a function of the host", "the locals 0 to 1, i32"]]);
  const opened: [typed: string[], open: number][] = [
    [["loop", "i32.const 1 ;; end", "br_if 0"], 1],
    [["loop", "br 0 end"], 0],
    [["(func $f"], 1],
    [["(if (i32.const 1) (then"], 2],
    [["block (result i32) i32.const 1", "if", "end"], 1],
    [['(data (i32.const 0) "(((")'], 0],
  ];
  for (const [typed, wanted] of opened) assert.equal(assemble(typed).open, wanted, typed.join("; "));
  assert.deepEqual(assemble(["i32.load offset=4", "(local i64)"]).added, ["a memory of one page"]);
  // Folded instructions whose names begin as those of fields do.
  const folded = ["(memory 1)", "(local.set 0 (memory.grow (i32.const 1)))", "(global.set 0 (local.get 0))"];
  assert.deepEqual(assemble(folded).lines, [-1, 0, -1, -1, 1, 2, -1]);
});

test("WebAssembly is typed line by line, in numbers of 64 bits and floats, with the reference VM beside the network", { skip }, async () => {
  const { page, close } = await visit("repl.html");
  await page.waitForSelector("#language");
  await page.selectOption("#language", "full");
  await page.waitForURL(/#l=full/);
  await said(page, "#state", "Type an instruction");
  await type(page, "i64.const 5000000000", "i64.const -3", "i64.mul");
  await said(page, "#verdict", "After 3 instructions the network's state is the reference VM's");
  assert.deepEqual(await page.locator("#stack .chip").allTextContents(), ["-15000000000"]);
  await type(page, "(f32.mul (f32.const 1.5) (f32.const -2))", "f32.neg", "i32.trunc_f32_s");
  await said(page, "#verdict", "After 8 instructions the network's state is the reference VM's");
  assert.deepEqual(await page.locator("#stack .chip").allTextContents(), ["-15000000000", "3"]);
  await close();
});

test("what is refused says why and stays; blocks run when they are closed; locals, memory, globals and output", { skip }, async () => {
  const { page, close } = await visit("repl.html#l=full");
  await said(page, "#state", "Type an instruction");
  await page.fill("#line", "i32.add");
  await page.press("#line", "Enter");
  await said(page, "#error", "type mismatch");
  assert.equal(await page.inputValue("#line"), "i32.add");
  await type(page, "i32.const 4", "local.set 0", "loop");
  await said(page, "#program [role=status]", "1 open");
  await type(page, "(local.set 0 (i32.sub (local.get 0) (i32.const 1)))", "(call $output (i32.add (local.get 0) (i32.const 48)))", "(br_if 0 (local.get 0))", "end");
  await said(page, "#verdict", "the network's state is the reference VM's");
  let seen = await state(page);
  assert.deepEqual(seen["Output"], Array(2).fill('51 50 49 48  "3210"'));
  assert.deepEqual(seen["Locals"], ["0", "0"]);
  await type(page, "(global $g (mut i64) (i64.const 7))", "(global.set $g (i64.const 9))", "(i32.store offset=8 (i32.const 8) (i32.const 258))", "(f64.sqrt (f64.const 2))", "drop");
  await said(page, "#verdict", "the network's state is the reference VM's");
  await page.waitForFunction(() => /16: 0201/.test(document.querySelector("#state table")?.textContent ?? ""));
  seen = await state(page);
  assert.deepEqual([seen["Globals"], seen["Memory"], seen["Pages"]], [Array(2).fill("9"), Array(2).fill("16: 0201"), Array(2).fill("1 of 65536 bytes")]);
  assert.deepEqual(seen["Ends by"], Array(2).fill("nothing: more can be typed"));
  await type(page, "(i32.div_s (i32.const 1) (i32.const 0))");
  await page.waitForFunction(() => /trap: division-by-zero/.test(document.querySelector("#state table")?.textContent ?? ""));
  assert.equal(await page.locator("#state tr.differs").count(), 0);
  await page.click("#undo");
  await page.waitForFunction(() => /more can be typed/.test(document.querySelector("#state table")?.textContent ?? ""));

  // The address holds what was typed, other pages lead back to it, and the debugger steps through it.
  await page.reload();
  await said(page, "#verdict", "the network's state is the reference VM's");
  await page.click('nav a[href^="article"]');
  await page.click('nav a[href*="l=full"]');
  await said(page, "#verdict", "the network's state is the reference VM's");
  await page.waitForSelector('#to-run[href*="w="]');
  await page.click("#to-run");
  await page.waitForFunction(() => /^It trapped: unreachable/.test(document.querySelector("#ending")?.textContent ?? ""));
  assert.equal(await page.locator("#output").textContent(), "3210");
  await close([REFUSED]);
});

test("the language is changed without losing what was typed in either", { skip }, async () => {
  const { page, close } = await visit(`repl.html#p=${encodeURIComponent("i32.const 200\ni32.const 100\ni32.add")}`);
  await said(page, "#verdict", "Every token of 4 steps");
  await page.selectOption("#language", "full");
  await said(page, "#state", "Type an instruction");
  await type(page, "i32.const 200", "i32.const 100", "i32.add");
  await said(page, "#verdict", "After 3 instructions");
  assert.deepEqual(await page.locator("#stack .chip").allTextContents(), ["300"]);
  await page.selectOption("#language", "byte");
  await said(page, "#verdict", "Every token of 4 steps");
  assert.deepEqual(await page.locator("#stack .chip").allTextContents(), ["44"]);
  await page.selectOption("#language", "full");
  await said(page, "#verdict", "After 3 instructions");
  await close();
});
