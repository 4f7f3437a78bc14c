// The command under test, and the studio's files, which `wasmformer studio --export` writes.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { loadModel } from "../../../engines/typescript/src/index.js";
import { Machine, type Example, type Names } from "../src/machine.js";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../../../../..");
export const COMMAND = process.env["WASMFORMER"] ?? join(ROOT, "target/release/wasmformer");

/** The outputs of the command. A run that traps has exit status 1, but it has an output too. */
export function command(words: string[], input = ""): { out: string; err: string } {
  try {
    const out = execFileSync(COMMAND, words, { cwd: ROOT, encoding: "utf8", input, maxBuffer: 1 << 30, stdio: "pipe" });
    return { out, err: "" };
  } catch (error) {
    if (error instanceof Error && "stdout" in error && "stderr" in error) return { out: String(error.stdout), err: String(error.stderr) };
    throw error;
  }
}

/** The machine and examples, from the files that the command writes. */
export function exported(): { machine: Machine; examples: Example[] } {
  const folder = mkdtempSync(join(tmpdir(), "wasmformer-"));
  try {
    command(["studio", "--export", join(folder, "site")]);
    const read = (name: string): Buffer => readFileSync(join(folder, "site/model", name));
    const model = loadModel(read("config.json").toString(), read("model.safetensors"));
    const names = JSON.parse(read("circuit.json").toString()) as Names;
    return { machine: new Machine(model, names), examples: JSON.parse(read("examples.json").toString()) as Example[] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
