// From the tokens of a run to its steps and its state, as src/full/machine/decode.rs does it. A token gives
// the value that is written, and the listing gives the slot or address. Nothing goes back to the network.

import type { Vocabulary } from "../../../../engines/typescript/src/index.js";
import { FIRST_PC, RADIX, type Described, type Line } from "./described.js";
import type { CallInProgress, Slot, State } from "./state.js";

/** What kind of token it is. */
const enum Kind {
  Byte,
  Ones,
  Forward,
  Back,
  Enter,
  Leave,
  Output,
  Error,
  Send,
  Step,
  Question,
  End,
  Trap,
  Other,
}

/** The kinds, places and numbers of all tokens. */
export class Tokens {
  readonly kinds: Uint8Array;
  readonly places: Uint8Array;
  readonly numbers: Uint16Array;

  constructor(vocabulary: Vocabulary, count: number) {
    [this.kinds, this.places, this.numbers] = [new Uint8Array(count), new Uint8Array(count), new Uint16Array(count)];
    for (let token = 0; token < count; token += 1) {
      const [family, number] = vocabulary.parts(token);
      this.kinds[token] = kindOf(family, vocabulary.name(token));
      this.places[token] = /\d$/.test(family) ? Number(family.at(-1)) : 0;
      this.numbers[token] = number;
    }
  }
}

function kindOf(family: string, name: string): Kind {
  if (/^V\d$/.test(family)) return Kind.Byte;
  if (/^X\d$/.test(family)) return Kind.Ones;
  if (/^J\+\d$/.test(family)) return Kind.Forward;
  if (/^J-\d$/.test(family)) return Kind.Back;
  if (["ask", "poll", "receive"].includes(name)) return Kind.Question;
  if (name === "halt" || name === "refused" || family === "exit") return Kind.End;
  if (name.startsWith("trap:")) return Kind.Trap;
  const kinds: Record<string, Kind> = { F: Kind.Enter, U: Kind.Leave, out: Kind.Output, err: Kind.Error, send: Kind.Send };
  return name === "step" ? Kind.Step : (kinds[family] ?? Kind.Other);
}

/** What a step wrote. */
export type Effect =
  | { kind: "push" | "none" }
  | { kind: "local" | "global"; index: number }
  | { kind: "memory"; address: number; width: number }
  | { kind: "out" | "err" | "send"; byte: number };

/** An instruction of the program in progress. */
interface Current {
  pc: number;
  frame: number;
  height: number;
  after: number;
}

/** The function of a call whose jump is not complete. */
const UNKNOWN = -2;

export class Decoder {
  pc = FIRST_PC;
  /** The number of steps completed. */
  steps = 0;
  ended = false;
  private frame = 0;
  private low = 0;
  private high = 0;
  private isBegun = false;
  private isJumping = false;
  private current: Current | undefined;
  private last = 0;
  private readonly entries: ReadonlyMap<number, number>;

  /** `completed` is told each step that a token completes. */
  constructor(
    private readonly program: Described,
    private readonly tokens: Tokens,
    readonly state: State,
    private readonly completed: (pc: number, effect: Effect) => void,
  ) {
    this.entries = new Map(program.functions.map(({ line }, index) => [line, index]));
  }

  /** A decoder that goes on from here by itself. */
  copy(completed: (pc: number, effect: Effect) => void): Decoder {
    const copy = new Decoder(this.program, this.tokens, this.state.copy(), completed);
    const { pc, steps, ended, frame, low, high, isBegun, isJumping, current, last } = this;
    return Object.assign(copy, { pc, steps, ended, frame, low, high, isBegun, isJumping, last, current: current && { ...current } });
  }

  /** The pc of the instruction in progress; −1 before the first. */
  get running(): number {
    return this.current?.pc ?? -1;
  }

  /** Takes the next row after the prompt: a token that was emitted, or an answer. */
  take(token: number): void {
    const [place, number] = [this.tokens.places[token] as number, this.tokens.numbers[token] as number];
    if (!this.isJumping) this.compare(this.tokens.kinds[token] !== Kind.Step);
    this.isJumping = false;
    switch (this.tokens.kinds[token] as Kind) {
      case Kind.Byte:
      case Kind.Ones:
        return this.byte(this.tokens.kinds[token] === Kind.Ones, place, number);
      case Kind.Forward:
        return place === 0 ? this.arrive(this.pc + number) : this.jump(number * RADIX);
      case Kind.Back:
        return place === 0 ? this.arrive(this.pc - number) : this.jump(-number * RADIX);
      case Kind.Enter:
        this.frame += number;
        this.state.calls.push({ function: UNKNOWN, frame: this.frame });
        return;
      case Kind.Leave:
        this.frame -= number;
        this.state.calls.pop();
        return;
      case Kind.Output:
      case Kind.Error:
      case Kind.Send:
        this.last = number;
        return this.arrive(this.pc + 1);
      case Kind.Step:
        return this.arrive(this.pc + 1);
      case Kind.Question:
        return;
      case Kind.End:
        this.complete(true);
        this.ended = true;
        return;
      case Kind.Trap:
        // A step that traps has no effect.
        this.complete(false);
        this.ended = true;
        return;
      case Kind.Other:
        this.ended = true;
    }
  }

  private jump(by: number): void {
    this.pc += by;
    this.isJumping = true;
  }

  /**
   * The step of a comparison whose line branches on it: the line's first token says whether the branch is
   * taken. From then on, the branch is in progress.
   */
  private compare(isTaken: boolean): void {
    const { current } = this;
    const branch = this.program.lines[this.pc - FIRST_PC]?.a;
    const name = branch === undefined ? undefined : this.program.code[branch]?.x.split(" ")[0];
    if (current === undefined || branch === undefined || (name !== "br_if" && name !== "if")) return;
    const result = isTaken === (name === "br_if") ? 1 : 0;
    current.height += 1 - (this.program.code[current.pc]?.n ?? 0);
    this.state.put(current.frame + current.height, { low: result, high: 0, bits: 32, writer: this.steps });
    this.tell(current.pc, { kind: "push" });
    current.pc = branch;
  }

  private byte(isOnes: boolean, place: number, number: number): void {
    if (!this.isBegun) {
      this.low = isOnes ? (place >= 3 ? 0 : -1 << (8 * (place + 1))) : 0;
      this.high = isOnes ? (place < 4 ? -1 : place === 7 ? 0 : -1 << (8 * (place - 3))) : 0;
      this.isBegun = true;
    }
    if (place < 4) this.low = (this.low + (number << (8 * place))) | 0;
    else this.high = (this.high + (number << (8 * (place - 4)))) | 0;
    if (place > 0) return;
    this.isBegun = false;
    const line = this.program.lines[this.pc - FIRST_PC];
    if (line !== undefined) this.write(line);
    this.arrive(this.pc + 1);
  }

  private slotOf(slot: number): number {
    return slot < 0 ? -slot : this.frame + slot;
  }

  private write(line: Line): void {
    const bits = line.t === 0 ? this.state.slot(this.slotOf(line.s ?? line.w)).bits : line.t;
    const writer = this.current === undefined ? -1 : this.steps;
    const value: Slot = { low: this.low, high: this.high, bits, writer };
    this.state.put(this.slotOf(line.w), value);
    if (line.r !== undefined) this.state.put(this.slotOf(line.r), value);
    if (this.current !== undefined && line.a !== undefined) this.current.after = line.a;
  }

  /** Goes on at a pc. If an instruction of the program begins there, the one before is complete. */
  private arrive(pc: number): void {
    this.pc = pc;
    const call = this.state.calls.at(-1);
    if (call?.function === UNKNOWN) this.enter(call, pc);
    const line = this.program.lines[pc - FIRST_PC];
    if (line === undefined || (line.b === undefined && line.f === undefined)) return;
    this.complete(true);
    for (const passed of line.f ?? []) this.pass(passed);
    this.current = line.b === undefined ? undefined : { pc: line.b, frame: this.frame, height: line.h, after: -1 };
  }

  /**
   * A call has come to its function. Locals that the function may read before it sets them are set to 0 next;
   * of the others, which are 0 in WebAssembly, the slots still hold what earlier calls have left.
   */
  private enter(call: CallInProgress, pc: number): void {
    call.function = this.entries.get(pc) ?? -1;
    const { params = 0, locals = [] } = this.program.functions[call.function] ?? {};
    for (let local = params; local < locals.length; local += 1) this.state.clear(call.frame + 1 + local);
  }

  /** The step of an instruction that has no line: it fetches a value, or is the sum of an address. */
  private pass(pc: number): void {
    const code = this.program.code[pc];
    if (code === undefined) return;
    const top = this.frame + code.h;
    const isSum = code.x === "i32.add";
    const constant = code.v;
    let value: Slot | undefined = constant && { low: constant[1] | 0, high: constant[2] | 0, bits: constant[0].endsWith("64") ? 64 : 32, writer: -1 };
    if (code.s !== undefined) value = this.state.slot(this.slotOf(code.s));
    if (isSum) value = { low: (this.state.slot(top - 1).low + this.state.slot(top).low) | 0, high: 0, bits: 32, writer: -1 };
    if (value !== undefined) this.state.put(isSum ? top - 1 : top + 1, { ...value, writer: this.steps });
    this.tell(pc, { kind: value === undefined ? "none" : "push" });
  }

  private tell(pc: number, effect: Effect): void {
    this.completed(pc, effect);
    this.steps += 1;
  }

  /** Completes the instruction in progress, and the one that was merged into its line. */
  private complete(hasEffect: boolean): void {
    const { current } = this;
    this.current = undefined;
    if (current === undefined) return;
    this.tell(current.pc, hasEffect ? this.effect(current.pc, current) : { kind: "none" });
    if (hasEffect && current.after >= 0) this.tell(current.after, this.effect(current.after, current));
  }

  private effect(pc: number, { frame, height }: Current): Effect {
    const { state } = this;
    const code = this.program.code[pc];
    const top = frame + height;
    switch (code?.w) {
      case "grow": {
        const before = state.slot(top);
        if (before.low >= 0) state.length = state.slot(top + 1).low;
        return { kind: "push" };
      }
      case "push":
        return { kind: "push" };
      case "local":
        return { kind: "local", index: code.n };
      case "global":
        state.globals[code.n] = { ...state.slot(1 + code.n), writer: this.steps };
        return { kind: "global", index: code.n };
      case "memory": {
        const [address, value] = [(state.slot(top - 1).low >>> 0) + code.n, state.slot(top)];
        const width = code.l ?? 0;
        for (let i = 0; i < width; i += 1) {
          state.store(address + i, ((i < 4 ? value.low : value.high) >>> (8 * (i % 4))) & 255, this.steps);
        }
        state.stored = { address, width };
        return { kind: "memory", address, width };
      }
      case "out":
      case "err":
      case "send":
        return { kind: code.w, byte: this.last };
      default:
        return { kind: "none" };
    }
  }
}
