// The inside of the pass that emitted a token: the rows that the heads read, by what they are, the open
// neurons, and the highest logits.
import { h } from "../dom.js";
const vector = (numbers) => `(${numbers.map((number) => number + 0).join(", ")})`;
/**
 * A button that knocks a head or neuron out, and says which token of the run on record would be the first to
 * change.
 */
function knockOut(runner, tape, unit, said, visit) {
    const prompt = tape.program.tokens.length;
    const name = runner.names[unit.layer]?.[unit.kind === "head" ? "heads" : "neurons"][unit.index] ?? "";
    const title = `Without the ${unit.kind} ${name} of layer ${unit.layer}`;
    const run = async () => {
        said.textContent = `${title}: the run is passed again.`;
        const { row, token } = await runner.without(unit);
        if (runner.tape !== tape)
            return;
        if (row < 0) {
            said.textContent = `${title}: no token of this run changes.`;
            return;
        }
        const step = tape.stepOf(row - prompt);
        const [here, there] = [tape.rows.at(row - prompt), token].map((one) => runner.vocabulary.name(one));
        const place = step < 0 ? `row ${row}` : h("button", { class: "part", id: "first-difference", click: () => visit(step) }, `step ${step}`);
        said.replaceChildren(`${title}: `, place, ` is the first that changes. It would give ${there} and not ${here}.`);
    };
    return h("button", { class: "part", "data-unit": `${unit.kind} ${unit.layer} ${unit.index}`, click: () => void run() }, "knock out");
}
/** Shows a pass. `visit` shows the step of a row. */
export function insideView(runner, tape, inside, visit) {
    const prompt = tape.program.tokens.length;
    const place = (row) => {
        const token = row < prompt ? tape.program.tokens[row] : tape.rows.at(row - prompt);
        const name = runner.vocabulary.name(token ?? 0);
        if (row < prompt)
            return `row ${row} of the prompt, ${name}`;
        const step = tape.stepOf(row - prompt);
        const text = `step ${step}'s token ${name}`;
        return step < 0 ? `row ${row}, ${name}` : h("button", { class: "part", click: () => visit(step) }, text);
    };
    // Heads that read nothing of use find a row all the same: only what is not 0 tells something.
    const found = inside.found.filter(({ value }) => value.some((number) => number !== 0));
    const layers = runner.names.map((_, layer) => layer);
    const said = h("p", { class: "small", id: "knocked", role: "status" });
    const head = (...names) => h("thead", {}, h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, name))));
    return h("div", { id: "inside" }, h("p", { class: "small" }, "Highest logits: ", ...inside.logits.map(([token, logit], index) => h("span", { class: index === 0 ? "chip top" : "chip" }, `${runner.vocabulary.name(token)} ${logit}`))), said, ...layers.map((layer) => {
        const heads = found.filter((one) => one.layer === layer);
        const neurons = inside.neurons.filter((one) => one.layer === layer);
        const { heads: names = [], neurons: units = [] } = runner.names[layer] ?? {};
        return h("details", { class: "layer" }, h("summary", {}, `Layer ${layer} `, h("span", { class: "soft" }, `${heads.length} of ${names.length} heads retrieve, ${neurons.length} of ${units.length} neurons act`)), heads.length > 0 &&
            h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Heads of layer ${layer}` }, h("table", { class: "values" }, head("head", "reads", "retrieves", "what if"), h("tbody", {}, ...heads.map(({ head: index, row, value }) => h("tr", {}, h("th", { scope: "row" }, names[index] ?? index), h("td", {}, place(row)), h("td", {}, vector(value)), h("td", {}, knockOut(runner, tape, { kind: "head", layer, index }, said, visit))))))), neurons.length > 0 &&
            h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Neurons of layer ${layer}` }, h("table", { class: "values" }, head("neuron", "gate", "value", "what if"), h("tbody", {}, ...neurons.map(({ neuron, gate, value }) => h("tr", {}, h("th", { scope: "row" }, units[neuron] ?? neuron), h("td", {}, gate), h("td", {}, value), h("td", {}, knockOut(runner, tape, { kind: "neuron", layer, index: neuron }, said, visit))))))));
    }));
}
