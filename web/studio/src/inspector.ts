// A lane, head or neuron in detail: its weights, its readers and writers, and its numbers in the shown step.
// Every number leads to what made it: a lane to the heads and neurons that wrote it, these to the lanes that
// they read, a head to the row that it found, and a row to the step that emitted its token.

import { h } from "./dom.js";
import { stagesOf } from "./figures.js";
import { partButton } from "./layers.js";
import type { Machine, Part } from "./machine.js";
import type { Recording } from "./recording.js";
import { formsOf, type Term, type Wire, type Wiring } from "./weights.js";
import { Why } from "./why.js";
import type { HeadRay, LayerRay, NeuronRay, XRay } from "./xray.js";

type Unit = Exclude<Part, { kind: "lane" }>;

/** What a reader can do with a part. */
export interface Hands {
  choose: (part: Part) => void;
  /** Shows a step, and a part of it. */
  visit: (step: number, part?: Part) => void;
  /** Runs the program on a network in which this head or neuron adds nothing. */
  knockOut: (part: Unit) => void;
}

export class Inspector {
  constructor(
    private readonly machine: Machine,
    private readonly wiring: Wiring,
    private readonly hands: Hands,
  ) {}

  /** Shows a part in a step. */
  view(recording: Recording, xray: XRay, part: Part): HTMLElement {
    const { machine } = this;
    const title =
      part.kind === "lane"
        ? `Lane ${machine.nameOf(part)}`
        : `${part.kind === "head" ? "Head" : "Neuron"} ${machine.nameOf(part)}, layer ${part.layer}`;
    return h(
      "div",
      { id: "inspected" },
      h("h3", {}, title),
      ...(part.kind === "lane" ? this.lane(recording, xray, part.lane) : this.unit(recording, xray, part)),
    );
  }

  private lane(recording: Recording, xray: XRay, index: number): HTMLElement[] {
    const { machine, wiring, hands } = this;
    const info = machine.names.lanes[index];
    const { embedding, unembedding } = wiring.tokensOf(index);
    const sources = [
      info?.positional ? `the host sets it, ${info.positional[0]} to ${info.positional[1]}` : "",
      embedding > 0 ? `${embedding} token${embedding === 1 ? "'s embedding sets" : "s' embeddings set"} it` : "",
      unembedding > 0 ? `${unembedding} token${unembedding === 1 ? "'s logit reads" : "s' logits read"} it` : "",
    ].filter((text) => text !== "");
    let last: number | undefined;
    const values = stagesOf(xray).flatMap(({ name, lanes }) => {
      const value = lanes[index];
      const changed = value !== last;
      last = value;
      return changed ? [h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value))] : [];
    });
    const why = new Why(machine, recording, xray, hands.choose);
    return [
      h("p", { class: "small" }, info?.meaning ?? "", sources.length > 0 ? `; ${sources.join("; ")}.` : "."),
      h("p", { class: "equation write", id: "origin" }, "In this step ", ...why.origin(index, xray.embedding[index] ?? 0), "."),
      h("table", { class: "values" }, h("tbody", {}, ...values)),
      ...this.wires("Written by", wiring.writersOf(index)),
      ...this.wires("Read by", wiring.readersOf(index)),
    ];
  }

  private wires(title: string, all: readonly Wire[]): HTMLElement[] {
    if (all.length === 0) return [];
    const row = ({ part, role, weight }: Wire): HTMLElement =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, partButton(this.machine, part, this.hands.choose)),
        h("td", {}, part.kind === "lane" ? "" : `layer ${part.layer} ${role}`),
        h("td", { class: "number" }, weight),
      );
    return [h("h3", {}, `${title} (${all.length})`), h("table", { class: "values" }, h("tbody", {}, ...all.map(row)))];
  }

  private unit(recording: Recording, xray: XRay, part: Unit): HTMLElement[] {
    const { machine, hands } = this;
    const layer = xray.layers[part.layer] as LayerRay;
    const before = part.layer === 0 ? xray.embedding : (xray.layers[part.layer - 1] as LayerRay).ffn;
    const numbers = part.kind === "neuron" ? layer.neurons[part.index] : layer.heads[part.index];
    // A neuron reads the lanes after the layer's attention. A head's query is of this row; the keys and
    // values that it finds are of other rows, whose lanes are not those of this step.
    const lanes = part.kind === "neuron" ? layer.attention : before;
    const isOfThisRow = (role: string): boolean => /^(gate|value|query \d)$/.test(role) && (part.kind === "neuron" || role.startsWith("query"));
    const row = (role: string, terms: readonly Term[]): HTMLElement =>
      h("tr", {}, h("th", { scope: "row" }, role), h("td", {}, ...this.terms(terms, isOfThisRow(role) ? lanes : undefined)));
    return [
      ...(numbers === undefined ? [] : "gate" in numbers ? [this.neuron(numbers)] : this.head(recording, numbers)),
      h("table", { class: "values" }, h("tbody", {}, ...formsOf(machine, part).map(({ role, terms }) => row(role, terms)))),
      h("button", { id: "knock-out", click: () => hands.knockOut(part) }, "Knock it out"),
      h("p", { class: "soft small" }, "The program runs again on a network in which it adds nothing."),
    ];
  }

  private neuron({ gate, value, output }: NeuronRay): HTMLElement {
    return h("p", { class: "small" }, `output = relu(gate) · value. Now: gate ${gate}, value ${value}, output ${output}.`);
  }

  private head(recording: Recording, { kind, query, attended, rows, result }: HeadRay): HTMLElement[] {
    const what = `${kind.replace("_", "-")} attention. `;
    if (attended === null) return [h("p", { class: "small" }, what, `Now: ${result.join(", ")} over ${rows} rows.`)];
    const now = `Now: query (${query.join(", ")}) attends to row ${attended.row} with score ${attended.score}, of ${rows}; value (${result.join(", ")}).`;
    const [pass, emitted] = [attended.row - recording.before, attended.row - recording.before - 1];
    const isOfRun = !kind.startsWith("cross") && pass >= 0;
    const lead = (id: string, step: number, text: string): HTMLElement => h("button", { class: "part", id, click: () => this.hands.visit(step) }, text);
    return [
      h("p", { class: "small" }, what, now),
      h(
        "p",
        { class: "small", id: "row" },
        ...(isOfRun
          ? [`Row ${attended.row}: `, lead("its-pass", pass, `its pass is step ${pass}'s`), ...(emitted < 0 ? [] : [", ", lead("its-maker", emitted, `its token is step ${emitted}'s`)]), "."]
          : [kind.startsWith("cross") ? `Offset ${attended.row} of the file.` : `Row ${attended.row} is of the prompt: ${recording.place(attended.row)}.`]),
      ),
    ];
  }

  /** Weights, with the lanes' values in this step if the form reads them. */
  private terms(terms: readonly Term[], lanes: readonly number[] | undefined): (Node | string)[] {
    const shown: (Node | string)[] = terms.map(({ lane, weight }) =>
      h(
        "span",
        { class: "weight" },
        `${weight < 0 ? "−" : "+"}${Math.abs(weight)}·`,
        partButton(this.machine, { kind: "lane", lane }, this.hands.choose),
        lanes === undefined ? "" : h("span", { class: "soft" }, ` ${lanes[lane]}`),
      ),
    );
    if (lanes === undefined) return shown;
    return [...shown, "= ", h("b", {}, terms.reduce((sum, { lane, weight }) => sum + weight * (lanes[lane] ?? 0), 0))];
  }
}
