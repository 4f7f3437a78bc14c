// The network on small models whose results are computed by hand, and its indexes on random ones.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Model, parseConfig, parseSafetensors, Session, type Options, type Row, type Tensor } from "../src/index.js";
import { Distinct, Every } from "../src/network/memory.js";
import { Matrix } from "../src/network/matrix.js";
import { Neurons } from "../src/network/neurons.js";
import { Table } from "../src/network/table.js";
import { Unembedding } from "../src/network/unembedding.js";
import { digest } from "../src/protocol/digest.js";
import { randomFrom } from "./common.js";

/**
 * Lane 0 is a row's number, and lane 1 the constant 1. One head with the key (number, 1) writes the value
 * that it finds to lane 2.
 */
function oneHead(kind: string, query: [number, number], options: Options = {}): Session {
  const shape = { d_model: 4, d_head: 2, d_ffn: 1, vocab_size: 1 };
  const json = { dtype: "F32", machine: "byte", ...shape, attention: [[kind]], special_tokens: {}, lanes: [] };
  const tensors = new Map<string, Tensor>();
  const set = (name: string, rows: number[][]): void => {
    tensors.set(name, { shape: [rows.length, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) });
  };
  const zeros = [0, 0, 0, 0];
  const identity = [[1, 0, 0, 0], [0, 1, 0, 0]];
  const number = [1, 0, 0, 0];
  set("embedding", [zeros]);
  set("unembedding", [zeros]);
  set("layers.0.attention.query", query.map((weight) => [0, weight, 0, 0]));
  set("layers.0.attention.key", identity);
  set("layers.0.attention.value", [number, number]);
  set("layers.0.attention.output", [[0, 0], [0, 0], [1, 0], [0, 1]]);
  set("layers.0.ffn.gate", [zeros]);
  set("layers.0.ffn.value", [zeros]);
  set("layers.0.ffn.down", [[0], [0], [0], [0]]);
  return new Session(new Model(parseConfig(JSON.stringify(json)), tensors), options);
}

const row = (number: number): Row => ({ token: 0, positional: [[0, number], [1, 1]] });
const found = (session: Session, ...numbers: number[]): unknown[] => numbers.map((number) => session.forward(row(number))[2]);

test("hard-max takes the highest, of equal scores the latest", () => {
  assert.deepEqual(found(oneHead("hard_max", [1, 0]), 3, 1, 7, 2), [3, 3, 7, 7]);
  assert.deepEqual(found(oneHead("hard_max", [0, 1]), 4, 9, 9, 0, 2), [4, 9, 9, 0, 2]);
});

test("sum adds all rows so far", () => {
  assert.deepEqual(found(oneHead("sum", [0, 0]), 3, 1, 7), [3, 4, 11]);
});

test("cross sees the store only, and a row of it can be replaced", () => {
  const session = oneHead("cross:0", [-1, 0]);
  assert.deepEqual(found(session, 1), [0], "an empty store gives 0");
  const writes = [[0, 5], [1, 4], [2, 8], [1, 6]] as const;
  for (const [index, number] of writes) session.writeStore({ store: 0, index, ...row(number) });
  assert.deepEqual(found(session, 1, 9), [5, 5]);
});

test("keys outgrow their first array", () => {
  const numbers = Array.from({ length: 500 }, (_, i) => i % 7);
  assert.deepEqual(found(oneHead("hard_max", [0, 1]), ...numbers), numbers);
});

test("a rewound sequence answers as it did then, stores included", () => {
  const numbers = Array.from({ length: 200 }, (_, i) => (i * i) % 11);
  for (const kind of ["hard_max", "sum", "cross:0"]) {
    const session = oneHead(kind, [1, 0], { history: true });
    const then = numbers.map((number, i) => {
      session.writeStore({ store: 0, index: Math.min(i, 3), ...row(i % 2 === 0 ? i : -i) });
      return session.forward(row(number))[2];
    });
    for (const at of [199, 0, 7, 64, 63, 150]) {
      assert.equal(session.rewound(at).forward(row(numbers[at] ?? 0))[2], then[at], `${kind}, row ${at}`);
    }
    assert.equal(session.length, 200);
  }
});

test("a head may be asked", () => {
  const session = oneHead("hard_max", [1, 0]);
  assert.equal(session.ask(0, 0, [1, 0]), undefined);
  found(session, 3, 9, 4);
  assert.deepEqual([...(session.ask(0, 0, [1, 0]) ?? [])], [9, 9]);
  assert.deepEqual([...(session.ask(0, 0, [-1, 0]) ?? [])], [3, 3]);
});

test("without a history there is nothing to rewind", () => {
  assert.throws(() => oneHead("hard_max", [1, 0]).rewound(0), /without a history/);
});

test("configs, weights and tokens that are wrong are refused with a reason", () => {
  assert.throws(() => parseConfig("{}"), /config.json: dtype is undefined, expected "F32" or "F64"/);
  assert.throws(() => parseConfig("[1"), SyntaxError);
  assert.throws(() => parseSafetensors(new Uint8Array(4)), /shorter than its header/);
  assert.throws(() => parseSafetensors(new Uint8Array([255, 0, 0, 0, 0, 0, 0, 0])), /shorter than its header/);
  const { config } = oneHead("sum", [0, 0]).model;
  const tensors = (...shape: number[]): Map<string, Tensor> =>
    new Map([["embedding", { shape, data: new Float32Array(shape.reduce((a, b) => a * b)) }]]);
  assert.throws(() => new Model(config, new Map()), /has no tensor embedding/);
  assert.throws(() => new Model(config, tensors(2, 4)), /embedding has shape \[2, 4\], the config asks for \[1, 4\]/);
  assert.throws(() => new Model({ ...config, dtype: "F64" }, tensors(1, 4)), /is of type F32, the config says F64/);
  const wrong = new Map([["embedding", { shape: [1, 4], data: Float32Array.of(0, NaN, 0, 0) }]]);
  assert.throws(() => new Model(config, wrong), /no finite number/);
  assert.throws(() => oneHead("sum", [0, 0]).forward({ token: 1, positional: [] }), /outside the vocabulary/);
});

test("sparse tensors are refused where they do not fit", () => {
  const { config } = oneHead("sum", [0, 0]).model;
  const model = (indices: number[], codes: number[], values: number[]): Model =>
    new Model(
      config,
      new Map<string, Tensor>([
        ["embedding.indices", { shape: [indices.length], data: Int32Array.from(indices) }],
        ["embedding.codes", { shape: [codes.length], data: Uint16Array.from(codes) }],
        ["embedding.values", { shape: [values.length], data: Float32Array.from(values) }],
      ]),
    );
  assert.throws(() => model([0, 1], [0], [1]), /embedding has 2 indices and 1 codes/);
  assert.throws(() => model([1, 1], [0, 0], [1]), /has 1 before 1; indices must ascend/);
  assert.throws(() => model([-1], [0], [1]), /has -1 before -1|indices must ascend/);
  assert.throws(() => model([4], [0], [1]), /has 4, outside \[1, 4\]/);
  assert.throws(() => model([3], [2], [1, 2]), /embedding.codes has 2, and there are 2 values/);
  assert.throws(() => model([3], [1], [1, 2]), /has no tensor layers.0.attention.query.indices/);
  const old = new Map<string, Tensor>([
    ["embedding.indices", { shape: [1], data: Int32Array.of(3) }],
    ["embedding.values", { shape: [1], data: Float32Array.of(1) }],
  ]);
  assert.throws(() => new Model(config, old), /has no tensor embedding.codes/);
  old.set("embedding.codes", { shape: [1], data: Int32Array.of(0) });
  assert.throws(() => new Model(config, old), /embedding.codes is not of type U16/);
  old.set("embedding.values", { shape: [1], data: Uint16Array.of(1) });
  assert.throws(() => new Model(config, old), /embedding.values is of type U16, the config says F32/);
});

test("an index finds what a scan of all rows finds", () => {
  const random = randomFrom(1);
  for (let round = 0; round < 200; round += 1) {
    const width = round % 5 === 0 ? 3 : 2;
    const [distinct, every] = [new Distinct(width, 1), new Every(new Table(width, 1))];
    const shape = random(3);
    for (let place = 0; place < 60; place += 1) {
      const j = random(14) - 4;
      const b = [random(7) - 3, -j * j, -j * j - random(3)][shape] as number;
      const row = [shape === 0 ? j : 2 * j, b, random(2), place];
      const from = Float64Array.from([...row.slice(0, width), place]);
      for (const memory of [distinct, every]) memory.add(place, from, 0, width);
      const query = Float64Array.of(random(20) - 8, [1, 1, 1, random(5) - 2][random(4)] as number, random(3) - 1);
      const [found, scanned] = [distinct.best(query, 0), every.best(query, 0)];
      assert.equal(distinct.table.places[found], every.table.places[scanned], `round ${round}, row ${place}`);
    }
  }
});

test("values that wait are those of the latest row of their key", () => {
  const random = randomFrom(5);
  for (let round = 0; round < 100; round += 1) {
    const [late, every] = [new Distinct(2, 3, true), new Every(new Table(2, 3))];
    // Two places for what a row gives, which change about, as a sequence has them.
    const given = [new Float64Array(5), new Float64Array(5)];
    for (let place = 0; place < 60; place += 1) {
      const from = given[place % 2] as Float64Array;
      const j = random(4);
      from.set([2 * j, -j * j - random(2), place, random(9), -place]);
      for (const memory of [late, every]) memory.add(place, from, 0, 2);
      if (random(3) === 0) continue;
      const query = Float64Array.of(random(6), 1);
      const values = [late, every].map((memory) => {
        const row = memory.best(query, 0);
        return [...memory.table.values.subarray(3 * row, 3 * row + 3)];
      });
      assert.deepEqual(values[0], values[1], `round ${round}, row ${place}`);
    }
    late.settle();
    for (let row = 0; row < late.table.length; row += 1) {
      const latest = [...every.table.places.subarray(0, every.table.length)].findLastIndex((_, other) =>
        [0, 1].every((i) => every.table.keys[2 * other + i] === late.table.keys[2 * row + i]),
      );
      assert.deepEqual([...late.table.values.subarray(3 * row, 3 * row + 3)], [...every.table.values.subarray(3 * latest, 3 * latest + 3)]);
    }
  }
});

test("without a head or a neuron nothing of it is added, and the rest is as before", () => {
  const whole = oneHead("hard_max", [1, 0]).model;
  const silent = whole.without({ kind: "head", layer: 0, index: 0 });
  assert.deepEqual(found(new Session(silent), 3, 1, 7), [0, 0, 0]);
  assert.deepEqual(found(new Session(whole), 3, 1, 7), [3, 3, 7], "the whole model is unchanged");
  assert.deepEqual(found(new Session(whole.without({ kind: "neuron", layer: 0, index: 0 })), 3, 1, 7), [3, 3, 7]);
  // What the head finds is still there to be seen.
  const session = new Session(silent);
  session.forward(row(5));
  assert.deepEqual([...(session.ask(0, 0, [1, 0]) ?? [])], [5, 5]);
  for (const unit of [{ kind: "head", layer: 0, index: 1 }, { kind: "neuron", layer: 1, index: 0 }, { kind: "neuron", layer: 0, index: -1 }] as const) {
    assert.throws(() => whole.without(unit), /no (head|neuron) -?\d in layer \d/);
  }
});

test("large keys are told apart exactly", () => {
  const large = 2 ** 51;
  const [distinct, every] = [new Distinct(2, 1), new Every(new Table(2, 1))];
  const random = randomFrom(2);
  for (let place = 0; place < 100; place += 1) {
    const from = Float64Array.of(random(9) - 4, large - random(5), place);
    for (const memory of [distinct, every]) memory.add(place, from, 0, 2);
    const query = Float64Array.of(random(9) - 4, 1);
    assert.equal(distinct.table.places[distinct.best(query, 0)], every.table.places[every.best(query, 0)]);
  }
});

test("the token found on hulls is that of the highest logit, of equal ones the lowest", () => {
  const random = randomFrom(3);
  const [families, size] = [6, 20];
  const rows = Array.from({ length: families * size }, (_, row) => {
    const [family, t] = [Math.floor(row / size), row % size];
    const weights = new Array<number>(2 + 2 * families).fill(0);
    [weights[0], weights[2 + family], weights[2 + families + family]] = [-t * t, 2 * t, 500];
    return weights;
  });
  const unembedding = new Unembedding(Matrix.dense(families * size, 2 + 2 * families, rows.flat()));
  for (let round = 0; round < 3000; round += 1) {
    const lanes = Float64Array.from(rows[0] as number[], () => random(30) - 5);
    lanes[0] = random(2);
    for (let family = 0; family < families; family += 1) lanes[2 + families + family] = random(3) - 1;
    // In some rounds the numbers are so large that the hull's own sums might not be exact.
    if (round % 10 === 0) lanes.forEach((x, lane) => (lanes[lane] = x * 2 ** 40));
    const logits = unembedding.logits(lanes);
    assert.equal(unembedding.token(lanes), logits.indexOf(Math.max(...logits)), `round ${round}`);
  }
});

test("ladders and linear neurons give what the neurons give one by one", () => {
  const random = randomFrom(4);
  const [lanes, count] = [12, 60];
  for (let round = 0; round < 100; round += 1) {
    const matrix = (rows: number, columns: number, sparse: number): Matrix =>
      Matrix.dense(rows, columns, Array.from({ length: rows * columns }, () => (random(sparse) === 0 ? random(9) - 4 : 0)));
    const gates = Array.from({ length: count * lanes }, (_, i) => {
      const lane = i % lanes;
      return lane === 0 ? random(7) - 3 : lane < 4 && i % 3 > 0 ? random(2) : 0;
    });
    const [gate, value, down] = [Matrix.dense(count, lanes, gates), matrix(count, lanes, 8), matrix(lanes, count, 12)];
    const neurons = new Neurons(gate, value, down);
    const x = Float64Array.from({ length: lanes }, () => random(7) - 3);
    if (round % 3 > 0) x[0] = 1;
    const expected = x.slice();
    for (let neuron = 0; neuron < count; neuron += 1) {
      const activation = Math.max(0, gate.dot(neuron, x)) * value.dot(neuron, x);
      for (const [lane, weight] of down.column(neuron)) expected[lane] = (expected[lane] as number) + weight * activation;
    }
    neurons.pass(x);
    assert.deepEqual(x, expected, `round ${round}`);
  }
});

test("the digest of logits is that of the page", () => {
  assert.deepEqual(digest(Float64Array.of(0, 1, -2.5)), [3453636453, 624699479]);
});
