// The full machine: programs of the corpus by its host, both forms of folders, and what observers see.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { loadFolder } from "../src/folder.js";
import { FullHost, inputOf, run, Session, Vocabulary, type Found, type Model } from "../src/index.js";
import { command, exported, programs, text, withCommand } from "./common.js";

/** Tokens of a prompt, and the input of the program. */
interface Listed {
  tokens: number[];
  input: number[] | string;
}

const listed = (...words: string[]): Listed =>
  JSON.parse(command("listing", "--machine", "full", "--json", ...words)) as Listed;

/** Runs a prompt by the host of this package. */
function made(model: Model, { tokens, input }: Listed): { host: FullHost; tokens: number[] } {
  const host = new FullHost(tokens, new Vocabulary(model.config), inputOf(Buffer.from(input as number[])));
  return { tokens: [...run(model, host)], host };
}

test("programs of the corpus end as the command's runs do, with the same outputs", withCommand, async (t) => {
  const model = await loadFolder(exported("full", "--sparse"));
  let [ran, tokens, asked] = [0, 0, 0];
  for (const path of programs("corpus/full")) {
    const mine = made(model, listed(path));
    if (mine.host.sent.length > 0) {
      asked += 1; // it needs what the command answers for the system, as it is there in engines/typescript/check
      continue;
    }
    // The results of a function follow the outputs, each on a line of its own.
    const said = command("run", path, "--machine", "full");
    const outputs = Buffer.from(mine.host.outputs).toString();
    const rest = mine.host.end?.kind === "halt" ? /^(\n?-?(\d[\d.e-]*|inf|nan\S*)\n)*$/ : /^$/;
    assert.ok(said.startsWith(outputs) && rest.test(said.slice(outputs.length)), `${path}: ${outputs}, not ${said}`);
    [ran, tokens] = [ran + 1, tokens + mine.tokens.length];
  }
  t.diagnostic(`${ran} programs ran, ${tokens} tokens; ${asked} ask the system: engines/typescript/check runs them`);
  assert.ok(ran >= 40);
});

test("a dense folder and a sparse one are the same model", withCommand, async () => {
  const [dense, sparse] = [await loadFolder(exported("full")), await loadFolder(exported("full", "--sparse"))];
  assert.equal(dense.parameters, sparse.parameters);
  assert.equal(dense.weights, sparse.weights);
  assert.ok(sparse.weights > 200_000 && sparse.weights < dense.parameters / 50);
  const matrices = ({ embedding, layers, unembedding }: Model): unknown[] => [
    embedding,
    ...layers.flatMap(({ attention, gate, value, down }) => [...Object.values(attention ?? {}), gate, value, down]),
    unembedding,
  ];
  const parts = (model: Model): unknown[] =>
    matrices(model).map((matrix) => {
      const { starts, at, weights } = matrix as { starts: Int32Array; at: Int32Array; weights: Float64Array };
      return [starts, at, weights];
    });
  assert.deepEqual(parts(dense), parts(sparse));
  const size = (folder: string): number => readFileSync(`${folder}/model.safetensors`).length;
  assert.ok(size(exported("full", "--sparse")) < 5_000_000);
});

test("an observer sees what `wasmformer xray` shows of the full machine", withCommand, async () => {
  const model = await loadFolder(exported("full", "--sparse"));
  const path = "corpus/full/traps/division-by-zero.wat";
  const { tokens } = listed(path);
  interface XRay {
    row: number;
    token: number;
    embedding: number[];
    layers: {
      heads: { query: number[]; attended: { row: number; score: number } | null; result: number[] }[];
      attention: number[];
      neurons: { gate: number; value: number }[];
      ffn: number[];
    }[];
  }
  const session = new Session(model);
  session.pass({ stores: [], rows: tokens.slice(0, -1).map((token) => ({ token, positional: [] })) });
  let row = { token: tokens.at(-1) ?? 0, positional: [] };
  for (const step of [0, 1, 2]) {
    const xray = JSON.parse(command("xray", path, "--machine", "full", "--step", String(step), "--json")) as XRay;
    const stages: number[][] = [];
    const plain = (numbers: Float64Array): number[] => Array.from(numbers, (x) => x + 0);
    const check = (layer: number, head: number, query: Float64Array, found?: Found, total?: Float64Array): void => {
      const other = xray.layers[layer]?.heads[head];
      assert.deepEqual(plain(query), other?.query, `step ${step}, layer ${layer}, head ${head}`);
      assert.deepEqual(plain(total ?? found?.value ?? query), other?.result);
      if (found !== undefined) assert.deepEqual([found.row, found.score + 0], [other?.attended?.row, other?.attended?.score]);
    };
    session.pass(
      { stores: [], rows: [row] },
      {
        residual: (_, lanes) => stages.push(plain(lanes)),
        attended: check,
        summed: (layer, head, total) => check(layer, head, new Float64Array(0), undefined, total),
        neurons: (layer, gates, values) =>
          xray.layers[layer]?.neurons.forEach(({ gate, value }, index) =>
            assert.deepEqual([gates[index], values[index]], [gate + 0, value + 0]),
          ),
      },
    );
    const shown = [xray.embedding, ...xray.layers.flatMap(({ attention, ffn }) => [attention, ffn])];
    assert.deepEqual(stages.map((lanes) => lanes.slice(0, shown[0]?.length)), shown);
    assert.equal(session.token(), xray.token);
    row = { token: xray.token, positional: [] };
  }
});

test("the tokens that the page on engines reads are those of the addition", withCommand, async () => {
  const model = await loadFolder(exported("full", "--sparse"));
  const page = text("engines/writing.md");
  const [, body] = /Adding 2 and 3 by `([^`]*)`/.exec(page) ?? assert.fail("the page has no addition");
  const shown = /```text\n(V0:2 [^`]*)\n```/.exec(page)?.[1];
  const file = join(exported("full", "--sparse"), "addition.wat");
  writeFileSync(file, `(module ${body?.replace("(func", '(func (export "add")')})`);
  const mine = made(model, listed(file, "--invoke", "add", "2", "3"));
  assert.equal(mine.tokens.map((token) => mine.host.vocabulary.name(token)).join(" "), shown);
  assert.deepEqual(mine.host.end, { kind: "halt" });
});
