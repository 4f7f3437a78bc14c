// The engine protocol of engines/README.md, for Node:
//
//     node engines/typescript/dist/src/protocol.js [--check-host]
//
// With --check-host the host of this package runs beside the harness's host, and every row of the harness must be the
// row that this host would give.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { argmax, Host, loadModel, Session, type Instr, type Model, type Next, type Row } from "./index.js";

const PROTOCOL = 1;

interface Rows {
  stores: Next["stores"];
  rows: Row[];
}

type Question =
  | { type: "load"; protocol: number; folder: string }
  | ({ type: "begin"; program: { listing: Instr[]; files: number[][] }; want: string[] } & Rows)
  | ({ type: "next" } & Rows)
  | { type: "end" };

const say = (message: object): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

/** A host's rows as text, with the encodings of each row sorted, so that rows of two hosts can be compared. */
const plain = ({ stores, rows }: Next): string => {
  const sorted = ({ token, positional }: Row): unknown => [token, [...positional].sort(([a], [b]) => a - b)];
  return JSON.stringify([stores.map((row) => [row.store, row.index, sorted(row)]), rows.map(sorted)]);
};

async function load(folder: string): Promise<Model> {
  const [config, weights] = await Promise.all([readFile(join(folder, "config.json"), "utf8"), readFile(join(folder, "model.safetensors"))]);
  return loadModel(config, weights);
}

async function serve(checkHost: boolean): Promise<void> {
  say({ type: "hello", protocol: PROTOCOL, engine: "typescript", logits: true, lanes: true });
  let model: Model | undefined;
  let session: Session | undefined;
  let host: Host | undefined;
  let mine: Next | undefined;
  let want: string[] = [];
  for await (const line of createInterface({ input: process.stdin })) {
    // The harness's messages are not checked; the harness checks the answers.
    const question = JSON.parse(line) as Question;
    if (question.type === "load") {
      try {
        model = await load(question.folder);
      } catch (error) {
        say({ type: "error", reason: error instanceof Error ? error.message : String(error) });
        return;
      }
      say({ type: "loaded" });
      continue;
    }
    if (question.type === "end") continue;
    if (model === undefined) throw new Error(`${question.type} before load`);
    if (question.type === "begin") {
      session = new Session(model);
      want = question.want;
      if (checkHost) {
        host = new Host(question.program.listing, question.program.files, model.config);
        mine = host.begin();
      }
    }
    if (session === undefined) throw new Error("next before begin");
    if (host !== undefined && (mine === undefined || plain(mine) !== plain(question))) {
      say({ type: "error", reason: `this host would have given ${mine && plain(mine)}, not ${plain(question)}`.slice(0, 1000) });
      return;
    }
    const lanes: Float32Array[] = [];
    const observer = {
      residual: ({ part }: { part: string }, x: Float32Array): void => {
        if (part === "embedding") lanes.length = 0;
        lanes.push(x.slice());
      },
    };
    const logits = session.logits(question, want.includes("lanes") ? observer : {});
    const token = argmax(logits);
    say({
      type: "token",
      token,
      ...(want.includes("logits") ? { logits: Array.from(logits) } : {}),
      ...(want.includes("lanes") ? { lanes: lanes.map((x) => Array.from(x)) } : {}),
    });
    mine = host?.accept(token);
  }
}

await serve(process.argv.includes("--check-host"));
