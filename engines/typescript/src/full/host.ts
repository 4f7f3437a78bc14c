// The full machine's host: everything that the network does not compute. It gives the prompt, appends each
// token that the network emits, and after a question for input the answer. It reads and keeps nothing else.

import type { Host, Next } from "../network/rows.js";
import type { Vocabulary } from "./vocabulary.js";

/** How a run ended. */
export type FullEnd =
  | { kind: "halt" | "refused" }
  | { kind: "exit"; status: number }
  | { kind: "trap"; name: string }
  /** By a token that only prompts hold. */
  | { kind: "lost"; token: string };

/**
 * What a program gets from a question for input: a byte, −1 at the end, or −2 where it would have to wait.
 */
export type Answer = number;

/** Answers a question. `mayWait` says whether the program waits: it then gets no −2. */
export type Input = (mayWait: boolean) => Answer;

/** Bytes that are all there, as input. */
export function inputOf(bytes: Iterable<number>): Input {
  const iterator = bytes[Symbol.iterator]();
  return () => {
    const { done, value } = iterator.next();
    return done === true ? -1 : value;
  };
}

/** What answers a program's questions to its system, such as the time. */
export interface System {
  /** Takes a byte of a question. */
  send(byte: number): void;
  /** The next byte of the answer to the question that the last bytes are, or −1 at its end. */
  receive(): Answer;
}

/** A system that answers nothing. */
const SILENT: System = { send: () => undefined, receive: () => -1 };

export class FullHost implements Host {
  end: FullEnd | undefined;
  readonly outputs: number[] = [];
  readonly errors: number[] = [];
  /** The bytes of all questions to the system. */
  readonly sent: number[] = [];

  /** `prompt` is what `wasmformer listing --json` prints as `tokens`. */
  constructor(
    readonly prompt: readonly number[],
    readonly vocabulary: Vocabulary,
    private readonly input: Input = inputOf([]),
    private readonly system: System = SILENT,
  ) {}

  begin(): Next {
    return { stores: [], rows: this.prompt.map(rowOf) };
  }

  accept(token: number): Next | undefined {
    const { vocabulary } = this;
    if (vocabulary.goesOn(token)) return { stores: [], rows: [rowOf(token)] };
    const name = vocabulary.name(token);
    const [family, number] = vocabulary.parts(token);
    const rows = [rowOf(token)];
    if (name === "ask") rows.push(rowOf(this.answer(this.input(true), -1)));
    else if (name === "poll") rows.push(rowOf(this.answer(this.input(false), -2)));
    else if (name === "receive") rows.push(rowOf(this.answer(this.system.receive(), -1)));
    else if (family === "send") this.send(number);
    else if (family === "out") this.outputs.push(number);
    else if (family === "err") this.errors.push(number);
    else if (name === "halt" || name === "refused") this.end = { kind: name };
    else if (family === "exit") this.end = { kind: "exit", status: number };
    else if (name.startsWith("trap:")) this.end = { kind: "trap", name: name.slice("trap:".length) };
    else this.end = { kind: "lost", token: name };
    return this.end === undefined ? { stores: [], rows } : undefined;
  }

  private send(byte: number): void {
    this.sent.push(byte);
    this.system.send(byte);
  }

  /** The token of an answer: the value −1 is `X0:255`, and −2 is `X0:254`. */
  private answer(answer: Answer, least: Answer): number {
    const isAnswer = Number.isInteger(answer) && answer <= 255 && answer >= least;
    if (!isAnswer) throw new RangeError(`${answer} is no answer to a question of the program`);
    return this.vocabulary.token(answer >= 0 ? `V0:${answer}` : `X0:${answer + 256}`);
  }
}

const rowOf = (token: number): Next["rows"][number] => ({ token, positional: [] });
