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

import { Matrix, type Form } from "./matrix.js";

/** A neuron that can put out something. */
interface Neuron {
  /** The weight of the common lane in the gate. */
  common: number;
  value: Form;
  output: Form;
}

export class Neurons {
  /** The lane that most gates read. */
  private readonly common: number;
  /** The lanes that ladders or linear neurons read. */
  private readonly read: Int32Array;
  /** The gates of the ladders, without the common lane: a row for each lane, a column for each ladder. */
  private readonly ladders: Matrix;
  /**
   * The neurons of ladder i are those from `ends[i - 1]` to `ends[i]`, the highest weight of the common lane
   * first.
   */
  private readonly ends: Int32Array;
  private readonly commonWeights: Float64Array;
  /** The ladders with a gate that is open while their sum is 0 and the common lane is positive. */
  private readonly restless: Int32Array;
  private readonly all: Int32Array;
  private readonly values: Matrix;
  private readonly outputs: Matrix;
  /**
   * Linear neurons: lane r times the weight in row r and column c is added to lane c, times the common lane
   * if that is positive.
   */
  private readonly linear: Matrix;

  /**
   * Room for a pass: the ladders' sums, each with the number of the pass in which it was begun; the ladders
   * that are looked at; the amounts of linear neurons, and the lanes they are added to.
   */
  private readonly sums: Float64Array;
  private readonly begun: Int32Array;
  private readonly looked: Int32Array;
  private count = 0;
  private passes = 0;
  private readonly amounts: Float64Array;
  private readonly to: Int32Array;
  /** The neurons whose gate is open, and what each puts out. */
  private readonly open: Int32Array;
  private readonly activations: Float64Array;

  /** Gate and value: [dFfn, dModel]; down: [dModel, dFfn]. */
  constructor(
    private readonly gate: Matrix,
    private readonly value: Matrix,
    down: Matrix,
  ) {
    const readers = Array.from({ length: gate.columns }, (_, lane) => gate.column(lane).length);
    this.common = readers.indexOf(Math.max(...readers));
    const linear: [to: number, weight: number][][] = Array.from({ length: gate.columns }, () => []);
    const ladders = new Map<string, { form: Form; neurons: Neuron[] }>();
    for (let neuron = 0; neuron < gate.rows; neuron += 1) {
      const [form, output] = [gate.row(neuron), down.column(neuron)];
      if (form.length === 0 || output.length === 0) continue;
      const common = form.find(([lane]) => lane === this.common)?.[1] ?? 0;
      const rest = form.filter(([lane]) => lane !== this.common);
      const [read, ...others] = value.row(neuron);
      if (read === undefined) continue;
      const terms = output.map(([to, weight]) => [to, common * read[1] * weight] as [number, number]);
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
    for (const { neurons } of all) neurons.sort((a, b) => b.common - a.common);
    const neurons = all.flatMap((ladder) => ladder.neurons);
    const { columns } = gate;
    let end = 0;
    this.ladders = Matrix.of(columns, all.map(({ form }) => form)).transposed();
    this.ends = Int32Array.from(all, (ladder) => (end += ladder.neurons.length));
    this.commonWeights = Float64Array.from(neurons, ({ common }) => common);
    this.values = Matrix.of(columns, neurons.map((neuron) => neuron.value));
    this.outputs = Matrix.of(columns, neurons.map((neuron) => neuron.output));
    this.linear = Matrix.of(columns, linear);
    const isRead = (lane: number): boolean => [this.ladders, this.linear].some((matrix) => matrix.row(lane).length > 0);
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
  pass(lanes: Float64Array): void {
    const { amounts, to, outputs, open, activations } = this;
    const linear = this.sumUp(lanes);
    const count = this.activate(lanes);
    for (let i = 0; i < linear; i += 1) {
      const lane = to[i] as number;
      lanes[lane] = (lanes[lane] as number) + (amounts[i] as number);
    }
    for (let i = 0; i < count; i += 1) outputs.addRow(open[i] as number, activations[i] as number, lanes);
  }

  /** Adds up the ladders' sums, and lists what linear neurons put out. */
  private sumUp(lanes: Float64Array): number {
    const { read, ladders, linear, sums, begun, looked, amounts, to } = this;
    const one = lanes[this.common] as number;
    const common = Math.max(0, one);
    // The number of a pass fits into 31 bits; after the last one, the count begins again.
    if (this.passes === 0x7fffffff) begun.fill((this.passes = 0));
    const pass = (this.passes += 1);
    let ladderCount = 0;
    // Where the common lane is not positive, the steps of a ladder have another order: all are looked at.
    const always = one > 0 ? this.restless : this.all;
    for (let i = 0; i < always.length; i += 1) {
      const ladder = always[i] as number;
      begun[ladder] = pass;
      sums[ladder] = 0;
      looked[ladderCount++] = ladder;
    }
    let count = 0;
    for (let i = 0; i < read.length; i += 1) {
      const lane = read[i] as number;
      const x = lanes[lane] as number;
      if (x === 0) continue;
      const lastTerm = ladders.starts[lane + 1] as number;
      for (let term = ladders.starts[lane] as number; term < lastTerm; term += 1) {
        const ladder = ladders.at[term] as number;
        const added = (ladders.weights[term] as number) * x;
        if (begun[ladder] === pass) {
          sums[ladder] = (sums[ladder] as number) + added;
        } else {
          begun[ladder] = pass;
          sums[ladder] = added;
          looked[ladderCount++] = ladder;
        }
      }
      const end = linear.starts[lane + 1] as number;
      for (let term = linear.starts[lane] as number; term < end; term += 1) {
        to[count] = linear.at[term] as number;
        amounts[count] = common * (linear.weights[term] as number) * x;
        count += 1;
      }
    }
    this.count = ladderCount;
    return count;
  }

  /** Lists the neurons that put out something. The ladders' sums are known. */
  private activate(lanes: Float64Array): number {
    const { open, activations, values, sums, ends, looked, commonWeights } = this;
    const common = lanes[this.common] as number;
    let count = 0;
    for (let i = 0; i < this.count; i += 1) {
      const ladder = looked[i] as number;
      const sum = sums[ladder] as number;
      const end = ends[ladder] as number;
      for (let neuron = ladder === 0 ? 0 : (ends[ladder - 1] as number); neuron < end; neuron += 1) {
        const gate = sum + common * (commonWeights[neuron] as number);
        if (gate > 0) {
          const value = values.dot(neuron, lanes);
          if (value === 0) continue;
          open[count] = neuron;
          activations[count] = gate * value;
          count += 1;
        } else if (common >= 0) {
          break; // the gates after it are closed too
        }
      }
    }
    return count;
  }

  /** All gates, before relu, and all values. */
  seen(lanes: Float64Array): [gates: Float64Array, values: Float64Array] {
    const all = (matrix: Matrix): Float64Array => {
      const products = new Float64Array(matrix.rows);
      matrix.times(lanes, products);
      return products;
    };
    return [all(this.gate), all(this.value)];
  }
}
