// Programs of any kind in the page: the full machine's tokens, and what the page says of them, against the
// reference VM in Rust.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { REFUSED, said, serve, skip, visit } from "./chromium.js";
import { command, ROOT } from "./command.js";

const PROGRAMS = join(ROOT, "corpus/programs");
const SORT = join(PROGRAMS, "quicksort.wasm");

serve(SORT);

/** The state of the reference VM before a step, as `trace --at` prints it. */
interface State {
  step: number;
  pc: number;
  calls: { function: string; locals: string[]; operands: string[] }[];
  memory: [address: number, hex: string][];
  outputs: number[];
}

const states = (path: string, steps: readonly number[]): State[] =>
  command(["trace", path, "--at", steps.join(",")])
    .out.trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as State);

/** The steps of a program by the reference VM: pc, and what was written. */
const steps = (path: string): { pc: number; wrote: string }[] =>
  command(["trace", path, "--engine", "vm"])
    .out.trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => ({ pc: Number(line.slice(8, 16)), wrote: line.slice(62).trim() }));

const ended = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => /^It (returned|exited|trapped)/.test(document.querySelector("#ending")?.textContent ?? ""), undefined, {
    timeout: 600_000,
  });

/** Goes to a step. */
const go = (page: Page, step: number): Promise<void> =>
  page.evaluate((to) => {
    const slider = document.querySelector<HTMLInputElement>("#scrub");
    if (slider === null) return;
    slider.value = String(to);
    slider.dispatchEvent(new Event("input"));
  }, step);

const at = async (page: Page): Promise<number> =>
  Number(/step ([\d,]+) of/.exec(await page.locator("#now").innerText())?.[1]?.replaceAll(",", ""));

/** The calls that the page shows, the outermost first, with their locals. */
const shownCalls = (page: Page): Promise<{ function: string; locals: string[]; operands: string[] }[]> =>
  page.locator("#calls .frame").evaluateAll((frames) =>
    frames.reverse().map((frame) => ({
      function: frame.querySelector("summary")?.textContent ?? "",
      locals: [...frame.querySelectorAll("tbody tr")].map((row) => row.children[2]?.textContent ?? ""),
      operands: [...frame.querySelectorAll("button.chip")].map((chip) => (chip.getAttribute("title") ?? "").replace(/^0x|,.*/g, "")),
    })),
  );

/** The bytes of memory that the page shows, by address. */
const shownMemory = (page: Page): Promise<[address: number, byte: string][]> =>
  page
    .locator("#memory [data-address]")
    .evaluateAll((cells) => cells.map((cell): [number, string] => [Number(cell.getAttribute("data-address")), cell.textContent ?? ""]));

test("hello.wasm runs in the page and prints; 20 sampled steps have the reference VM's calls, locals, operands and memory", { skip }, async (t) => {
  const path = join(PROGRAMS, "wasi/hello.wasm");
  const expected = command(["run", path]).out;
  const { page, close } = await visit("run.html#e=hello.wasm");
  await ended(page);
  assert.equal(await page.locator("#output").textContent(), expected);
  t.diagnostic(await page.locator("#status").innerText());
  const length = await at(page);
  assert.equal(length, steps(path).length);
  assert.equal(await page.locator("#function option:checked").textContent(), "_start", "the instruction that ended the run is in view");
  assert.notEqual(await page.locator("#memory .new").count(), 0, "and what was stored last");
  const sampled = Array.from({ length: 20 }, (_, index) => Math.floor(((index + 0.37) * length) / 20));
  await page.locator("#follow").uncheck();
  for (const { step, pc, calls, memory, outputs } of states(path, sampled)) {
    await go(page, step);
    assert.equal(await at(page), step);
    assert.match(await page.locator("#now").innerText(), new RegExp(`pc ${pc}\\b`));
    assert.deepEqual(await shownCalls(page), calls, `step ${step}`);
    assert.equal((await page.locator("#output").textContent())?.length, Buffer.from(outputs).toString().length);
    // All parts of the memory that hold something, in views of 256 bytes.
    const bytes = new Map(memory.flatMap(([from, hex]) => (hex.match(/../g) ?? []).map((byte, i): [number, string] => [from + i, byte])));
    const views = new Set([...bytes.keys()].map((byte) => byte - (byte % 256)));
    for (const view of [...views].filter((_, index) => index % 4 === step % 4)) {
      await page.fill("#address", String(view));
      await page.press("#address", "Enter");
      for (const [byte, shown] of await shownMemory(page)) assert.equal(shown, bytes.get(byte) ?? "00", `step ${step}, address ${byte}`);
    }
  }
  await close();
});

test("a sort: breakpoints stop where the reference VM comes by, and a byte names the step that wrote it", { skip }, async () => {
  const trace = steps(SORT);
  const { page, close } = await visit(said.slice(said.indexOf("run.html"), said.indexOf("  ")));
  await ended(page);
  assert.match(await page.locator("#notice").innerText(), /^quicksort\.wasm/);
  await page.click("#start");

  // A breakpoint at an instruction in the middle of the run, met three times.
  const pc = trace[Math.floor(trace.length / 2)]?.pc as number;
  const visits = trace.flatMap((step, index) => (step.pc === pc && index > 0 ? [index] : []));
  await page.selectOption("#function", { index: 0 });
  await go(page, visits[0] as number);
  await page.click(`#code [data-pc="${pc}"] button:first-child`);
  await page.click("#start");
  for (const expected of visits.slice(0, 3)) {
    await page.click("#breakpoint");
    assert.equal(await at(page), expected);
  }

  // The latest writers of some bytes, by the reference VM's stores.
  const end = trace.length - 1;
  const writers = new Map<number, number>();
  trace.forEach(({ wrote }, step) => {
    const store = /^\[(\d+)\.\.\+(\d+)\]/.exec(wrote);
    if (store !== null && step < end) for (let i = 0; i < Number(store[2]); i += 1) writers.set(Number(store[1]) + i, step);
  });
  await go(page, end);
  const addresses = [...writers.keys()].filter((_, index) => index % Math.ceil(writers.size / 12) === 0);
  assert.ok(addresses.length >= 10);
  for (const address of addresses) {
    await page.fill("#address", String(address));
    await page.press("#address", "Enter");
    await page.click(`#memory [data-address="${address}"]`);
    assert.equal(await page.locator("#writer").getAttribute("data-step"), String(writers.get(address)), `address ${address}`);
  }
  await page.click("#writer");
  assert.equal(await at(page), writers.get(addresses.at(-1) as number));
  await close();
});

test("step, over, out, next output and back go where the reference VM's calls are", { skip }, async () => {
  const { page, close } = await visit("run.html#e=fibonacci.wat");
  await ended(page);
  const trace = steps(join(PROGRAMS, "fibonacci.wat"));
  await page.click("#start");
  const depths: number[] = [];
  for (let from = 0; from < trace.length; from += 5000) {
    const some = trace.map((_, step) => step).slice(from, from + 5000);
    depths.push(...states(join(PROGRAMS, "fibonacci.wat"), some).map(({ calls }) => calls.length));
  }
  assert.equal(depths.length, trace.length);
  // The first call lasts to the last step. Of the calls of the recursion, one lasts for a few steps, and one
  // for many.
  const calls = depths.flatMap((depth, step) => ((depths[step + 1] ?? 0) > depth ? [step] : []));
  const after = (call: number): number => depths.findIndex((depth, step) => step > call && depth <= (depths[call] as number));
  const short = calls.find((call) => after(call) - call < 10);
  const long = calls.find((call) => (depths[call] as number) > 5 && after(call) - call > 100);
  assert.equal(after(calls[0] as number), trace.length - 1);
  for (const call of [calls[0], short, long]) {
    assert.ok(call !== undefined);
    await go(page, call);
    await page.click("#step");
    assert.equal(await at(page), call + 1);
    await page.click("#back");
    assert.equal(await at(page), call);
    await page.click("#over");
    assert.equal(await at(page), after(call));
    await go(page, call + 1);
    await page.click("#out");
    assert.equal(await at(page), after(call));
  }
  // Nothing comes after the outermost call: out of it is the end.
  await go(page, 0);
  await page.click("#out");
  assert.equal(await at(page), trace.length);
  await page.click("#start");
  await page.click("#next-output");
  assert.equal(await at(page), trace.findIndex(({ wrote }) => wrote.startsWith("output")) + 1);
  await close();
});

test("a program asks for input and gets what is typed", { skip }, async () => {
  const wat = `(module (import "host" "input" (func $in (result i32))) (import "host" "output" (func $out (param i32)))
    (func (export "main") (local $c i32)
      (loop $l (local.set $c (call $in))
        (if (i32.ge_s (local.get $c) (i32.const 0)) (then (call $out (i32.xor (local.get $c) (i32.const 32))) (br $l))))))`;
  const { page, close } = await visit("run.html");
  await page.waitForSelector("#writing");
  await page.click("#writing summary");
  await page.fill("#text", wat);
  await page.press("#text", "Control+Enter");
  await page.waitForFunction(() => document.querySelector("#ending")?.textContent === "The program waits for input.");
  await page.locator("#newline").uncheck();
  await page.fill("#input", "Hello");
  await page.click("#send");
  await page.waitForFunction(() => document.querySelector("#output")?.textContent === "hELLO");
  await page.click("#eof");
  await ended(page);
  await close();
});

test("an error stands at its place; a program is kept in the link; a byte program is offered to the byte machine", { skip }, async () => {
  const { page, close } = await visit("run.html");
  await page.waitForSelector("#writing");
  await page.click("#writing summary");
  await page.fill("#text", '(module\n  (func (export "main")\n    i32.ad))');
  await page.click("#run-text");
  await page.waitForFunction(() => /line 3, column 5/.test(document.querySelector("#error")?.textContent ?? ""));
  assert.equal(await page.locator("#text").evaluate((area) => {
    const { value, selectionStart, selectionEnd } = area as HTMLTextAreaElement;
    return value.slice(selectionStart, selectionEnd).replace(/\)+$/, "");
  }), "i32.ad");
  await page.fill("#text", '(module (import "host" "output" (func $o (param i32))) (func (export "main") (call $o (i32.const 33))))');
  await page.click("#run-text");
  await page.waitForFunction(() => document.querySelector("#output")?.textContent === "!");
  assert.match(await page.locator("#notice").innerText(), /small enough for the byte machine/);
  await page.waitForURL(/[#&]w=/);
  await page.reload();
  await page.waitForFunction(() => document.querySelector("#output")?.textContent === "!");
  await close([REFUSED]);
});

test("the inside of a pass of the full machine: the token that was emitted has the highest logit", { skip }, async () => {
  const { page, close } = await visit("run.html#e=fibonacci.wat");
  await ended(page);
  await go(page, 40);
  const token = (await page.locator("#tokens .chip").allTextContents())[0];
  await page.click("#look");
  await page.waitForSelector("#inside");
  assert.ok((await page.locator("#inside .chip.top").innerText()).startsWith(`${token} `));
  assert.ok((await page.locator("#inside .layer").count()) > 3);
  await close();
});
