// The matrices in a folder's tensors, in either form that `wasmformer export` writes.
//
// The dense form has one tensor for each matrix. The sparse form has three: NAME.indices, where the numbers
// are that are not 0; NAME.codes, which of the distinct numbers each of them is; NAME.values, these.

import type { Config } from "./config.js";
import { Matrix } from "./matrix.js";
import { typeOf, type Tensor } from "./safetensors.js";

function fail(what: string): never {
  throw new Error(`model.safetensors: ${what}`);
}

/** Tensors from which matrices are taken. */
export class Weights {
  private readonly rest: Set<string>;
  private readonly isSparse: boolean;

  constructor(
    private readonly dtype: Config["dtype"],
    private readonly tensors: ReadonlyMap<string, Tensor>,
  ) {
    this.rest = new Set(tensors.keys());
    this.isSparse = tensors.has("embedding.values");
  }

  /**
   * The matrix of this name. Throws an Error if it is not there, or not of this shape and the config's type.
   */
  take(name: string, rows: number, columns: number): Matrix {
    return this.isSparse ? this.sparse(name, rows, columns) : this.dense(name, rows, columns);
  }

  /** Throws an Error if a tensor was not taken. */
  mustBeEmpty(): void {
    for (const name of this.rest) fail(`has a tensor ${name} that the config does not know`);
  }

  private tensor(name: string): Tensor {
    this.rest.delete(name);
    return this.tensors.get(name) ?? fail(`has no tensor ${name}`);
  }

  /** The numbers of a tensor. They must be finite, and of the type that the config says. */
  private numbers(name: string): Float32Array | Float64Array {
    const { data } = this.tensor(name);
    const isNumbers = data instanceof Float32Array || data instanceof Float64Array;
    if (!isNumbers || typeOf(data) !== this.dtype) {
      return fail(`tensor ${name} is of type ${typeOf(data)}, the config says ${this.dtype}`);
    }
    // A sum of magnitudes is finite only if all of them are; the magnitudes of weights are far from
    // overflowing it.
    let sum = 0;
    for (const number of data) sum += Math.abs(number);
    return Number.isFinite(sum) ? data : fail(`tensor ${name} has a weight that is no finite number`);
  }

  private dense(name: string, rows: number, columns: number): Matrix {
    const { shape } = this.tensor(name);
    if (shape.length !== 2 || shape[0] !== rows || shape[1] !== columns) {
      fail(`tensor ${name} has shape [${shape.join(", ")}], the config asks for [${rows}, ${columns}]`);
    }
    return Matrix.dense(rows, columns, this.numbers(name));
  }

  private sparse(name: string, rows: number, columns: number): Matrix {
    const indices = this.tensor(`${name}.indices`).data;
    const codes = this.tensor(`${name}.codes`).data;
    const values = this.numbers(`${name}.values`);
    if (!(indices instanceof Int32Array)) return fail(`tensor ${name}.indices is not of type I32`);
    if (!(codes instanceof Uint16Array)) return fail(`tensor ${name}.codes is not of type U16`);
    if (indices.length !== codes.length) {
      return fail(`tensor ${name} has ${indices.length} indices and ${codes.length} codes`);
    }
    const most = codes.reduce((most, code) => Math.max(most, code), -1);
    if (most >= values.length) fail(`tensor ${name}.codes has ${most}, and there are ${values.length} values`);
    let last = -1;
    for (const index of indices) {
      if (index <= last) fail(`tensor ${name}.indices has ${last} before ${index}; indices must ascend`);
      last = index;
    }
    if (last >= rows * columns) fail(`tensor ${name}.indices has ${last}, outside [${rows}, ${columns}]`);
    return Matrix.sparse(rows, columns, indices, Float64Array.from(codes, (code) => values[code] as number));
  }
}
