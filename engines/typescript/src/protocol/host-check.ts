// A host that runs beside the harness's host, and must give the same rows.

import { ByteHost, FullHost, Vocabulary, type Host, type Instr, type Model, type Next, type Row } from "../index.js";

/** The rows of a question. */
export interface Rows {
  stores: Next["stores"];
  rows: Row[];
}

/** Rows as text, with the encodings of each row sorted, so that rows of two hosts can be compared. */
function plain({ stores, rows }: Rows): string {
  const sorted = ({ token, positional }: Row): unknown => [token, [...positional].sort(([a], [b]) => a - b)];
  return JSON.stringify([stores.map((row) => [row.store, row.index, sorted(row)]), rows.map(sorted)]);
}

export class HostCheck {
  private readonly host: Host;
  private token: number | undefined;
  /** The answer to a question for input that the harness gave. The protocol does not say the input before. */
  private given = NaN;

  /** `program` is that of the question `begin`. */
  constructor(program: unknown, { config }: Model) {
    if (config.machine === "byte") {
      const { listing, files } = program as { listing: Instr[]; files: number[][] };
      this.host = new ByteHost(listing, files, config);
    } else {
      const { tokens } = program as { tokens: number[] };
      this.host = new FullHost(tokens, new Vocabulary(config), () => this.given, {
        send: () => undefined,
        receive: () => this.given,
      });
    }
  }

  /** Takes note of the network's token. */
  took(token: number): void {
    this.token = token;
  }

  /** Throws an Error if this host would have given other rows. */
  compare(rows: Rows): void {
    if (this.host instanceof FullHost) this.given = answerOf(this.host, rows.rows.at(-1)?.token ?? 0);
    const mine = this.token === undefined ? this.host.begin() : this.host.accept(this.token);
    const [own, given] = [mine && plain(mine), plain(rows)];
    if (own !== given) throw new Error(`this host would have given ${own}, not ${given}`);
  }
}

/** The answer that a token stands for. */
function answerOf({ vocabulary }: FullHost, token: number): number {
  const [family, number] = vocabulary.parts(token);
  return family === "V0" ? number : family === "X0" ? number - 256 : NaN;
}
