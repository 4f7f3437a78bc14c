// The page "How to write an engine": its example is what this engine computes, and what `wasmformer xray`
// shows.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { loadFolder } from "../src/folder.js";
import type { Instr } from "../src/index.js";
import { command, exported, text, withCommand } from "./common.js";
import { changesBlock, logitsBlock, passOf, rowsBlock, scoresBlock, type Names } from "./traced.js";

/** A line of `wasmformer xray --json`. */
interface XRay {
  row: number;
  embedding: number[];
  logits: number[];
  layers: {
    heads: { name: string; query: number[]; attended: { row: number; score: number } | null; result: number[] }[];
    attention: number[];
    neurons: { name: string; gate: number; value: number }[];
    ffn: number[];
  }[];
}

test("the page's example is what the pass computes, number by number", withCommand, async () => {
  const page = text("engines/writing.md");
  const program = /```wat\n([^]*?)```/.exec(page)?.[1] ?? assert.fail("the page has no program");
  const folder = mkdtempSync(join(tmpdir(), "wasmformer-"));
  try {
    const file = join(folder, "example.wat");
    writeFileSync(file, program);
    const { listing } = JSON.parse(command("listing", file, "--json")) as { listing: Instr[] };
    const model = await loadFolder(exported("byte"));
    const pass = passOf(model, listing, 2);
    const xray = JSON.parse(command("xray", file, "--step", "2", "--json")) as XRay;
    const names: Names = xray.layers.map(({ heads, neurons }) => ({
      heads: heads.map(({ name }) => name),
      neurons: neurons.map(({ name }) => name),
    }));

    assert.equal(pass.rows.length - 1, xray.row);
    assert.deepEqual(pass.logits, xray.logits);
    const stages = [xray.embedding, ...xray.layers.flatMap(({ attention, ffn }) => [attention, ffn])];
    assert.deepEqual(pass.stages.map(({ lanes }) => lanes.slice(0, stages[0]?.length)), stages);
    for (const { layer, head, query, found, total } of pass.heads) {
      const other = xray.layers[layer]?.heads[head];
      assert.deepEqual(query, other?.query);
      assert.deepEqual(total ?? Array.from(found?.value ?? [], (x) => x + 0), other?.result);
      if (found !== undefined) assert.deepEqual([found.row, found.score], [other?.attended?.row, other?.attended?.score]);
    }
    assert.equal(pass.heads.length, xray.layers.flatMap(({ heads }) => heads).length);
    pass.neurons.forEach(({ gates, values }, layer) =>
      xray.layers[layer]?.neurons.forEach(({ gate, value }, index) =>
        assert.deepEqual([gates[index], values[index]], [gate + 0, value + 0]),
      ),
    );

    const head = (name: string): [number, number] => {
      const layer = names.findIndex(({ heads }) => heads.includes(name));
      return [layer, names[layer]?.heads.indexOf(name) ?? -1];
    };
    const blocks = [
      rowsBlock(model, pass),
      scoresBlock(pass, ...head("fetch constant, sum")),
      scoresBlock(pass, ...head("top bits 0, 1")),
      scoresBlock(pass, ...head("local")),
      changesBlock(model, pass, names),
      logitsBlock(pass),
    ];
    for (const block of blocks) {
      assert.ok(page.includes(`\`\`\`text\n${block}\n\`\`\``), `engines/writing.md should show:\n${block}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
