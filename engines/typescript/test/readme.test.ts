// The examples of the README print what it says, when the package is used by its name.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { command, exported, ROOT, text, withCommand } from "./common.js";

test("the README's examples print what it shows", withCommand, () => {
  const readme = text("engines/typescript/README.md");
  const examples = [...readme.matchAll(/```js\n([^]*?)```\n\n```text\n([^]*?)```/g)];
  assert.equal(examples.length, 3);
  const folder = mkdtempSync(join(tmpdir(), "wasmformer-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(join(ROOT, "engines/typescript"), join(folder, "node_modules/wasmformer-engine"));
    for (const machine of ["byte", "full"]) symlinkSync(exported(machine, "--sparse"), join(folder, machine));
    const hello = command("listing", "corpus/programs/wasi/hello.wasm", "--machine", "full", "--json");
    writeFileSync(join(folder, "prompt.json"), hello);
    for (const [, code = "", shown] of examples) {
      writeFileSync(join(folder, "example.mjs"), code);
      const printed = execFileSync(process.execPath, ["example.mjs"], { cwd: folder, encoding: "utf8" });
      assert.equal(printed, shown, `the README should show:\n${printed}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the package has the repository's licence", () => {
  assert.equal(text("engines/typescript/LICENSE"), text("LICENSE"));
});
