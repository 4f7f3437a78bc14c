// The neurons of a layer: `relu(gate · x) ⊙ (value · x)`, whose outputs are added to the lanes.
//
// Nearly all gates read one lane that they have in common, a constant. Gates that differ in the weight of
// this lane only are the steps of a ladder: without that lane they are one number, which is computed once,
// and the open gates are those up to a certain step. Values are computed where the gate is open. Neurons
// whose gate is the constant alone copy or clear lanes; they are a matrix.
import { Matrix } from "./matrix.js";
export class Neurons {
    gate;
    value;
    /** The lane that most gates read. */
    common;
    /** The gates of the ladders, without the common lane. */
    ladders;
    /**
     * The neurons of ladder i are those from `ends[i - 1]` to `ends[i]`, the highest weight of the common lane
     * first.
     */
    ends;
    commonWeights;
    values;
    outputs;
    /**
     * Linear neurons: lane `from` times the weight is added to lane `to`, times the common lane if that is
     * positive.
     */
    from;
    to;
    weights;
    /**
     * Room for a pass: the amounts of linear neurons; the neurons whose gate is open, and what each puts out.
     */
    amounts;
    open;
    activations;
    /** Gate and value: [dFfn, dModel]; down: [dModel, dFfn]. */
    constructor(gate, value, down) {
        this.gate = gate;
        this.value = value;
        const readers = Array.from({ length: gate.columns }, (_, lane) => gate.column(lane).length);
        this.common = readers.indexOf(Math.max(...readers));
        const linear = [];
        const ladders = new Map();
        for (let neuron = 0; neuron < gate.rows; neuron += 1) {
            const [form, output] = [gate.row(neuron), down.column(neuron)];
            if (form.length === 0 || output.length === 0)
                continue;
            const common = form.find(([lane]) => lane === this.common)?.[1] ?? 0;
            const rest = form.filter(([lane]) => lane !== this.common);
            const [read, ...others] = value.row(neuron);
            if (read === undefined)
                continue;
            const terms = output.map(([to, weight]) => [read[0], to, common * read[1] * weight]);
            const isExact = terms.every(([, , weight]) => Math.abs(weight) <= Number.MAX_SAFE_INTEGER);
            if (rest.length === 0 && others.length === 0 && common > 0 && isExact) {
                linear.push(...terms);
                continue;
            }
            const name = JSON.stringify(rest);
            const ladder = ladders.get(name) ?? { form: rest, neurons: [] };
            ladders.set(name, ladder);
            ladder.neurons.push({ common, value: value.row(neuron), output });
        }
        // Forms of equal length one after another keep the inner loop predictable.
        const sorted = [...ladders.values()].sort((a, b) => a.form.length - b.form.length);
        for (const { neurons } of sorted)
            neurons.sort((a, b) => b.common - a.common);
        const neurons = sorted.flatMap((ladder) => ladder.neurons);
        const { columns } = gate;
        let end = 0;
        this.ladders = Matrix.of(columns, sorted.map(({ form }) => form));
        this.ends = Int32Array.from(sorted, (ladder) => (end += ladder.neurons.length));
        this.commonWeights = Float64Array.from(neurons, ({ common }) => common);
        this.values = Matrix.of(columns, neurons.map((neuron) => neuron.value));
        this.outputs = Matrix.of(columns, neurons.map((neuron) => neuron.output));
        this.from = Int32Array.from(linear, ([from]) => from);
        this.to = Int32Array.from(linear, ([, to]) => to);
        this.weights = Float64Array.from(linear, ([, , weight]) => weight);
        this.amounts = new Float64Array(linear.length);
        this.open = new Int32Array(neurons.length);
        this.activations = new Float64Array(neurons.length);
    }
    /** Adds the neurons' outputs to the lanes. The lanes change only when all that is added is known. */
    pass(lanes) {
        const { amounts, from, to, weights, outputs, open, activations } = this;
        const common = Math.max(0, lanes[this.common]);
        for (let i = 0; i < amounts.length; i += 1) {
            amounts[i] = common * weights[i] * lanes[from[i]];
        }
        const count = this.activate(lanes);
        for (let i = 0; i < amounts.length; i += 1) {
            const lane = to[i];
            lanes[lane] = lanes[lane] + amounts[i];
        }
        for (let i = 0; i < count; i += 1)
            outputs.addRow(open[i], activations[i], lanes);
    }
    /** Lists the neurons that put out something. */
    activate(lanes) {
        const { open, activations, values, ladders, ends, commonWeights } = this;
        const { starts, at, weights } = ladders;
        const common = lanes[this.common];
        let count = 0;
        let term = 0;
        let first = 0;
        for (let ladder = 0; ladder < ends.length; ladder += 1) {
            const lastTerm = starts[ladder + 1];
            let sum = 0;
            for (; term < lastTerm; term += 1)
                sum += weights[term] * lanes[at[term]];
            const end = ends[ladder];
            for (let neuron = first; neuron < end; neuron += 1) {
                const gate = sum + common * commonWeights[neuron];
                if (gate > 0) {
                    const value = values.dot(neuron, lanes);
                    if (value === 0)
                        continue;
                    open[count] = neuron;
                    activations[count] = gate * value;
                    count += 1;
                }
                else if (common >= 0) {
                    break; // the gates after it are closed too
                }
            }
            first = end;
        }
        return count;
    }
    /** All gates, before relu, and all values. */
    seen(lanes) {
        const all = (matrix) => {
            const products = new Float64Array(matrix.rows);
            matrix.times(lanes, products);
            return products;
        };
        return [all(this.gate), all(this.value)];
    }
}
