// The layers of an X-ray as tables: the row that every head attends to, every gate, and the changed lanes.
import { h } from "./dom.js";
import { arcs } from "./figures.js";
import { formsOf, rowOf } from "./weights.js";
/** A button that shows a part's weights. */
export function partButton(machine, part, choose) {
    return h("button", { class: "part", click: () => choose(part) }, machine.nameOf(part));
}
const vector = (numbers) => `(${numbers.join(", ")})`;
const header = (...names) => h("thead", {}, h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, name))));
/** The heads and neurons that wrote a lane, with what each added. */
export function contributions(machine, xray, lane) {
    const added = (part, outputs) => outputs.reduce((sum, output, i) => {
        const role = part.kind === "neuron" ? "output" : `output ${i}`;
        const form = output === 0 ? undefined : formsOf(machine, part).find(({ writes, role: own }) => writes && own === role);
        return sum + output * (form?.terms.find((term) => term.lane === lane)?.weight ?? 0);
    }, 0);
    const written = xray.layers.flatMap(({ heads, neurons }, layer) => [
        ...heads.map(({ result }, index) => ({ part: { kind: "head", layer, index }, layer, outputs: result })),
        ...neurons.map(({ output }, index) => ({ part: { kind: "neuron", layer, index }, layer, outputs: [output] })),
    ]);
    return written.map(({ part, layer, outputs }) => ({ part, layer, added: added(part, outputs) })).filter((wrote) => wrote.added !== 0);
}
/**
 * The lanes of which a token's logit is the sum, without lanes that are 0 at the end of the pass; the largest
 * terms first.
 */
export function logitTerms(machine, xray, token) {
    const lanes = xray.layers.at(-1)?.ffn ?? xray.embedding;
    const terms = rowOf(machine.model.unembedding, token).map(({ lane, weight }) => ({ lane, weight, value: lanes[lane] ?? 0 }));
    return terms.filter(({ value }) => value !== 0).sort((a, b) => Math.abs(b.weight * b.value) - Math.abs(a.weight * a.value));
}
/** One layer. With `showShut`, neurons whose gate is shut are listed too. */
export function layerView(machine, recording, xray, index, showShut, choose, visit) {
    const layer = xray.layers[index];
    const before = index === 0 ? xray.embedding : xray.layers[index - 1].ffn;
    const open = layer.neurons.filter(({ gate }) => gate > 0).length;
    const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;
    const figure = arcs(layer.heads, xray.row, recording.before, (row) => recording.place(row));
    const mark = (head) => {
        for (const arc of figure?.querySelectorAll(".arc") ?? [])
            arc.classList.toggle("chosen", arc.getAttribute("data-head") === String(head));
    };
    const headRow = (head, at) => h("tr", { mouseenter: () => mark(at), mouseleave: () => mark(undefined), focusin: () => mark(at), focusout: () => mark(undefined) }, h("th", { scope: "row" }, partButton(machine, { kind: "head", layer: index, index: at }, choose)), ...headCells(recording, head, visit));
    const neurons = layer.neurons.map((neuron, at) => ({ neuron, at })).filter(({ neuron }) => showShut || neuron.gate > 0);
    const scroll = (label, table) => h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
    return h("div", {}, h("p", { class: "soft small" }, `${count(layer.heads.length, "head")}, ${count(layer.neurons.length, "neuron")}, ${open} open`), figure ?? "", layer.heads.length > 0 &&
        scroll(`Heads of layer ${index}`, h("table", { class: "values" }, header("head", "attends to", "retrieves", "query · key", "score", "next lower"), h("tbody", {}, ...layer.heads.map(headRow)))), changes(machine, before, layer.attention, "attention", choose), neurons.length > 0 &&
        scroll(`Neurons of layer ${index}`, h("table", { class: "values" }, header("neuron", "gate", "value", "output"), h("tbody", {}, ...neurons.map(({ neuron: { gate, value, output }, at }) => h("tr", { class: gate > 0 ? "" : "shut" }, h("th", { scope: "row" }, partButton(machine, { kind: "neuron", layer: index, index: at }, choose)), h("td", {}, gate > 0 ? gate : `${gate} (shut)`), h("td", {}, value), h("td", {}, output)))))), changes(machine, layer.attention, layer.ffn, "FFN", choose));
}
function headCells(recording, { kind, query, attended, runner_up, tied, rows, result }, visit) {
    if (attended === null) {
        return [h("td", {}, kind === "sum" ? `all ${rows} rows, summed` : "no row"), h("td", {}, vector(result)), h("td"), h("td"), h("td")];
    }
    const place = ({ row }) => {
        if (kind.startsWith("cross"))
            return `offset ${row}`;
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
function changes(machine, before, after, what, choose) {
    const changed = after.flatMap((value, lane) => (value === before[lane] ? [] : [{ lane, value, was: before[lane] }]));
    if (changed.length === 0)
        return h("p", { class: "soft small" }, `The ${what} changed no lane.`);
    return h("p", { class: "small" }, `${what} wrote: `, ...changed.map(({ lane, value, was }) => h("span", { class: "weight mono" }, partButton(machine, { kind: "lane", lane }, choose), ` ${was} → ${value}`)));
}
