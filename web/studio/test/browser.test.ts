// The pages in a real browser, served by `wasmformer studio`. playwright-core drives Chromium, and axe-core
// checks accessibility.
//
// CHROMIUM names the browser; the default is /usr/bin/chromium. Without a browser the tests are skipped.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { address, serve, SIZES, skip, visit } from "./chromium.js";
import { command, ROOT } from "./command.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = ["index.html", "run.html", "repl.html", "repl.html#l=full", "xray.html", "article.html", "slides.html"];
const SUM = "i32.const 200\ni32.const 100\ni32.add";

serve();

const type = async (page: Page, line: string): Promise<void> => {
  await page.fill("#line", line);
  await page.press("#line", "Enter");
};
const stack = (page: Page): Promise<string[]> => page.locator("#stack .chip").allTextContents();
/** Waits until a page's program has run. */
const ran = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => /Every token|differ/.test(document.querySelector("#verdict")?.textContent ?? ""));

test("the REPL runs what is typed, shows errors in place, undoes, and survives a reload", { skip }, async () => {
  const { page, close } = await visit("repl.html");
  await page.waitForSelector("#line");
  for (const line of SUM.split("\n")) await type(page, line);
  await ran(page);
  assert.deepEqual(await stack(page), ["44"]);
  assert.deepEqual(await page.locator(".listing .token").allTextContents(), ["200", "100", "44"]);
  assert.match(await page.locator("#verdict").innerText(), /Every token of 4 steps is the reference VM's/);

  await type(page, "i32.add");
  assert.match(await page.locator("#error").innerText(), /^i32.add needs 2 operand\(s\) here, but the stack of this block holds 1$/);
  await type(page, "i32.nonsense");
  assert.match(await page.locator("#error").innerText(), /^i32.nonsense is not in the profile$/);
  assert.equal(await page.locator(".listing li").count(), 3);

  await page.fill("#line", "");
  await page.press("#line", "Control+z");
  assert.deepEqual(await stack(page), ["200", "100"]);
  await page.reload();
  await page.waitForSelector("#stack .chip");
  assert.deepEqual(await stack(page), ["200", "100"]);
  await close();
});

test("the REPL edits a program whole, loads examples and shows files, locals and memory", { skip }, async () => {
  const { page, close } = await visit("repl.html");
  await page.waitForSelector("#line");
  await page.click("#edit");
  await page.fill(".whole", "i32.const 300");
  await page.click("#apply");
  assert.match(await page.locator("#whole-error").innerText(), /^line 1: i32.const needs an operand of 0 to 255$/);
  await page.fill(".whole", "i32.const 7\nlocal.set 2\ni32.const 9\ni32.const 5\ni32.store offset=300\n");
  await page.click("#apply");
  assert.match(await page.locator("#whole-error").innerText(), /^line 5: i32.store needs offset=N/);
  await page.fill(".whole", "i32.const 7\nlocal.set 2\ni32.const 9\ni32.const 5\ni32.store offset=100\n");
  await page.click("#apply");
  await ran(page);
  const state = await page.locator("#state table").innerText();
  assert.match(state, /Locals\s+2: 7\s+2: 7/);
  assert.match(state, /Memory\s+109: 5\s+109: 5/);

  await page.selectOption("select[aria-label='Load an example']", "filesystem/writing/write-then-reopen");
  await ran(page);
  assert.equal(await page.locator("#state tr.differs").count(), 0);
  await close();
});

test("a loop typed line by line runs as soon as it is closed by the page, and a trap is shown with its reason", { skip }, async () => {
  const { page, close } = await visit("repl.html");
  await page.waitForSelector("#line");
  for (const line of ["loop", "i32.const 1", "br_if 0"]) await type(page, line);
  await page.waitForFunction(() => /Ends by\s*trap/.test(document.querySelector("#state table")?.textContent ?? ""));
  const reasons = (): Promise<string[]> => page.locator("#state tr", { hasText: "Ends by" }).locator("td").allTextContents();
  assert.deepEqual(await reasons(), Array(2).fill("trap: too many iterations of a loop"));
  assert.match(await page.locator("#verdict").innerText(), /Every token of 513 steps/);
  await page.click("#clear");
  for (const line of ["i32.const 0", "fd_read"]) await type(page, line);
  await page.waitForFunction(() => /closed/.test(document.querySelector("#state table")?.textContent ?? ""));
  assert.deepEqual(await reasons(), Array(2).fill("trap: read or write on a closed descriptor"));
  await page.selectOption("select[aria-label='Load an example']", "filesystem/writing/thirty-third-write");
  await page.waitForFunction(() => /capacity/.test(document.querySelector("#state table")?.textContent ?? ""));
  assert.deepEqual(await reasons(), Array(2).fill("trap: write past the capacity of a file"));
  await close();
});

test("while a program runs, and when it is cut off, network and reference VM are shown at the same moment", { skip }, async (t) => {
  const loop = (local: number, inner: string): string =>
    `i32.const 100\nlocal.set ${local}\nloop\n${inner}\nlocal.get ${local}\ni32.const 1\ni32.sub\nlocal.tee ${local}\nbr_if 0\nend_loop`;
  const { page, close } = await visit(`repl.html#p=${encodeURIComponent(loop(0, loop(1, loop(2, "i32.const 7\noutput"))))}`);
  let [looked, heading] = [0, ""];
  for (const started = performance.now(); heading !== "State" && performance.now() - started < 600_000; looked += 1) {
    await page.waitForTimeout(300);
    const seen = await page.evaluate(() => {
      const rows = [...document.querySelectorAll("#state table tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent ?? ""));
      const text = (selector: string): string => document.querySelector(selector)?.textContent ?? "";
      return { heading: text("#state h2"), rows, verdict: text("#verdict"), differing: document.querySelectorAll("#state tr.differs").length };
    });
    heading = seen.heading;
    if (seen.rows.length === 0) continue;
    for (const [name, network, reference] of seen.rows) assert.equal(network, reference, `${name}, ${seen.verdict}`);
    assert.match(seen.verdict, /^Every token of \d+ steps is the reference VM's/);
    assert.equal(seen.differing, 0);
  }
  assert.match(await page.locator("#state table").innerText(), /Ends by\s+cut off after 200000 steps/);
  assert.ok(looked > 3);
  t.diagnostic(`looked at ${looked} moments`);
  await close();
});

test("the X-ray explains a trap and a halt by the lanes that lift them", { skip }, async () => {
  const at = (program: string): string => `xray.html#p=${encodeURIComponent(program)}`;
  const { page, close } = await visit(at("loop\ni32.const 1\nbr_if 0\nend_loop"));
  await page.waitForFunction(() => /ends by trap: too many iterations of a loop;/.test(document.querySelector("#progress")?.textContent ?? ""));
  await page.locator("body").press("End");
  assert.equal(await page.locator("#token").innerText(), "trap");
  const why = await page.locator("#result").innerText();
  const lifted = "logit of trap = 131072 (fault, times 131072) − 1 (one) = 131071";
  assert.equal(why, `${lifted}; fault = 1 (the host sets it: too many iterations of a loop)`);
  await page.locator("#result .part", { hasText: "fault" }).click();
  assert.match(await page.locator("#inspected").innerText(), /Lane fault[\s\S]*1 if this step traps[\s\S]*the host sets it/);
  await page.locator("body").press("Home");
  assert.match(await page.locator("#result").innerText(), /^result = 1 \(constant in layer 4\) = 1$/);

  await page.goto(address + at(SUM));
  await page.reload();
  await page.waitForFunction(() => /ends by halt/.test(document.querySelector("#progress")?.textContent ?? ""));
  await page.locator("body").press("End");
  assert.equal(await page.locator("#token").innerText(), "halt");
  assert.match(await page.locator("#result").innerText(), /^logit of halt = 2 \(halt, times 2\) − 1 \(one\) = 1; halt = 1 \(.+ in layer 0\)$/);
  await close();
});

test("a network that goes wrong is told from the reference VM, in the REPL and in the X-ray", { skip }, async () => {
  const hash = `#p=${encodeURIComponent(SUM)}`;
  const { page, context, close } = await visit("slides.html");
  // Without the neurons of layer 7 a result does not wrap around, and 200 + 100 is not a byte.
  await context.route("**/model.safetensors", async (route) => {
    const bytes = await (await route.fetch()).body();
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, { data_offsets: [number, number] }>;
    const [from, to] = header["layers.7.ffn.down.values"]?.data_offsets ?? [0, 0];
    assert.ok(to > from);
    bytes.fill(0, 8 + length + from, 8 + length + to);
    await route.fulfill({ body: bytes });
  });
  await page.goto(`${address}repl.html${hash}`);
  await ran(page);
  assert.match(await page.locator("#verdict").innerText(), /differ at step 2: 255 at pc 2, 44 at pc 2/);
  assert.ok((await page.locator("#state tr.differs").count()) > 0);
  await page.goto(`${address}xray.html${hash}`);
  await page.waitForFunction(() => /differs from the reference VM at step 2/.test(document.querySelector("#progress")?.textContent ?? ""));
  await close();
});

test("an address that holds no program opens in the editor with its error", { skip }, async () => {
  const { page, close } = await visit("repl.html#p=i32.const%201%0Ai32.add");
  await page.waitForSelector(".whole:visible");
  assert.match(await page.locator("#whole-error").innerText(), /^line 2: i32.add needs 2/);
  await close();
});

test("the X-ray steps, scrubs, plays, searches; its numbers are those of `wasmformer xray --json`", { skip }, async () => {
  const path = "core-arithmetic-logic/addition/wrap-at-256";
  const { page, close } = await visit("xray.html");
  await page.waitForSelector("#layers details");
  await page.selectOption("main select", path);
  await page.waitForFunction(() => /ends by halt/.test(document.querySelector("#progress")?.textContent ?? ""));
  assert.match(await page.locator("#progress").innerText(), /every token is the reference VM's/);
  for (const step of [0, 2, 5]) {
    await page.evaluate((to) => {
      const slider = document.querySelector<HTMLInputElement>("#scrub");
      if (slider === null) return;
      slider.value = String(to);
      slider.dispatchEvent(new Event("input"));
    }, step);
    const xray = JSON.parse(command(["xray", join(ROOT, `corpus/compliance/${path}.wat`), "--step", String(step), "--json"]).out) as {
      token: number;
      layers: {
        heads: { name: string; attended: { row: number; score: number } | null; result: number[] }[];
        neurons: { name: string; gate: number; value: number; output: number }[];
      }[];
      logits: number[];
    };
    assert.equal(await page.locator("#token").innerText(), String(xray.token));
    const heads = xray.layers.flatMap(({ heads }) => heads);
    const shown = await page
      .locator('#layers [aria-label^="Heads"] tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
    assert.equal(shown.length, heads.length);
    heads.forEach(({ name, attended, result }, index) => {
      const [shownName, place, retrieved, , score] = shown[index] ?? [];
      assert.equal(shownName, name);
      assert.equal(retrieved, `(${result.join(", ")})`, name);
      if (attended !== null)
        assert.ok(
          place?.match(new RegExp(`^(row|offset) ${attended.row}\\b`)) && score?.startsWith(String(attended.score)),
          `${name}: ${place} ${score}`,
        );
    });
    const open = xray.layers.flatMap(({ neurons }) => neurons.filter(({ gate }) => gate > 0));
    const neurons = await page
      .locator('#layers [aria-label^="Neurons"] tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
    assert.deepEqual(
      neurons,
      open.map(({ name, gate, value, output }) => [name, String(gate), String(value), String(output)]),
    );
    assert.ok((await page.locator("svg .winner title").first().textContent())?.endsWith(`: ${xray.logits[xray.token]}`));
  }

  await page.locator("body").press("ArrowRight");
  assert.match(await page.locator("#now").innerText(), /^step 6 /);
  await page.locator("body").press("Home");
  assert.match(await page.locator("#now").innerText(), /^step 0 /);
  await page.click("#play");
  await page.waitForFunction(() => document.querySelector("#now")?.textContent?.startsWith("step 2 "));
  await page.click("#play");

  await page.fill("#search", "wrap-around");
  await page.click(".found .part");
  assert.match(await page.locator("#inspected").innerText(), /Neuron wrap-around, layer 7[\s\S]*quotient_256/);
  await page.locator("#inspected .part", { hasText: "quotient_256" }).first().click();
  assert.match(await page.locator("#inspected").innerText(), /Lane quotient_256[\s\S]*Written by[\s\S]*reaches 256/);

  await page.locator("body").press("End");
  await page.waitForURL(/&s=36$/);
  await page.reload();
  await page.waitForSelector("#layers details");
  assert.match(await page.locator("#now").innerText(), /^step 36 .*halt/);
  assert.equal(await page.locator('#layers [aria-label^="Heads"] tbody tr').count(), 30);
  await close();
});

test("a trace of 100,000 steps is stepped and scrubbed without a long list in the page", { skip }, async (t) => {
  const inner = "i32.const 0\nlocal.get 2\ni32.const 1\ni32.sub\nlocal.tee 2\ni32.add\nbr_if 0";
  const text = `i32.const 75\nlocal.set 0\nloop\ni32.const 200\nlocal.set 2\nloop\n${inner}\nend_loop\nlocal.get 0\ni32.const 1\ni32.sub\nlocal.tee 0\nbr_if 0\nend_loop`;
  const started = performance.now();
  const { page, close } = await visit(`xray.html#p=${encodeURIComponent(text)}`);
  await page.waitForFunction(() => /ends by halt/.test(document.querySelector("#progress")?.textContent ?? ""), undefined, {
    timeout: 120_000,
  });
  const steps = Number((await page.locator("#progress").innerText()).split(" ")[0]);
  assert.ok(steps > 100_000, `${steps}`);
  t.diagnostic(
    `${steps} steps recorded in ${Math.round((performance.now() - started) / 1000)} s, in slices between which the page answers`,
  );
  await page.locator("body").press("End");
  assert.match(await page.locator("#now").innerText(), new RegExp(`^step ${steps - 1} .*halt`));
  assert.ok((await page.locator(".trace button").count()) < 60);
  await page.locator("body").press("ArrowLeft");
  assert.match(await page.locator("#now").innerText(), new RegExp(`^step ${steps - 2} `));
  await close();
});

test("the article's figures answer their readers", { skip }, async () => {
  const { page, close } = await visit("article.html");
  await page.waitForSelector("figure.live .shown > *");
  const figures = page.locator("figure.live");
  assert.ok((await figures.count()) >= 11);
  for (let index = 0; index < (await figures.count()); index += 1) {
    const figure = figures.nth(index);
    const before = await figure.locator(".shown").innerHTML();
    const input = figure.locator("input, select").first();
    if ((await input.evaluate((element) => element.tagName)) === "SELECT") await input.selectOption({ index: 1 });
    else await input.fill(String(Number(await input.inputValue()) === 3 ? 2 : 3));
    await input.dispatchEvent("input");
    assert.notEqual(await figure.locator(".shown").innerHTML(), before, `figure ${index}`);
  }
  await close();
});

test("fifteen slides, by keyboard, kept over a reload", { skip }, async () => {
  const { page, close } = await visit("slides.html");
  await page.waitForSelector(".slide.shown-now");
  assert.equal(await page.locator(".slide").count(), 15);
  const number = (): Promise<string> => page.locator(".slide.shown-now .number").innerText();
  assert.match(await number(), /^1 /);
  for (let i = 0; i < 3; i += 1) await page.locator("body").press("ArrowRight");
  assert.match(await number(), /^4 /);
  await page.reload();
  await page.waitForSelector(".slide.shown-now");
  assert.match(await number(), /^4 /);
  await page.locator("body").press("End");
  assert.match(await number(), /^15 /);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".slide:visible").count(), 15);
  await close();
});

for (const path of PAGES) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const viewport of SIZES) {
      test(`${path}, ${colorScheme}, ${viewport.width} px: accessible, nothing wider than the screen`, { skip }, async () => {
        const { page, close } = await visit(path, { viewport, colorScheme });
        await page.waitForSelector("#stack, #layers details, figure.live .shown > *, #diagram-play, #ending", { state: "attached" });
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= viewport.width, `${width} px wide`);
        await page.evaluate(AXE);
        const found = await page.evaluate(async () => {
          type Results = Record<"violations" | "incomplete", { id: string; nodes: { html: string }[] }[]>;
          const { axe } = window as unknown as { axe: { run: () => Promise<Results> } };
          const { violations, incomplete } = await axe.run();
          // A label of an element without a role is a violation only as long as the element is empty.
          const forbidden = incomplete.filter(({ id }) => id === "aria-prohibited-attr");
          return [...violations, ...forbidden].map(
            ({ id, nodes }) =>
              `${id}: ${nodes
                .slice(0, 3)
                .map(({ html }) => html.slice(0, 160))
                .join(" | ")}`,
          );
        });
        assert.deepEqual(found, []);
        await close();
      });
    }
  }
}

test("the same folder works behind any static server, in a folder of its own", { skip }, async (t) => {
  const { mkdtempSync, rmSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const folder = mkdtempSync(join(tmpdir(), "wasmformer-"));
  t.after(() => rmSync(folder, { recursive: true }));
  command(["studio", "--export", join(folder, "site")]);
  const types: Record<string, string> = { html: "text/html", js: "text/javascript", css: "text/css" };
  const server: Server = createServer((request, response) => {
    const path = join(folder, "site", (request.url ?? "").replace(/^\/below\//, "").replace(/[?#].*/, ""));
    response.setHeader("Content-Type", types[path.split(".").at(-1) ?? ""] ?? "application/octet-stream");
    response.end(existsSync(path) ? readFileSync(path) : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const { page, close } = await visit(`repl.html#p=${encodeURIComponent(SUM)}`, {}, `http://127.0.0.1:${port}/below/`);
  await ran(page);
  assert.deepEqual(await stack(page), ["44"]);
  await close();
});

test("first paint, and the answer to an instruction: measured, not judged here", { skip }, async (t) => {
  const { page, close } = await visit("repl.html");
  await page.waitForSelector("#line");
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN);
  const answers: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    answers.push(
      await page.evaluate(
        async ([line, depth]) => {
          const input = document.querySelector<HTMLInputElement>("#line");
          const form = document.querySelector<HTMLFormElement>("form");
          if (input === null || form === null) return NaN;
          input.value = line;
          const started = performance.now();
          form.requestSubmit();
          while (document.querySelectorAll("#stack .chip").length < depth) await new Promise((resolve) => setTimeout(resolve));
          return performance.now() - started;
        },
        [`i32.const ${i}`, i + 1] as const,
      ),
    );
  }
  assert.equal((await stack(page)).length, 20);
  const weight = await page.evaluate(() =>
    performance.getEntriesByType("resource").reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).decodedBodySize, 0),
  );
  t.diagnostic(
    `first contentful paint ${Math.round(paint)} ms; an instruction answered in ${Math.round(Math.max(...answers))} ms at worst, ${Math.round(answers.sort((a, b) => a - b)[10] ?? NaN)} ms typically`,
  );
  t.diagnostic(`${Math.round(weight / 1000)} kB loaded, weights included`);
  await close();
});
