// A stack VM in plain TypeScript: the reference VM (src/byte/vm/mod.rs) written again, for comparison with
// the network in a page. It shares no code with the network or its host; a test compares its traces with
// those of the VM in Rust.

import { show, type Instr } from "./isa.js";
import type { Trap } from "./profile.js";

const CELLS = 511;
const CAPACITY = 32;
const ITERATIONS = 256;

/** The report of a step: a byte, or how the run ends. */
export type Report = number | "halt" | "trap";

const BINARY: Readonly<Record<string, (second: number, top: number) => number>> = {
  "i32.add": (a, b) => (a + b) & 255,
  "i32.sub": (a, b) => (a - b) & 255,
  "i32.mul": (a, b) => (a * b) & 255,
  "i32.and": (a, b) => a & b,
  "i32.or": (a, b) => a | b,
  "i32.eq": (a, b) => Number(a === b),
  "i32.ne": (a, b) => Number(a !== b),
  "i32.lt_s": (a, b) => Number(a < b),
  "i32.gt_s": (a, b) => Number(a > b),
  "i32.le_s": (a, b) => Number(a <= b),
  "i32.ge_s": (a, b) => Number(a >= b),
};

/** A run of a program. The listing must be one that `check` accepts. */
export class Vm {
  pc = 0;
  /** How the run ended; `undefined` before the end. */
  end: "halt" | "trap" | undefined;
  /** Why the run trapped; `undefined` if it did not. */
  trap: Trap | undefined;
  readonly stack: number[] = [];
  readonly locals: number[] = new Array<number>(256).fill(0);
  readonly memory: number[] = new Array<number>(CELLS).fill(0);
  readonly outputs: number[] = [];
  readonly files: number[][];
  private readonly cursors: (number | undefined)[] = [];
  private readonly code: readonly (readonly [mnemonic: string, arg: number])[];
  private readonly iterations = new Map<number, number>();
  private readonly targets = new Map<number, number>();
  private exhausted = false;

  constructor(listing: readonly Instr[], files: readonly (readonly number[])[]) {
    this.code = listing.map((instr) => [show(instr).split(" ")[0] ?? "", instr[1]]);
    this.files = [0, 1, 2, 3].map((file) => [...(files[file] ?? [])]);
    const open: number[] = [];
    this.code.forEach(([mnemonic, arg], pc) => {
      if (mnemonic === "loop") open.push(pc);
      if (mnemonic === "end_loop") open.pop();
      if (mnemonic === "br_if") this.targets.set(pc, open.at(-1 - arg) ?? 0);
    });
    this.passMarkers();
  }

  /** Executes one instruction. Returns `undefined` after the end of the run. */
  step(): { pc: number; report: Report } | undefined {
    if (this.end !== undefined) return undefined;
    const pc = this.pc;
    const [mnemonic, arg] = this.code[pc] ?? ["halt", 0];
    this.pc += 1;
    const report = this.exhausted ? this.fail("too many iterations of a loop") : this.execute(mnemonic, arg, pc);
    if (typeof report === "string") this.end = report;
    else this.passMarkers();
    return { pc, report };
  }

  /** Moves to the next instruction that takes a step. A loop marker on the way enters its loop anew. */
  private passMarkers(): void {
    for (;;) {
      const mnemonic = this.code[this.pc]?.[0];
      if (mnemonic === "loop") this.iterations.set(this.pc, 1);
      else if (mnemonic !== "end_loop") return;
      this.pc += 1;
    }
  }

  private fail(trap: Trap): Report {
    this.trap = trap;
    return "trap";
  }

  private pop(): number {
    return this.stack.pop() ?? 0;
  }

  private push(value: number): number {
    this.stack.push(value);
    return value;
  }

  private execute(mnemonic: string, arg: number, pc: number): Report {
    const binary = BINARY[mnemonic];
    if (binary !== undefined) {
      const [top, second] = [this.pop(), this.pop()];
      return this.push(binary(second, top));
    }
    switch (mnemonic) {
      case "i32.const":
        return this.push(arg);
      case "i32.load":
        return this.push(this.memory[this.pop() + arg] ?? 0);
      case "i32.store": {
        const value = this.pop();
        this.memory[this.pop() + arg] = value;
        return value;
      }
      case "local.get":
        return this.push(this.locals[arg] ?? 0);
      case "local.set":
        return (this.locals[arg] = this.pop());
      case "local.tee":
        return this.push((this.locals[arg] = this.pop()));
      case "fd_open": {
        const file = this.pop();
        this.cursors[file] = 0;
        return this.push(file);
      }
      case "fd_read": {
        const file = this.stack.at(-1) ?? 0;
        const [cursor, contents] = [this.cursors[file], this.files[file] ?? []];
        if (cursor === undefined) return this.fail("read or write on a closed descriptor"); // and the operands stay
        this.pop();
        this.cursors[file] = Math.min(cursor + 1, contents.length);
        return this.push(contents[cursor] ?? 0);
      }
      case "fd_write": {
        const file = this.stack.at(-1) ?? 0;
        const [cursor, contents] = [this.cursors[file], this.files[file] ?? []];
        if (cursor === undefined) return this.fail("read or write on a closed descriptor");
        if (cursor === CAPACITY) return this.fail("write past the capacity of a file");
        this.pop();
        const byte = this.pop();
        contents[cursor] = byte;
        this.cursors[file] = cursor + 1;
        return byte;
      }
      case "fd_close": {
        const file = this.pop();
        this.cursors[file] = undefined;
        return file;
      }
      case "br_if": {
        const condition = this.pop();
        if (condition !== 0) {
          const target = this.targets.get(pc) ?? 0;
          const count = (this.iterations.get(target) ?? 0) + 1;
          this.iterations.set(target, count);
          this.exhausted = count > ITERATIONS;
          this.pc = target + 1;
        }
        return condition;
      }
      case "output": {
        const value = this.pop();
        this.outputs.push(value);
        return value;
      }
      default:
        return "halt";
    }
  }
}
