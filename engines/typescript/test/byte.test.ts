// The byte machine: listings, its host, and the suite.

import assert from "node:assert/strict";
import { test } from "node:test";

import { loadFolder } from "../src/folder.js";
import { ByteHost, parseListing, run, show, type Instr } from "../src/index.js";
import { command, exported, programs, withCommand } from "./common.js";

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

test("hosts refuse loops that do not match", withCommand, async () => {
  const { config } = await loadFolder(exported("byte"));
  assert.throws(() => new ByteHost(parseListing("loop"), [], config), /loop without end_loop/);
  assert.throws(() => new ByteHost(parseListing("end_loop"), [], config), /end_loop without loop/);
  assert.throws(() => new ByteHost(parseListing("i32.const 1\nbr_if 0"), [], config), /no enclosing loop/);
});

test("the suite's shorter programs run from their listings as text, with the reference's trace", withCommand, async (t) => {
  const model = await loadFolder(exported("byte"));
  assert.equal(model.parameters, 316_000);
  const ids = new Map([["halt", 257], ["trap", 258]]);
  let [ran, longer] = [0, 0];
  for (const path of programs("corpus/compliance")) {
    const program = JSON.parse(command("listing", path, "--json")) as { listing: Instr[]; files: number[][] };
    const steps = command("trace", path, "--engine", "vm").trimEnd().split("\n").slice(1);
    if (steps.length > 300) {
      longer += 1;
      continue;
    }
    const trace = steps.map((line) => {
      const words = line.trim().split(/\s+/);
      const token = words.at(-2) ?? "";
      return [Number(words[1]), ids.get(token) ?? Number(token)];
    });
    const listing = parseListing(command("listing", path));
    assert.deepEqual(listing, program.listing, path);
    const host = new ByteHost(listing, program.files, model.config);
    const made: number[][] = [];
    for (const token of run(model, host)) made.push([host.pc, token]);
    assert.deepEqual(made, trace, path);
    ran += 1;
  }
  t.diagnostic(`${ran} programs ran; the ${longer} of more than 300 steps are run by engines/typescript/check`);
  assert.ok(ran >= 80);
});
