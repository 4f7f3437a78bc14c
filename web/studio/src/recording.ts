// A run of a program on the network, which can be examined at any step, and the run of the reference VM for
// comparison.

import {
  ByteHost,
  Session,
  Vm,
  show,
  type ByteEnd,
  type Instr,
  type Next,
  type Row,
  type Trap,
} from "../../../engines/typescript/src/index.js";
import type { Machine } from "./machine.js";
import { expose, type Pass, type XRay } from "./xray.js";

/**
 * The number of steps after which a page stops recording. Each step keeps its row, so that its pass can be
 * repeated.
 */
export const LIMIT = 200_000;

/** The first step at which the network and the reference VM differ. */
export interface Difference {
  step: number;
  network: string;
  vm: string;
}

/** How a run ended, in the words of the terminal REPL. */
export function ending({ end, trap }: { end: ByteEnd | undefined; trap: Trap | undefined }): string | undefined {
  return end === "trap" && trap !== undefined ? `trap: ${trap}` : end;
}

/** A run that is made step by step. */
export class Recording {
  readonly pcs: number[] = [];
  readonly tokens: number[] = [];
  readonly host: ByteHost;
  readonly vm: Vm;
  difference: Difference | undefined;
  /** The number of rows before the row that executes step 0. */
  readonly before: number;
  /** The number of executions of each pc, and the latest token there. */
  readonly visits = new Map<number, { count: number; token: number }>();
  private readonly session: Session;
  private readonly rows: Row[] = [];
  private next: Next | undefined;

  constructor(
    readonly machine: Machine,
    readonly listing: readonly Instr[],
    readonly files: readonly (readonly number[])[],
  ) {
    this.host = new ByteHost(listing, files, machine.model.config);
    this.vm = new Vm(listing, files);
    this.session = new Session(machine.model, { history: true });
    this.next = this.host.begin();
    this.before = this.next.rows.length - 1;
  }

  /** The number of steps made so far. */
  get length(): number {
    return this.pcs.length;
  }

  /** How the run ended; `undefined` before the end. */
  get end(): ByteEnd | undefined {
    return this.host.end;
  }

  /** Makes one step: one forward pass, or for the first step one pass per row of the prompt. */
  step(): void {
    if (this.next === undefined) return;
    this.rows.push(this.next.rows.at(-1) as Row);
    this.session.pass(this.next);
    const token = this.session.token();
    const pc = this.host.pc;
    const count = (this.visits.get(pc)?.count ?? 0) + 1;
    this.visits.set(pc, { count, token });
    this.pcs.push(pc);
    this.tokens.push(token);
    this.compare(pc, token);
    this.next = this.host.accept(token);
  }

  /**
   * Makes steps until the run ends, the limit of steps is reached, or the time `until` (of performance.now)
   * is over.
   */
  advance(until: number, limit: number): void {
    for (let i = 1; this.end === undefined && this.length < limit; i += 1) {
      this.step();
      if (i % 16 === 0 && performance.now() > until) return;
    }
  }

  private compare(pc: number, token: number): void {
    const vm = this.vm.step();
    if (this.difference !== undefined) return;
    const [network, other] = [this.nameOf(token), String(vm?.report ?? "the end")];
    if (vm === undefined || vm.pc !== pc || network !== other) {
      this.difference = { step: this.length - 1, network: `${network} at pc ${pc}`, vm: `${other} at pc ${vm?.pc ?? "none"}` };
    }
  }

  /** A token as text: a byte, or the name of a special token. */
  nameOf(token: number): string {
    if (token < 256) return String(token);
    for (const [name, id] of this.machine.model.config.specialTokens) if (id === token) return name;
    return `token ${token}`;
  }

  /** The instruction of a step as text. */
  instruction(step: number): string {
    return show(this.listing[this.pcs[step] as number] as Instr);
  }

  /** The bytes that were output before a step. */
  outputsBefore(step: number): number[] {
    return this.tokens.slice(0, step).filter((_, index) => this.instruction(index) === "output");
  }

  /** The X-ray of a step, from a repeated forward pass, and the sequence up to the step's row. */
  examine(step: number): { xray: XRay; session: Session } {
    const session = this.session.rewound(this.before + step);
    const row = this.rows[step];
    if (row === undefined) throw new RangeError(`there is no step ${step}`);
    const pass = expose(this.machine, session, row);
    const [pc, token] = [this.pcs[step] as number, this.tokens[step] as number];
    return { xray: { step, row: this.before + step, pc, instruction: this.instruction(step), token, ...pass }, session };
  }

  /**
   * The network after the steps made so far: at the next row; or, if the run has ended, at the last row,
   * because the step that ends a run changes no state.
   */
  latest(): { pass: Pass; session: Session } {
    if (this.next === undefined) {
      const { xray, session } = this.examine(this.length - 1);
      return { pass: xray, session };
    }
    const session = this.session.rewound(this.before + this.length);
    for (const row of this.next.stores) session.writeStore(row);
    return { pass: expose(this.machine, session, this.next.rows.at(-1) as Row), session };
  }

  /** The description of a row of the sequence. */
  place(row: number): string {
    if (row > this.before) return `step ${row - this.before - 1}'s token`;
    if (row === 0) return "start";
    const pc = Math.floor((row - 1) / 2);
    const instr = this.listing[pc];
    const text = instr === undefined ? "" : show(instr);
    return row % 2 === 1 ? `opcode at pc ${pc}, ${text}` : `operand at pc ${pc}, ${text}`;
  }
}
