// The computations of the pages, without a browser, compared with those of the command in Rust.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { parseListing, show, Vm } from "../../../engines/typescript/src/index.js";
import { probe } from "../src/probe.js";
import { contributions, logitTerms } from "../src/layers.js";
import { ending, Recording } from "../src/recording.js";
import { compile, exampleSource, fromHash, parseBytes, showBytes, SourceError, toHash } from "../src/source.js";
import { COMMAND, command, exported, ROOT } from "./command.js";

const skip = existsSync(COMMAND) ? false : `no ${COMMAND}: build it with cargo, or name it in WASMFORMER`;
const { machine, examples } = skip === false ? exported() : { machine: undefined, examples: [] };
const wat = (path: string): string => join(ROOT, "corpus", path.startsWith("long/") ? "" : "compliance", `${path}.wat`);
const suite = examples.filter(({ path }) => !path.startsWith("long/"));

test("the reference VM in TypeScript has the Rust one's traces over the whole suite", { skip }, () => {
  assert.equal(suite.length, 112);
  for (const { path, listing, files } of suite) {
    const trace = command(["trace", wat(path), "--engine", "vm"])
      .out.trimEnd()
      .split("\n")
      .slice(1);
    const vm = new Vm(listing, files);
    for (const line of trace) {
      const words = line.trim().split(/\s+/);
      const made = vm.step();
      assert.deepEqual([String(made?.pc), String(made?.report)], [words[1], words.at(-2)], `${path}: ${line}`);
    }
    assert.equal(vm.step(), undefined, path);
  }
});

test("20 programs' X-rays are those of the dense engine in Rust, at every step, to the last number", { skip }, (t) => {
  if (machine === undefined) return;
  const programs = suite.filter((_, index) => index % 4 === 0).filter(({ listing }) => listing.length < 160);
  let [ran, steps] = [0, 0];
  for (const { path, listing, files } of programs) {
    if (ran === 20) break;
    const recording: Recording = new Recording(machine, listing, files);
    recording.advance(Infinity, 301);
    if (recording.end === undefined) continue; // of more than 300 steps
    const lines = command(["xray", wat(path), "--json"])
      .out.trimEnd()
      .split("\n");
    assert.equal(lines.length, recording.length, path);
    lines.forEach((line, step) => assert.deepEqual(recording.examine(step).xray, JSON.parse(line), `${path}, step ${step}`));
    ran += 1;
    steps += lines.length;
  }
  t.diagnostic(`${ran} programs, ${steps} steps`);
  assert.equal(ran, 20);
});

test("what attention sees is the reference VM's state, at every step", { skip }, (t) => {
  if (machine === undefined) return;
  const depth = machine.lane("depth");
  let steps = 0;
  for (const { path, listing, files } of suite) {
    const recording: Recording = new Recording(machine, listing, files);
    recording.advance(Infinity, 100);
    assert.equal(recording.difference, undefined, path);
    const vm = new Vm(listing, files);
    for (let step = 0; step < recording.length; step += 1) {
      const { xray, session } = recording.examine(step);
      const seen = probe(machine, session, xray.layers[1]?.ffn[depth] ?? -1);
      assert.deepEqual(seen.stack, vm.stack, `${path}, step ${step}`);
      const cells = (of: Map<number, number>, length: number): number[] => Array.from({ length }, (_, index) => of.get(index) ?? 0);
      assert.deepEqual(cells(seen.locals, 256), vm.locals, `${path}, step ${step}`);
      assert.deepEqual(cells(seen.memory, 511), vm.memory, `${path}, step ${step}`);
      vm.step();
      steps += 1;
    }
  }
  t.diagnostic(`${steps} steps of ${suite.length} programs, the first 100 of each`);
});

test("after every step of a run, what is shown of the network and of the reference VM is of the same moment", { skip }, (t) => {
  if (machine === undefined) return;
  const depth = machine.lane("depth");
  let [steps, ended] = [0, 0];
  for (const { path, listing, files } of suite) {
    const recording: Recording = new Recording(machine, listing, files);
    while (recording.end === undefined && recording.length < 40) {
      recording.step();
      const { pass, session } = recording.latest();
      const seen = probe(machine, session, pass.layers[1]?.ffn[depth] ?? -1);
      const cells = (of: Map<number, number>, length: number): number[] => Array.from({ length }, (_, index) => of.get(index) ?? 0);
      const network = [seen.stack, cells(seen.locals, 256), cells(seen.memory, 511), recording.host.outputs, recording.host.files];
      const { stack, locals, memory, outputs, files: written } = recording.vm;
      assert.deepEqual(network, [stack, locals, memory, outputs, written], `${path}, after step ${recording.length - 1}`);
      steps += 1;
    }
    assert.equal(recording.difference, undefined, "looking at a run does not change it");
    ended += Number(recording.end !== undefined);
  }
  t.diagnostic(`${steps} moments of ${suite.length} programs, ${ended} of them to the end`);
});

test("traps have the terminal's reasons, and specials are explained by the lanes that lift them", { skip }, () => {
  if (machine === undefined) return;
  const reasons = new Set<string>();
  for (const { path, listing, files } of suite) {
    const recording: Recording = new Recording(machine, listing, files);
    recording.advance(Infinity, 4000);
    if (recording.end === undefined) continue; // of more steps
    const [end, step] = [ending(recording.host), recording.length - 1];
    assert.equal(ending(recording.vm), end, path);
    const { xray } = recording.examine(step);
    const terms = logitTerms(machine, xray, xray.token);
    assert.equal(terms.reduce((sum, { weight, value }) => sum + weight * value, 0), xray.logits[xray.token], path);
    const names: string[] = terms.map(({ lane }) => machine.nameOf({ kind: "lane", lane }));
    assert.deepEqual(names, [recording.end === "trap" ? "fault" : "halt", "one"], path);
    if (recording.end !== "trap") {
      const wrote = contributions(machine, xray, machine.lane("halt"));
      assert.deepEqual(wrote.map(({ part, layer, added }) => [part.kind, layer, added]), [["head", 0, 1]], path);
      continue;
    }
    const said = command(["repl"], `:load ${wat(path)}\n`).out.split("\n");
    assert.ok(said.includes(end ?? ""), `${path}: ${end} is not in ${said.join(" | ")}`);
    reasons.add(end ?? "");
  }
  assert.equal(reasons.size, 3);
});

test("refusals are the Rust reader's, word for word", { skip }, () => {
  const wrong = [
    "i32.foo",
    "i32.const 256",
    "i32.add",
    "i32.add 3",
    "i32.load 4",
    "i32.const 1\nbr_if 0",
    "end_loop",
    "fd_read",
    "i32.const 4\nfd_open",
    "loop\ni32.const 1\ni32.const 2\nend_loop",
    "loop\ni32.const 1\ni32.const 2\nbr_if 0",
    "i32.const 1\nloop\noutput",
  ];
  for (const text of wrong) {
    const said = spawnSync(COMMAND, ["repl"], { input: text, encoding: "utf8" }).stderr.trim();
    assert.match(said, /^error: /, text);
    const mine = (): unknown => compile({ text, files: [] });
    assert.throws(
      mine,
      (error) => error instanceof SourceError && `error: ${error.message.replace(/^line \d+: /, "")}` === said,
      `${text}: ${said}`,
    );
  }
  // For a slip the page adds what may have been meant.
  const hints = {
    "i32.ad": "; the nearest instruction is i32.add",
    "I32.CONST 1": "; the nearest instruction is i32.const",
    "local.gte 1": "; the nearest instruction is local.get",
    drop: "; a value may stay on the stack",
    "i32.const 0x10": ", in decimal: 0x10 is 16 as a byte",
  };
  for (const [text, hint] of Object.entries(hints)) {
    const said = spawnSync(COMMAND, ["repl"], { input: text, encoding: "utf8" }).stderr.trim();
    const mine = (): unknown => compile({ text, files: [] });
    assert.throws(mine, (error) => error instanceof SourceError && `error: ${error.message}` === said.replace("error: ", "error: line 1: ") + hint, text);
  }
});

test("sources survive the address, and examples their text", { skip }, () => {
  for (const example of examples) {
    const source = exampleSource(example);
    assert.deepEqual(fromHash(`#${toHash(source)}`), source);
    assert.deepEqual(compile(source).listing, example.listing, example.path);
    assert.deepEqual(parseListing(example.listing.map(show).join("\n")), example.listing);
  }
  assert.deepEqual(fromHash("#p=%E0%A4%A&f0=999&f1=x"), { text: fromHash("#p=%E0%A4%A").text, files: [[], [], [], []] });
  for (const bytes of [[], [104, 105], [0, 255], [34], [49, 32, 50]]) assert.deepEqual(parseBytes(showBytes(bytes)), bytes);
  assert.throws(() => parseBytes("256"), /0 to 255/);
  assert.throws(() => parseBytes(`"${"x".repeat(33)}"`), /at most 32/);
});

test("a long trace is run and looked into within a page's patience", { skip }, (t) => {
  if (machine === undefined) return;
  const long = examples.find(({ path }) => path.startsWith("long/"));
  assert.ok(long);
  const recording: Recording = new Recording(machine, long.listing, long.files);
  recording.advance(Infinity, Infinity);
  assert.equal(recording.end, "halt");
  const started = performance.now();
  recording.examine(recording.length - 1);
  t.diagnostic(`${recording.length} steps; the last one's X-ray took ${Math.round(performance.now() - started)} ms`);
});
