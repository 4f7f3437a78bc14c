// Why a token was chosen: the sums of which its logit is made, down to the heads, neurons and embeddings that
// wrote the terms.
import { h } from "./dom.js";
import { contributions, logitTerms, partButton } from "./layers.js";
export class Why {
    machine;
    recording;
    xray;
    choose;
    constructor(machine, recording, xray, choose) {
        this.machine = machine;
        this.recording = recording;
        this.xray = xray;
        this.choose = choose;
    }
    /** Of a byte, the parts that wrote the result; of a special token, the lanes that raise its logit. */
    token() {
        return this.xray.token < 256 ? this.byte() : this.special();
    }
    byte() {
        const lane = this.machine.lane("result");
        if (contributions(this.machine, this.xray, lane).length === 0)
            return ["result = 0, which nothing wrote"];
        return ["result = ", ...this.written(lane), " = ", h("b", {}, this.xray.layers.at(-1)?.ffn[lane] ?? "")];
    }
    special() {
        const { machine, xray } = this;
        const lifted = logitTerms(machine, xray, xray.token).filter(({ weight, value }) => weight * value > 0);
        return [...this.logit(xray.token), ...lifted.flatMap(({ lane, value }) => [`; ${this.nameOf(lane)} = `, ...this.origin(lane, value)])];
    }
    /** The logit of any token, as a sum over lanes, and by how much it is less than the chosen one's. */
    logit(token) {
        const { machine, xray, recording } = this;
        const terms = logitTerms(machine, xray, token).map(({ lane, weight, value }) => {
            const where = Math.abs(weight) === 1 ? "" : `, times ${Math.abs(weight)}`;
            return { part: { kind: "lane", lane }, added: weight * value, where };
        });
        const logit = xray.logits[token] ?? NaN;
        const less = (xray.logits[xray.token] ?? NaN) - logit;
        const compared = token === xray.token ? [] : [`, ${less} less than that of ${recording.nameOf(xray.token)}`];
        return [`logit of ${recording.nameOf(token)} = `, ...this.sum(terms), terms.length === 0 ? "" : " = ", h("b", {}, logit), ...compared];
    }
    /** The origin of a lane's value: the host, which also knows why a step must trap, or heads and neurons. */
    origin(lane, value) {
        if (this.machine.names.lanes[lane]?.positional) {
            const { trap } = this.recording.host;
            return [h("b", {}, value), ` (the host sets it${trap === undefined || this.nameOf(lane) !== "fault" ? "" : `: ${trap}`})`];
        }
        const embedded = this.xray.embedding[lane] ?? 0;
        const first = embedded === 0 ? [] : [h("b", {}, embedded), " (the embedding of the row's token)"];
        const rest = contributions(this.machine, this.xray, lane);
        if (first.length + rest.length === 0)
            return [h("b", {}, 0), ", which nothing wrote"];
        return [...first, ...this.written(lane, first.length > 0)];
    }
    /** The numbers that heads and neurons added to a lane. */
    written(lane, isContinued = false) {
        const added = contributions(this.machine, this.xray, lane);
        return this.sum(added.map(({ part, layer, added }) => ({ part, added, where: ` in layer ${layer}` })), isContinued);
    }
    nameOf(lane) {
        return this.machine.nameOf({ kind: "lane", lane });
    }
    /** Terms of a sum, each with the part that it comes from. */
    sum(terms, isContinued = false) {
        return terms.flatMap(({ part, added, where }, index) => [
            added < 0 ? " − " : index === 0 && !isContinued ? "" : " + ",
            h("b", {}, Math.abs(added)),
            " (",
            partButton(this.machine, part, this.choose),
            `${where})`,
        ]);
    }
}
