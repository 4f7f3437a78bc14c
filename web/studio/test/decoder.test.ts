// The decoder of the Run page, without a browser: steps and states from the network's tokens, against the
// reference VM in Rust.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { FullHost, inputOf, loadModel, Session, Vocabulary } from "../../../engines/typescript/src/index.js";
import { Tokens } from "../src/full/decoder.js";
import type { Described } from "../src/full/described.js";
import { frames } from "../src/full/stack-view.js";
import { Tape } from "../src/full/tape.js";
import { hex, show } from "../src/full/value.js";
import { COMMAND, command, ROOT } from "./command.js";

const skip = existsSync(COMMAND) ? false : `no ${COMMAND}: build it with cargo, or name it in WASMFORMER`;
const PROGRAMS = ["programs/fibonacci.wat", "programs/sieve.wasm", "programs/collatz.wasm", "full/features/input-to-its-end.wat"];

test("steps, calls, locals, operands, memory and outputs are the reference VM's", { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "wasmformer-"));
  t.after(() => rmSync(folder, { recursive: true }));
  command(["studio", "--export", join(folder, "site")]);
  const read = (name: string): Buffer => readFileSync(join(folder, "site/model/full", name));
  const model = loadModel(read("config.json").toString(), read("model.safetensors"));
  const vocabulary = new Vocabulary(model.config);
  const tokens = new Tokens(vocabulary, model.config.vocabSize);
  for (const path of PROGRAMS) {
    const program = JSON.parse(read(`programs/${path.slice(path.lastIndexOf("/") + 1)}.json`).toString()) as Described;
    const host = new FullHost(program.tokens, vocabulary, inputOf(program.input));
    const session = new Session(model);
    const tape = new Tape(program, tokens);
    let next = host.begin();
    for (;;) {
      session.pass(next);
      const token = session.token();
      const accepted = host.accept(token);
      tape.take(accepted?.rows.map((row) => row.token) ?? [token]);
      if (accepted === undefined) break;
      next = accepted;
    }
    const file = join(ROOT, "corpus", path);
    const lines = command(["trace", file, "--engine", "vm"]).out.trimEnd().split("\n").slice(1);
    assert.equal(tape.length, lines.length, path);
    lines.forEach((line, step) => assert.equal(tape.pc(step), Number(line.slice(8, 16)), `${path}, step ${step}`));
    // Backwards, so that states are made from those kept on the way.
    const sampled = Array.from({ length: 25 }, (_, index) => Math.floor(((25 - index - 0.5) * lines.length) / 25));
    const states = command(["trace", file, "--at", sampled.join(",")]).out.trimEnd().split("\n");
    const byStep = new Map(states.map((line) => [(JSON.parse(line) as { step: number }).step, line]));
    for (const step of sampled) {
      const expected = JSON.parse(byStep.get(step) ?? "null") as {
        pc: number;
        calls: { function: string; locals: string[]; operands: string[] }[];
        memory: [number, string][];
        outputs: number[];
      };
      const state = tape.before(step);
      const calls = frames(program, state, program.code[tape.pc(step)]?.h ?? 0).map(({ name, locals, operands }) => ({
        function: name,
        locals: locals.map(({ type, value }) => show(value, type)),
        operands: operands.map(hex),
      }));
      assert.deepEqual(calls, expected.calls, `${path}, step ${step}`);
      const memory = [...state.written()].map(([address, byte]) => `${address}:${byte}`);
      const bytes = expected.memory.flatMap(([from, run]) => (run.match(/../g) ?? []).map((byte, i) => `${from + i}:${parseInt(byte, 16)}`));
      assert.deepEqual(memory, bytes, `${path}, step ${step}`);
      assert.deepEqual(
        tape.outputBefore(step).map(({ byte }) => byte),
        expected.outputs,
      );
    }
    t.diagnostic(`${path}: ${tape.length} steps in ${tape.rows.length} tokens`);
  }
});
