#!/usr/bin/env node
// The steps level of the protocol of engines, for Node:
//
//     wasmformer-engine [--check-host]
//
// With --check-host the host of this package runs beside the harness's host, and every row of the harness
// must be the row that this host would give.

import { createInterface } from "node:readline";

import { digest } from "./protocol/digest.js";
import { HostCheck, type Rows } from "./protocol/host-check.js";
import { loadFolder } from "./folder.js";
import { Session, type Model, type Observer } from "./index.js";

const PROTOCOL = 1;

type Question =
  | { type: "load"; protocol: number; folder: string }
  | ({ type: "begin"; program: unknown; want: string[] } & Rows)
  | ({ type: "next" } & Rows)
  | { type: "end" };

/** A sequence that is being passed. */
interface Sequence {
  session: Session;
  want: string[];
  check: HostCheck | undefined;
}

const say = (message: object): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

/** Passes rows, and says the token with what is wanted of the pass. */
function answer({ session, want, check }: Sequence, rows: Rows): void {
  check?.compare(rows);
  const lanes: number[][] = [];
  const observer: Observer = {
    residual({ part }, x) {
      if (part === "embedding") lanes.length = 0;
      lanes.push(Array.from(x));
    },
  };
  session.pass(rows, want.includes("lanes") ? observer : {});
  const token = session.token();
  check?.took(token);
  const logits = want.includes("logits") || want.includes("digest") ? session.logits() : new Float64Array(0);
  say({
    type: "token",
    token,
    ...(want.includes("logits") ? { logits: Array.from(logits) } : {}),
    ...(want.includes("digest") ? { digest: digest(logits) } : {}),
    ...(want.includes("lanes") ? { lanes } : {}),
  });
}

async function serve(checkHost: boolean): Promise<void> {
  say({ type: "hello", protocol: PROTOCOL, engine: "typescript", logits: true, digest: true, lanes: true });
  let model: Model | undefined;
  let sequence: Sequence | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    // The harness's messages are not checked; the harness checks the answers.
    const question = JSON.parse(line) as Question;
    if (question.type === "load") {
      model = await loadFolder(question.folder);
      say({ type: "loaded" });
    } else if (question.type !== "end") {
      if (model === undefined) throw new Error(`${question.type} before load`);
      if (question.type === "begin") {
        const check = checkHost ? new HostCheck(question.program, model) : undefined;
        sequence = { session: new Session(model), want: question.want, check };
      }
      if (sequence === undefined) throw new Error("next before begin");
      answer(sequence, question);
    }
  }
}

try {
  await serve(process.argv.includes("--check-host"));
} catch (error) {
  say({ type: "error", reason: (error instanceof Error ? error.message : String(error)).slice(0, 1000) });
  process.exitCode = 1;
}
