// The names of tokens, in the spelling of `wasmformer listing`: `V0:12`, `local.get`, `trap:unreachable`.
// They are data of the model's folder.

import type { Config } from "../network/config.js";

/** The families of values, jumps, calls and returns. */
const PLAIN = /^([VX]\d|J[+-]\d|F|U):\d+$/;

export class Vocabulary {
  /** The tokens' names, by identifier. */
  private readonly names: readonly string[];
  private readonly ids: Map<string, number>;
  /** Per token, 1 if a run only goes on after it. */
  private readonly plain: Uint8Array;

  /** Throws an Error if the config does not name its tokens. */
  constructor({ tokenFamilies, vocabSize }: Config) {
    const all: string[] = [];
    for (const { first, count, prefix, names } of tokenFamilies) {
      if (first !== all.length) throw new Error(`config.json: the tokens from ${all.length} to ${first} have no names`);
      all.push(...(names ?? Array.from({ length: count }, (_, number) => `${prefix ?? ""}${number}`)));
    }
    if (all.length !== vocabSize) throw new Error(`config.json: ${all.length} of ${vocabSize} tokens have names`);
    this.names = all;
    this.ids = new Map(all.map((name, id) => [name, id]));
    this.plain = Uint8Array.from(all, (name) => Number(name === "step" || PLAIN.test(name)));
  }

  /** The name of a token. */
  name(token: number): string {
    return this.names[token] ?? `token ${token}`;
  }

  /** The token of a name. Throws an Error if there is none. */
  token(name: string): number {
    const id = this.ids.get(name);
    if (id === undefined) throw new Error(`config.json: names no token ${name}`);
    return id;
  }

  /** Whether it is a value, a jump, a call, a return or a step, after which a run goes on. */
  goesOn(token: number): boolean {
    return this.plain[token] === 1;
  }

  /** The family of a token and its number in it: of `V0:12`, "V0" and 12. */
  parts(token: number): readonly [family: string, number: number] {
    const name = this.name(token);
    const colon = name.lastIndexOf(":");
    return [name.slice(0, colon), Number(name.slice(colon + 1))];
  }
}
