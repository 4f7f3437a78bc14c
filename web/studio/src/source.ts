// A program as the reader writes it: lines of text and the files' contents. The address holds the program, so
// that it can be shared.

import { check, parseLine, Refusal, show, soFar, TABLE, type Instr } from "../../../engines/typescript/src/index.js";
import type { Example } from "./machine.js";

const FILES = 4;
const CAPACITY = 32;

export interface Source {
  text: string;
  files: number[][];
}

export const EMPTY: Source = { text: "", files: [[], [], [], []] };

/** An error in a source; lines are counted from 1. */
export class SourceError extends Error {
  constructor(
    readonly line: number | undefined,
    reason: string,
  ) {
    super(line === undefined ? reason : `line ${line}: ${reason}`);
  }
}

/**
 * A source as a listing that can be run. A program that is still being written gets a halt, and its loops are
 * closed.
 */
export interface Written {
  listing: Instr[];
  /** The number of the listing's instructions that were written; the others were added. */
  written: number;
}

/** What may have been meant by a line that is not an instruction. */
function hint(text: string): string {
  const [word = "", operand = ""] = text
    .replace(/;;.*/, "")
    .trim()
    .replace(/^\d+\s+/, "")
    .split(/\s+/);
  if (TABLE.some(({ mnemonic }) => mnemonic === word)) {
    const number = operand === "" ? NaN : Number(operand);
    if (!Number.isInteger(number) || /^\d+$/.test(operand)) return "";
    return number < -128 || number > 255 ? "" : `, in decimal: ${operand} is ${number & 255} as a byte`;
  }
  const near = TABLE.map(({ mnemonic }) => ({ mnemonic, distance: distance(word.toLowerCase(), mnemonic) }));
  const [nearest] = near.sort((a, b) => a.distance - b.distance);
  // The type begins most words: of the rest, less than half may differ. i32.foo is no spelling of i32.xor.
  const rest = (nearest?.mnemonic ?? "").replace(/^.*\./, "").length;
  if (nearest !== undefined && nearest.distance <= 2 && 2 * nearest.distance < rest) {
    return `; the nearest instruction is ${nearest.mnemonic}`;
  }
  return MEANT.get(word) ?? "";
}

/** The byte machine's words for what WebAssembly's text format spells otherwise. */
const MEANT = new Map([
  ["end", "; here a loop ends with end_loop"],
  ["call", "; output, halt and the functions on files are instructions here; the Run page takes modules with calls"],
  ["drop", "; a value may stay on the stack"],
  ["block", "; loops are the only blocks; the Run page takes modules with blocks"],
  ["br", "; br_if leaves a loop or goes on with it"],
]);

/** The number of letters to insert, drop, replace or swap with the next one to make one word of the other. */
function distance(a: string, b: string): number {
  let [before, row]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (before[j - 2] as number) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] as number;
}

/** Throws a SourceError if the source is not a program. */
export function compile(source: Source): Written {
  const listing: Instr[] = [];
  const lines: number[] = [];
  source.text.split("\n").forEach((text, index) => {
    try {
      const instr = parseLine(text);
      if (instr === undefined) return;
      listing.push(instr);
      lines.push(index + 1);
    } catch (error) {
      throw new SourceError(index + 1, (error instanceof Error ? error.message : String(error)) + hint(text));
    }
  });
  const whole = soFar(listing);
  try {
    check(whole);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new SourceError(error.pc === undefined ? undefined : lines[error.pc], error.message);
  }
  return { listing: whole, written: listing.length };
}

/** A listing as lines, with indented loop bodies. */
export function listingText(listing: readonly Instr[]): string {
  let depth = 0;
  const line = (instr: Instr): string => {
    const text = show(instr);
    if (text === "end_loop") depth = Math.max(0, depth - 1);
    const indented = "  ".repeat(depth) + text;
    if (text === "loop") depth += 1;
    return indented;
  };
  return listing.map(line).join("\n");
}

/** An example without its final halt, so that instructions can be added. */
export function exampleSource({ listing, files }: Example): Source {
  const end = listing.at(-1);
  const open = end !== undefined && show(end) === "halt" ? listing.slice(0, -1) : listing;
  return { text: listingText(open), files };
}

/** Bytes as text that `parseBytes` reads: quoted text if all bytes are printable, else numbers. */
export function showBytes(bytes: readonly number[]): string {
  const printable = bytes.length > 0 && bytes.every((byte) => byte >= 32 && byte < 127 && byte !== 34);
  return printable ? `"${String.fromCharCode(...bytes)}"` : bytes.join(" ");
}

/** The contents of a file: "text" in quotes, or numbers. Throws an Error that describes what is wrong. */
export function parseBytes(text: string): number[] {
  const quoted = /^\s*"(.*)"\s*$/.exec(text)?.[1];
  const bytes = quoted !== undefined ? [...quoted].map((char) => char.codePointAt(0) ?? 0) : (text.match(/[^\s,]+/g) ?? []).map(Number);
  if (bytes.length > CAPACITY) throw new Error(`${bytes.length} bytes; a file holds at most ${CAPACITY}`);
  const wrong = bytes.find((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255);
  if (wrong !== undefined && quoted !== undefined) {
    throw new Error(`${String.fromCodePoint(wrong)} is not one byte; text in quotes may have characters up to U+00FF`);
  }
  if (wrong !== undefined) throw new Error('bytes are numbers of 0 to 255, as 104 or 0x68; text is written in quotes, "hello"');
  return bytes;
}

/** A source as the part of an address after `#`. */
export function toHash(source: Source): string {
  const fields = new URLSearchParams();
  if (source.text !== "") fields.set("p", source.text);
  source.files.forEach((bytes, file) => {
    if (bytes.length > 0) fields.set(`f${file}`, bytes.join(" "));
  });
  return fields.toString();
}

/** The parts of an address that cannot be read, each with the reason. */
export function faultsIn(hash: string): string[] {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  return Array.from({ length: FILES }, (_, index) => `f${index}`).flatMap((name) => {
    try {
      parseBytes(fields.get(name) ?? "");
      return [];
    } catch (error) {
      return [`${name}=${fields.get(name)}, ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

/** The source in an address; parts that cannot be read are left out. */
export function fromHash(hash: string): Source {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const file = (_: unknown, index: number): number[] => {
    try {
      return parseBytes(fields.get(`f${index}`) ?? "");
    } catch {
      return [];
    }
  };
  return { text: fields.get("p") ?? "", files: Array.from({ length: FILES }, file) };
}
