// Why a token was chosen: the sums of which its logit is made, down to the heads, neurons and embeddings that
// wrote the terms.

import { h } from "./dom.js";
import { contributions, logitTerms, partButton } from "./layers.js";
import type { Machine, Part } from "./machine.js";
import type { Recording } from "./recording.js";
import type { XRay } from "./xray.js";

type Shown = (Node | string)[];

/** A term of a sum: the part that it comes from, and words for where. */
interface Term {
  part: Part;
  added: number;
  where: string;
}

export class Why {
  constructor(
    private readonly machine: Machine,
    private readonly recording: Recording,
    private readonly xray: XRay,
    private readonly choose: (part: Part) => void,
  ) {}

  /** Of a byte, the parts that wrote the result; of a special token, the lanes that raise its logit. */
  token(): Shown {
    return this.xray.token < 256 ? this.byte() : this.special();
  }

  private byte(): Shown {
    const lane = this.machine.lane("result");
    if (contributions(this.machine, this.xray, lane).length === 0) return ["result = 0, which nothing wrote"];
    return ["result = ", ...this.written(lane), " = ", h("b", {}, this.xray.layers.at(-1)?.ffn[lane] ?? "")];
  }

  private special(): Shown {
    const { machine, xray } = this;
    const lifted = logitTerms(machine, xray, xray.token).filter(({ weight, value }) => weight * value > 0);
    return [...this.logit(xray.token), ...lifted.flatMap(({ lane, value }) => [`; ${this.nameOf(lane)} = `, ...this.origin(lane, value)])];
  }

  /** The logit of any token, as a sum over lanes, and by how much it is less than the chosen one's. */
  logit(token: number): Shown {
    const { machine, xray, recording } = this;
    const terms = logitTerms(machine, xray, token).map(({ lane, weight, value }): Term => {
      const where = Math.abs(weight) === 1 ? "" : `, times ${Math.abs(weight)}`;
      return { part: { kind: "lane", lane }, added: weight * value, where };
    });
    const logit = xray.logits[token] ?? NaN;
    const less = (xray.logits[xray.token] ?? NaN) - logit;
    const compared = token === xray.token ? [] : [`, ${less} less than that of ${recording.nameOf(xray.token)}`];
    return [`logit of ${recording.nameOf(token)} = `, ...this.sum(terms), terms.length === 0 ? "" : " = ", h("b", {}, logit), ...compared];
  }

  /** The origin of a lane's value: the host, which also knows why a step must trap, or heads and neurons. */
  origin(lane: number, value: number): Shown {
    if (this.machine.names.lanes[lane]?.positional) {
      const { trap } = this.recording.host;
      return [h("b", {}, value), ` (the host sets it${trap === undefined || this.nameOf(lane) !== "fault" ? "" : `: ${trap}`})`];
    }
    const embedded = this.xray.embedding[lane] ?? 0;
    const first: Shown = embedded === 0 ? [] : [h("b", {}, embedded), " (the embedding of the row's token)"];
    const rest = contributions(this.machine, this.xray, lane);
    if (first.length + rest.length === 0) return [h("b", {}, 0), ", which nothing wrote"];
    return [...first, ...this.written(lane, first.length > 0)];
  }

  /** The numbers that heads and neurons added to a lane. */
  private written(lane: number, isContinued = false): Shown {
    const added = contributions(this.machine, this.xray, lane);
    return this.sum(
      added.map(({ part, layer, added }) => ({ part, added, where: ` in layer ${layer}` })),
      isContinued,
    );
  }

  private nameOf(lane: number): string {
    return this.machine.nameOf({ kind: "lane", lane });
  }

  /** Terms of a sum, each with the part that it comes from. */
  private sum(terms: readonly Term[], isContinued = false): Shown {
    return terms.flatMap(({ part, added, where }, index) => [
      added < 0 ? " − " : index === 0 && !isContinued ? "" : " + ",
      h("b", {}, Math.abs(added)),
      " (",
      partButton(this.machine, part, this.choose),
      `${where})`,
    ]);
  }
}
