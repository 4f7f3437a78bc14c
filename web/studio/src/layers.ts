// The layers of an X-ray as tables: the row that every head attends to, every gate, and the changed lanes.

import { h } from "./dom.js";
import { arcs } from "./figures.js";
import type { Machine, Part } from "./machine.js";
import type { Recording } from "./recording.js";
import { formsOf, rowOf } from "./weights.js";
import type { Candidate, HeadRay, LayerRay, XRay } from "./xray.js";

/** A button that shows a part's weights. */
export function partButton(machine: Machine, part: Part, choose: (part: Part) => void): HTMLElement {
  return h("button", { class: "part", click: () => choose(part) }, machine.nameOf(part));
}

const vector = (numbers: readonly number[]): string => `(${numbers.join(", ")})`;
const header = (...names: string[]): HTMLElement => h("thead", {}, h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, name))));

/** The heads and neurons that wrote a lane, with what each added. */
export function contributions(machine: Machine, xray: XRay, lane: number): { part: Part; layer: number; added: number }[] {
  const added = (part: Part, outputs: readonly number[]): number =>
    outputs.reduce((sum, output, i) => {
      const role = part.kind === "neuron" ? "output" : `output ${i}`;
      const form = output === 0 ? undefined : formsOf(machine, part).find(({ writes, role: own }) => writes && own === role);
      return sum + output * (form?.terms.find((term) => term.lane === lane)?.weight ?? 0);
    }, 0);
  const written = xray.layers.flatMap(({ heads, neurons }, layer) => [
    ...heads.map(({ result }, index) => ({ part: { kind: "head", layer, index } as const, layer, outputs: result })),
    ...neurons.map(({ output }, index) => ({ part: { kind: "neuron", layer, index } as const, layer, outputs: [output] })),
  ]);
  return written.map(({ part, layer, outputs }) => ({ part, layer, added: added(part, outputs) })).filter((wrote) => wrote.added !== 0);
}

/**
 * The lanes of which a token's logit is the sum, without lanes that are 0 at the end of the pass; the largest
 * terms first.
 */
export function logitTerms(machine: Machine, xray: XRay, token: number): { lane: number; weight: number; value: number }[] {
  const lanes = xray.layers.at(-1)?.ffn ?? xray.embedding;
  const terms = rowOf(machine.model.unembedding, token).map(({ lane, weight }) => ({ lane, weight, value: lanes[lane] ?? 0 }));
  return terms.filter(({ value }) => value !== 0).sort((a, b) => Math.abs(b.weight * b.value) - Math.abs(a.weight * a.value));
}

/** One layer. With `showShut`, neurons whose gate is shut are listed too. */
export function layerView(
  machine: Machine,
  recording: Recording,
  xray: XRay,
  index: number,
  showShut: boolean,
  choose: (part: Part) => void,
  visit: (step: number) => void,
): HTMLElement {
  const layer = xray.layers[index] as LayerRay;
  const before = index === 0 ? xray.embedding : (xray.layers[index - 1] as LayerRay).ffn;
  const open = layer.neurons.filter(({ gate }) => gate > 0).length;
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
  const figure = arcs(layer.heads, xray.row, recording.before, (row) => recording.place(row));
  const mark = (head: number | undefined): void => {
    for (const arc of figure?.querySelectorAll(".arc") ?? [])
      arc.classList.toggle("chosen", arc.getAttribute("data-head") === String(head));
  };
  const headRow = (head: HeadRay, at: number): HTMLElement =>
    h(
      "tr",
      { mouseenter: () => mark(at), mouseleave: () => mark(undefined), focusin: () => mark(at), focusout: () => mark(undefined) },
      h("th", { scope: "row" }, partButton(machine, { kind: "head", layer: index, index: at }, choose)),
      ...headCells(recording, head, visit),
    );
  const neurons = layer.neurons.map((neuron, at) => ({ neuron, at })).filter(({ neuron }) => showShut || neuron.gate > 0);
  const scroll = (label: string, table: HTMLElement): HTMLElement =>
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
  return h(
    "div",
    {},
    h("p", { class: "soft small" }, `${count(layer.heads.length, "head")}, ${count(layer.neurons.length, "neuron")}, ${open} open`),
    figure ?? "",
    layer.heads.length > 0 &&
      scroll(
        `Heads of layer ${index}`,
        h(
          "table",
          { class: "values" },
          header("head", "attends to", "retrieves", "query · key", "score", "next lower"),
          h("tbody", {}, ...layer.heads.map(headRow)),
        ),
      ),
    changes(machine, before, layer.attention, "attention", choose),
    neurons.length > 0 &&
      scroll(
        `Neurons of layer ${index}`,
        h(
          "table",
          { class: "values" },
          header("neuron", "gate", "value", "output"),
          h(
            "tbody",
            {},
            ...neurons.map(({ neuron: { gate, value, output }, at }) =>
              h(
                "tr",
                { class: gate > 0 ? "" : "shut" },
                h("th", { scope: "row" }, partButton(machine, { kind: "neuron", layer: index, index: at }, choose)),
                h("td", {}, gate > 0 ? gate : `${gate} (shut)`),
                h("td", {}, value),
                h("td", {}, output),
              ),
            ),
          ),
        ),
      ),
    changes(machine, layer.attention, layer.ffn, "FFN", choose),
  );
}

function headCells(
  recording: Recording,
  { kind, query, attended, runner_up, tied, rows, result }: HeadRay,
  visit: (step: number) => void,
): HTMLElement[] {
  if (attended === null) {
    return [h("td", {}, kind === "sum" ? `all ${rows} rows, summed` : "no row"), h("td", {}, vector(result)), h("td"), h("td"), h("td")];
  }
  const place = ({ row }: Candidate): Node | string => {
    if (kind.startsWith("cross")) return `offset ${row}`;
    const text = `row ${row}: ${recording.place(row)}`;
    const step = row - recording.before - 1;
    return step < 0 ? text : h("button", { class: "part", click: () => visit(step), title: `Show step ${step}` }, text);
  };
  const next = runner_up === null ? "none" : `${runner_up.score} (${kind.startsWith("cross") ? "offset" : "row"} ${runner_up.row})`;
  return [
    h("td", {}, place(attended)),
    h("td", {}, vector(result)),
    h("td", {}, `${vector(query)} · ${vector(attended.key)}`),
    h("td", {}, attended.score, tied > 0 ? h("span", { class: "soft" }, ` latest of ${tied + 1}`) : ""),
    h("td", {}, next),
  ];
}

/** The lanes that a part of a layer changed. */
function changes(
  machine: Machine,
  before: readonly number[],
  after: readonly number[],
  what: string,
  choose: (part: Part) => void,
): HTMLElement {
  const changed = after.flatMap((value, lane) => (value === before[lane] ? [] : [{ lane, value, was: before[lane] }]));
  if (changed.length === 0) return h("p", { class: "soft small" }, `The ${what} changed no lane.`);
  return h(
    "p",
    { class: "small" },
    `${what} wrote: `,
    ...changed.map(({ lane, value, was }) =>
      h("span", { class: "weight mono" }, partButton(machine, { kind: "lane", lane }, choose), ` ${was} → ${value}`),
    ),
  );
}
