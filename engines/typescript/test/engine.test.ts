// The network on small models whose results are computed by hand; listings; and the suite, if the command is built.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Host, loadModel, Model, parseConfig, parseListing, parseSafetensors, run, Session, show } from "../src/index.js";
import type { Config, Instr, Row, Tensor } from "../src/index.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../../..");
const COMMAND = process.env["WASMFORMER"] ?? join(ROOT, "target/release/wasmformer");
const command = (...words: string[]): string => execFileSync(COMMAND, words, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 });
const withCommand = { skip: existsSync(COMMAND) ? false : `no ${COMMAND}: build it with cargo, or name it in WASMFORMER` };

/**
 * Lane 0 is a row's number, and lane 1 the constant 1. One head with the key (number, 1) writes the value that it finds
 * to lane 2.
 */
function oneHead(kind: string, query: [number, number]): Session {
  const shape = { d_model: 4, d_head: 2, d_ffn: 1, vocab_size: 1 };
  const json = { dtype: "F32", machine: "byte", ...shape, attention: [[kind]], special_tokens: {}, lanes: [] };
  const tensors = new Map<string, Tensor>();
  const set = (name: string, rows: number[][]): void => {
    tensors.set(name, { shape: [rows.length, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) });
  };
  const zeros = [0, 0, 0, 0];
  const identity = [[1, 0, 0, 0], [0, 1, 0, 0]];
  const number = [1, 0, 0, 0];
  set("embedding", [zeros]);
  set("unembedding", [zeros]);
  set("layers.0.attention.query", query.map((weight) => [0, weight, 0, 0]));
  set("layers.0.attention.key", identity);
  set("layers.0.attention.value", [number, number]);
  set("layers.0.attention.output", [[0, 0], [0, 0], [1, 0], [0, 1]]);
  set("layers.0.ffn.gate", [zeros]);
  set("layers.0.ffn.value", [zeros]);
  set("layers.0.ffn.down", [[0], [0], [0], [0]]);
  return new Session(new Model(parseConfig(JSON.stringify(json)), tensors));
}

const row = (number: number): Row => ({ token: 0, positional: [[0, number], [1, 1]] });
const found = (session: Session, ...numbers: number[]): unknown[] => numbers.map((number) => session.forward(row(number))[2]);

test("hard-max takes the highest, of equal scores the latest", () => {
  assert.deepEqual(found(oneHead("hard_max", [1, 0]), 3, 1, 7, 2), [3, 3, 7, 7]);
  assert.deepEqual(found(oneHead("hard_max", [0, 1]), 4, 9, 9, 0, 2), [4, 9, 9, 0, 2]);
});

test("sum adds all rows so far", () => {
  assert.deepEqual(found(oneHead("sum", [0, 0]), 3, 1, 7), [3, 4, 11]);
});

test("cross sees the store only, and a row of it can be replaced", () => {
  const session = oneHead("cross:0", [-1, 0]);
  assert.deepEqual(found(session, 1), [0], "an empty store gives 0");
  const writes = [[0, 5], [1, 4], [2, 8], [1, 6]] as const;
  for (const [index, number] of writes) session.writeStore({ store: 0, index, ...row(number) });
  assert.deepEqual(found(session, 1, 9), [5, 5]);
});

test("keys outgrow their first array", () => {
  const numbers = Array.from({ length: 500 }, (_, i) => i % 7);
  assert.deepEqual(found(oneHead("hard_max", [0, 1]), ...numbers), numbers);
});

test("a rewound sequence answers as it did then, stores included", () => {
  const numbers = Array.from({ length: 200 }, (_, i) => (i * i) % 11);
  for (const kind of ["hard_max", "sum", "cross:0"]) {
    const session = oneHead(kind, [1, 0]);
    const then = numbers.map((number, i) => {
      session.writeStore({ store: 0, index: Math.min(i, 3), ...row(i % 2 === 0 ? i : -i) });
      return session.forward(row(number))[2];
    });
    for (const at of [199, 0, 7, 64, 63, 150]) assert.equal(session.rewound(at).forward(row(numbers[at] ?? 0))[2], then[at], `${kind}, row ${at}`);
    assert.equal(session.length, 200);
  }
});

test("a head may be asked", () => {
  const session = oneHead("hard_max", [1, 0]);
  assert.equal(session.ask(0, 0, [1, 0]), undefined);
  found(session, 3, 9, 4);
  assert.deepEqual([...(session.ask(0, 0, [1, 0]) ?? [])], [9, 9]);
  assert.deepEqual([...(session.ask(0, 0, [-1, 0]) ?? [])], [3, 3]);
});

test("configs, weights and tokens that are wrong are refused with a reason", () => {
  assert.throws(() => parseConfig("{}"), /config.json: machine is undefined and dtype undefined/);
  assert.throws(() => parseConfig("[1"), SyntaxError);
  assert.throws(() => parseSafetensors(new Uint8Array(4)), /shorter than its header/);
  assert.throws(() => parseSafetensors(new Uint8Array([255, 0, 0, 0, 0, 0, 0, 0])), /shorter than its header/);
  const { config } = oneHead("sum", [0, 0]).model;
  assert.throws(() => new Model(config, new Map()), /has no tensor/);
  assert.throws(() => oneHead("sum", [0, 0]).forward({ token: 1, positional: [] }), /outside the vocabulary/);
});

test("another machine's model, or one of wider numbers, is refused by name", withCommand, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "wasmformer-"));
  t.after(() => rmSync(folder, { recursive: true }));
  command("export", folder);
  const text = readFileSync(join(folder, "config.json"), "utf8");
  const edited = (entries: object): string => JSON.stringify({ ...(JSON.parse(text) as object), ...entries });
  const other = [{ machine: "full", dtype: "F64" }, { machine: "full" }, { dtype: "F64" }, { dtype: "float64" }, { machine: undefined }];
  for (const entries of other) {
    assert.throws(() => parseConfig(edited(entries)), /machine is .* and dtype "\w+"; only "byte" in "F32" runs here/, JSON.stringify(entries));
  }
  for (const entries of [{ dtype: "float32" }, { dtype: undefined, torch_dtype: "float32" }]) {
    assert.deepEqual(parseConfig(edited(entries)), parseConfig(text));
  }
  // The engine reports the refusal to the harness.
  writeFileSync(join(folder, "config.json"), edited({ machine: "full", dtype: "F64" }));
  const protocol = join(dirname(fileURLToPath(import.meta.url)), "../src/protocol.js");
  const input = `${JSON.stringify({ type: "load", protocol: 1, folder })}\n`;
  const said = execFileSync(process.execPath, [protocol], { input, encoding: "utf8" }).trimEnd().split("\n");
  assert.match(said.at(-1) ?? "", /"type":"error".*machine is .*full.* and dtype .*F64/);
});

test("listings are parsed in the spelling of traces", () => {
  const text = "   0  i32.const 200 ;; a comment\n\n   1  loop\n   2    local.set 3\n i32.load offset=7\ni32.store\nend_loop\n";
  const listing = parseListing(text);
  assert.deepEqual(listing, [[0x41, 200], [0x03, 0], [0x21, 3], [0x28, 7], [0x36, 0], [0x0b, 0], [0x0f, 0]]);
  const shown = ["i32.const 200", "loop", "local.set 3", "i32.load offset=7", "i32.store", "end_loop", "halt"];
  assert.deepEqual(listing.map(show), shown);
  assert.throws(() => parseListing("halt\ni32.div_s"), /line 2: i32.div_s is not in the profile/);
  assert.throws(() => parseListing("i32.const 256"), /operand of 0 to 255/);
  assert.throws(() => parseListing("i32.const"), /operand of 0 to 255/);
  assert.throws(() => parseListing("i32.add 1"), /too many operands/);
});

test("hosts refuse loops that do not match", () => {
  const specialTokens = new Map([["start", 256], ["halt", 257], ["trap", 258]]);
  const config: Config = { ...oneHead("sum", [0, 0]).model.config, specialTokens };
  assert.throws(() => new Host(parseListing("loop"), [], config), /loop without end_loop/);
  assert.throws(() => new Host(parseListing("end_loop"), [], config), /end_loop without loop/);
  assert.throws(() => new Host(parseListing("i32.const 1\nbr_if 0"), [], config), /no enclosing loop/);
});

test("the suite's shorter programs run from their listings as text, with the reference's trace", withCommand, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "wasmformer-"));
  t.after(() => rmSync(folder, { recursive: true }));
  command("export", folder);
  const model = loadModel(readFileSync(join(folder, "config.json"), "utf8"), readFileSync(join(folder, "model.safetensors")));
  assert.equal(model.parameters, 316_000);

  const suite = join(ROOT, "corpus/compliance");
  const files = readdirSync(suite, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".wat")).sort();
  const ids = new Map([["halt", 257], ["trap", 258]]);
  let [ran, skipped] = [0, 0];
  for (const file of files) {
    const path = join(suite, file);
    const lines = command("listing", path, "--json");
    const program = JSON.parse(lines) as { listing: Instr[]; files: number[][] };
    const steps = traceOf(path).trimEnd().split("\n").slice(1);
    if (steps.length > 300) {
      skipped += 1;
      continue;
    }
    const trace = steps.map((line) => {
      const words = line.trim().split(/\s+/);
      const token = words.at(-2) ?? "";
      return [Number(words[1]), ids.get(token) ?? Number(token)];
    });
    const listing = parseListing(command("listing", path));
    assert.deepEqual(listing, program.listing, file);
    const host = new Host(listing, program.files, model.config);
    assert.deepEqual([...run(model, host)].map(({ pc, token }) => [pc, token]), trace, file);
    ran += 1;
  }
  t.diagnostic(`${ran} programs ran; ${skipped} of more than 300 steps skipped here: diff --engine-cmd runs them all`);
  assert.ok(ran >= 80);
});

/** The reference VM's trace. A run that traps has exit status 1, but it has a trace too. */
function traceOf(path: string): string {
  try {
    return execFileSync(COMMAND, ["trace", path, "--engine", "vm"], { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26, stdio: "pipe" });
  } catch (error) {
    if (error instanceof Error && "stdout" in error && typeof error.stdout === "string") return error.stdout;
    throw error;
  }
}
