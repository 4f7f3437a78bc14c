// What tests share: the command, folders that it exports, and random numbers.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../../..");
const COMMAND = process.env["WASMFORMER"] ?? join(ROOT, "target/release/wasmformer");

/** For tests that need the command. */
export const withCommand = {
  skip: existsSync(COMMAND) ? false : `no ${COMMAND}: build it with cargo, or name it in WASMFORMER`,
};

const options = { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28, stdio: "pipe" } as const;

/**
 * What the command prints. A run that traps or exits has another status than 0, and its output counts too.
 */
export function command(...words: string[]): string {
  try {
    return execFileSync(COMMAND, words, options);
  } catch (error) {
    const isRun = ["run", "trace"].includes(words[0] ?? "");
    if (isRun && error instanceof Error && "stdout" in error && typeof error.stdout === "string") return error.stdout;
    throw error;
  }
}

const folders = new Map<string, string>();

after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A folder with the export of a machine; options of `export` may follow. It is made once a process. */
export function exported(...words: string[]): string {
  const known = folders.get(words.join(" "));
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), "wasmformer-"));
  folders.set(words.join(" "), folder);
  command("export", folder, "--machine", ...words);
  return folder;
}

/** The programs below a folder of the corpus. */
export function programs(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.wa(t|sm)$/.test(name)).sort().map((name) => join(folder, name));
}

/** The text of a file of the repository. */
export const text = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Random integers from 0 up to a limit, the same in each run. */
export function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % limit;
  };
}
