// Where a run stands, in words.

import { h } from "../dom.js";
import type { Progress } from "./runner.js";
import type { Tape } from "./tape.js";

/** How far a run is, how fast it is, and how it ended. */
export function standing(progress: Progress, tape: Tape): (string | Node)[] {
  const prompt = tape.program.tokens.length;
  const rate = Math.round((1000 * (progress.prompted + tape.rows.length)) / Math.max(1, progress.took));
  if (progress.status === "prompt") return [`The network reads the prompt: ${progress.prompted.toLocaleString("en")} of ${prompt.toLocaleString("en")} tokens.`];
  const made = `${tape.length.toLocaleString("en")} instructions in ${tape.rows.length.toLocaleString("en")} tokens, each a forward pass in this page; ${rate.toLocaleString("en")} passes per second.`;
  const { end } = progress;
  const ends =
    end === undefined
      ? { prompt: "", running: "It runs.", waiting: "The program waits for input.", resting: "It rests here; ▶| goes on.", ended: "" }[progress.status]
      : end.kind === "halt"
        ? "It returned."
        : end.kind === "exit"
          ? `It exited with status ${end.status}.`
          : end.kind === "trap"
            ? `It trapped: ${end.name}.`
            : end.kind === "lost"
              ? `It is lost: token ${end.token}.`
              : "It called something that is not there.";
  const system = progress.asked ? " It asked its system for the time, random bytes or files, which a page does not have." : "";
  return [h("b", { id: "ending" }, ends), ` ${made}${system}`];
}
