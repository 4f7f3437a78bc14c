// A lane, head or neuron in detail: its weights, its readers and writers, and its numbers in the shown step.
// Every weight links to the part that it connects.
import { h } from "./dom.js";
import { stagesOf } from "./figures.js";
import { partButton } from "./layers.js";
import { formsOf } from "./weights.js";
/** Shows a part; its buttons choose other parts. */
export function inspect(machine, wiring, xray, part, choose) {
    const title = part.kind === "lane"
        ? `Lane ${machine.nameOf(part)}`
        : `${part.kind === "head" ? "Head" : "Neuron"} ${machine.nameOf(part)}, layer ${part.layer}`;
    return h("div", { id: "inspected" }, h("h3", {}, title), ...(part.kind === "lane" ? lane(machine, wiring, xray, part.lane, choose) : forms(machine, xray, part, choose)));
}
function lane(machine, wiring, xray, index, choose) {
    const info = machine.names.lanes[index];
    const { embedding, unembedding } = wiring.tokensOf(index);
    const sources = [
        info?.positional ? `the host sets it, ${info.positional[0]} to ${info.positional[1]}` : "",
        embedding > 0 ? `${embedding} token${embedding === 1 ? "'s embedding sets" : "s' embeddings set"} it` : "",
        unembedding > 0 ? `${unembedding} token${unembedding === 1 ? "'s logit reads" : "s' logits read"} it` : "",
    ].filter((text) => text !== "");
    let last;
    const values = stagesOf(xray).flatMap(({ name, lanes }) => {
        const value = lanes[index];
        const changed = value !== last;
        last = value;
        return changed ? [h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value))] : [];
    });
    return [
        h("p", { class: "small" }, info?.meaning ?? "", sources.length > 0 ? `; ${sources.join("; ")}.` : "."),
        h("table", { class: "values" }, h("tbody", {}, ...values)),
        ...wires(machine, "Written by", wiring.writersOf(index), choose),
        ...wires(machine, "Read by", wiring.readersOf(index), choose),
    ];
}
function wires(machine, title, all, choose) {
    if (all.length === 0)
        return [];
    const row = ({ part, role, weight }) => h("tr", {}, h("th", { scope: "row" }, partButton(machine, part, choose)), h("td", {}, part.kind === "lane" ? "" : `layer ${part.layer} ${role}`), h("td", { class: "number" }, weight));
    return [h("h3", {}, `${title} (${all.length})`), h("table", { class: "values" }, h("tbody", {}, ...all.map(row)))];
}
function forms(machine, xray, part, choose) {
    const layer = xray.layers[part.layer];
    const row = (role, terms) => h("tr", {}, h("th", { scope: "row" }, role), h("td", {}, ...terms.map(({ lane, weight }) => h("span", { class: "weight" }, `${weight < 0 ? "−" : "+"}${Math.abs(weight)}·`, partButton(machine, { kind: "lane", lane }, choose)))));
    const numbers = part.kind === "neuron" ? layer?.neurons[part.index] : layer?.heads[part.index];
    let now = "";
    if (numbers !== undefined && "gate" in numbers)
        now = `Now: gate ${numbers.gate}, value ${numbers.value}, output ${numbers.output}.`;
    else if (numbers?.attended)
        now = `Now: query (${numbers.query.join(", ")}) attends to row ${numbers.attended.row} with score ${numbers.attended.score}, of ${numbers.rows}.`;
    else if (numbers !== undefined)
        now = `Now: ${numbers.result.join(", ")} over ${numbers.rows} rows.`;
    const kind = numbers !== undefined && "kind" in numbers ? `${numbers.kind.replace("_", "-")} attention. ` : "output = relu(gate) · value. ";
    return [
        h("p", { class: "small" }, kind, now),
        h("table", { class: "values" }, h("tbody", {}, ...formsOf(machine, part).map(({ role, terms }) => row(role, terms)))),
    ];
}
