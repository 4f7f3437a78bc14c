// The neurons of a layer: `relu(gate · x) ⊙ (value · x)`, whose outputs are added to the lanes.
//
// Nearly all gates read one lane that they have in common, a constant. Gates that differ in the weight of
// this lane only are the steps of a ladder: without that lane they are one number, which is computed once,
// and the open gates are those up to a certain step. Values are computed where the gate is open. Neurons
// whose gate is the constant alone copy or clear lanes; they are a matrix.
//
// Of some hundred lanes most are 0 in every row. So ladders and linear neurons are kept by the lanes that
// they read, and only those of lanes that are not 0 are looked at. The sum of any other ladder is 0, and its
// gates are closed unless their weight of the common lane is positive: ladders with such a gate are looked at
// in every row.
import { Matrix } from "./matrix.js";
export class Neurons {
    gate;
    value;
    /** The lane that most gates read. */
    common;
    /** The lanes that ladders or linear neurons read. */
    read;
    /** The gates of the ladders, without the common lane: a row for each lane, a column for each ladder. */
    ladders;
    /**
     * The neurons of ladder i are those from `ends[i - 1]` to `ends[i]`, the highest weight of the common lane
     * first.
     */
    ends;
    commonWeights;
    /** The ladders with a gate that is open while their sum is 0 and the common lane is positive. */
    restless;
    all;
    values;
    outputs;
    /**
     * Linear neurons: lane r times the weight in row r and column c is added to lane c, times the common lane
     * if that is positive.
     */
    linear;
    /**
     * Room for a pass: the ladders' sums, each with the number of the pass in which it was begun; the ladders
     * that are looked at; the amounts of linear neurons, and the lanes they are added to.
     */
    sums;
    begun;
    looked;
    count = 0;
    passes = 0;
    amounts;
    to;
    /** The neurons whose gate is open, and what each puts out. */
    open;
    activations;
    /** Gate and value: [dFfn, dModel]; down: [dModel, dFfn]. */
    constructor(gate, value, down) {
        this.gate = gate;
        this.value = value;
        const readers = Array.from({ length: gate.columns }, (_, lane) => gate.column(lane).length);
        this.common = readers.indexOf(Math.max(...readers));
        const linear = Array.from({ length: gate.columns }, () => []);
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
            const terms = output.map(([to, weight]) => [to, common * read[1] * weight]);
            const isExact = terms.every(([, weight]) => Math.abs(weight) <= Number.MAX_SAFE_INTEGER);
            if (rest.length === 0 && others.length === 0 && common > 0 && isExact) {
                linear[read[0]]?.push(...terms);
                continue;
            }
            const name = JSON.stringify(rest);
            const ladder = ladders.get(name) ?? { form: rest, neurons: [] };
            ladders.set(name, ladder);
            ladder.neurons.push({ common, value: value.row(neuron), output });
        }
        const all = [...ladders.values()];
        for (const { neurons } of all)
            neurons.sort((a, b) => b.common - a.common);
        const neurons = all.flatMap((ladder) => ladder.neurons);
        const { columns } = gate;
        let end = 0;
        this.ladders = Matrix.of(columns, all.map(({ form }) => form)).transposed();
        this.ends = Int32Array.from(all, (ladder) => (end += ladder.neurons.length));
        this.commonWeights = Float64Array.from(neurons, ({ common }) => common);
        this.values = Matrix.of(columns, neurons.map((neuron) => neuron.value));
        this.outputs = Matrix.of(columns, neurons.map((neuron) => neuron.output));
        this.linear = Matrix.of(columns, linear);
        const isRead = (lane) => [this.ladders, this.linear].some((matrix) => matrix.row(lane).length > 0);
        this.read = Int32Array.from(linear.keys()).filter(isRead);
        this.sums = new Float64Array(all.length);
        this.begun = new Int32Array(all.length);
        this.looked = new Int32Array(all.length);
        this.all = Int32Array.from(all.keys());
        this.restless = this.all.filter((ladder) => (all[ladder]?.neurons[0]?.common ?? 0) > 0);
        this.amounts = new Float64Array(this.linear.at.length);
        this.to = new Int32Array(this.linear.at.length);
        this.open = new Int32Array(neurons.length);
        this.activations = new Float64Array(neurons.length);
    }
    /** Adds the neurons' outputs to the lanes. The lanes change only when all that is added is known. */
    pass(lanes) {
        const { amounts, to, outputs, open, activations } = this;
        const linear = this.sumUp(lanes);
        const count = this.activate(lanes);
        for (let i = 0; i < linear; i += 1) {
            const lane = to[i];
            lanes[lane] = lanes[lane] + amounts[i];
        }
        for (let i = 0; i < count; i += 1)
            outputs.addRow(open[i], activations[i], lanes);
    }
    /** Adds up the ladders' sums, and lists what linear neurons put out. */
    sumUp(lanes) {
        const { read, ladders, linear, sums, begun, looked, amounts, to } = this;
        const one = lanes[this.common];
        const common = Math.max(0, one);
        // The number of a pass fits into 31 bits; after the last one, the count begins again.
        if (this.passes === 0x7fffffff)
            begun.fill((this.passes = 0));
        const pass = (this.passes += 1);
        let ladderCount = 0;
        // Where the common lane is not positive, the steps of a ladder have another order: all are looked at.
        const always = one > 0 ? this.restless : this.all;
        for (let i = 0; i < always.length; i += 1) {
            const ladder = always[i];
            begun[ladder] = pass;
            sums[ladder] = 0;
            looked[ladderCount++] = ladder;
        }
        let count = 0;
        for (let i = 0; i < read.length; i += 1) {
            const lane = read[i];
            const x = lanes[lane];
            if (x === 0)
                continue;
            const lastTerm = ladders.starts[lane + 1];
            for (let term = ladders.starts[lane]; term < lastTerm; term += 1) {
                const ladder = ladders.at[term];
                const added = ladders.weights[term] * x;
                if (begun[ladder] === pass) {
                    sums[ladder] = sums[ladder] + added;
                }
                else {
                    begun[ladder] = pass;
                    sums[ladder] = added;
                    looked[ladderCount++] = ladder;
                }
            }
            const end = linear.starts[lane + 1];
            for (let term = linear.starts[lane]; term < end; term += 1) {
                to[count] = linear.at[term];
                amounts[count] = common * linear.weights[term] * x;
                count += 1;
            }
        }
        this.count = ladderCount;
        return count;
    }
    /** Lists the neurons that put out something. The ladders' sums are known. */
    activate(lanes) {
        const { open, activations, values, sums, ends, looked, commonWeights } = this;
        const common = lanes[this.common];
        let count = 0;
        for (let i = 0; i < this.count; i += 1) {
            const ladder = looked[i];
            const sum = sums[ladder];
            const end = ends[ladder];
            for (let neuron = ladder === 0 ? 0 : ends[ladder - 1]; neuron < end; neuron += 1) {
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
