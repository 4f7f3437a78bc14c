// The X-ray of a step in the shape of `wasmformer xray --json` (src/studio/xray.rs), made by this engine.
/** Integers for display; adding 0 turns −0 into 0. */
const integers = (numbers) => Array.from(numbers, (x) => x + 0);
function attend(ray, query, rows, found) {
    const candidate = (row) => ({
        row,
        key: integers(rows.key(row)),
        score: rows.score(row, query) + 0,
        value: integers(rows.value(row)),
    });
    let [next, nextScore] = [-1, -Infinity];
    for (let row = 0; row < rows.length; row += 1) {
        const score = rows.score(row, query);
        if (score === found.score)
            ray.tied += Number(row !== found.row);
        else if (score >= nextScore)
            [next, nextScore] = [row, score];
    }
    ray.query = integers(query);
    ray.rows = rows.length;
    ray.attended = candidate(found.row);
    ray.runner_up = next < 0 ? null : candidate(next);
    ray.result = integers(found.value);
}
/** Passes a row and keeps all values inside the pass. */
export function expose(machine, session, row) {
    const { names, model } = machine;
    const unexposed = { query: [], rows: 0, attended: null, tied: 0, runner_up: null, result: [] };
    const layers = names.layers.map(({ heads }, layer) => {
        const kind = (index) => {
            const head = model.config.attention[layer]?.[index];
            return head?.kind === "cross" ? `cross:${head.store}` : String(head?.kind);
        };
        return { heads: heads.map((name, index) => ({ name, kind: kind(index), ...unexposed })), attention: [], neurons: [], ffn: [] };
    });
    const pass = { embedding: [], layers, logits: [] };
    const layerOf = (index) => layers[index];
    const headOf = (layer, head) => layerOf(layer).heads[head];
    session.pass({ stores: [], rows: [row] }, {
        residual({ part, layer }, lanes) {
            const named = integers(lanes.subarray(0, names.lanes.length));
            if (part === "embedding")
                pass.embedding = named;
            else
                layerOf(layer)[part] = named;
        },
        attended: (layer, head, query, found) => attend(headOf(layer, head), query, session.rowsOf(layer, head), found),
        summed(layer, head, total) {
            const ray = headOf(layer, head);
            [ray.rows, ray.result] = [session.length, integers(total)];
        },
        neurons(layer, gates, values) {
            const neuron = (name, index) => {
                const [gate, value] = [gates[index], values[index]];
                return { name, gate: gate + 0, value: value + 0, output: Math.max(0, gate) * value + 0 };
            };
            layerOf(layer).neurons = names.layers[layer]?.neurons.map(neuron) ?? [];
        },
    });
    pass.logits = integers(session.logits());
    return pass;
}
