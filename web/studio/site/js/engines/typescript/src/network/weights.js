// The matrices in a folder's tensors, in either form that `wasmformer export` writes.
//
// The dense form has one tensor for each matrix. The sparse form has two: NAME.values, the numbers that are
// not 0, and NAME.indices, where they are.
import { Matrix } from "./matrix.js";
function fail(what) {
    throw new Error(`model.safetensors: ${what}`);
}
/** Tensors from which matrices are taken. */
export class Weights {
    dtype;
    tensors;
    rest;
    isSparse;
    constructor(dtype, tensors) {
        this.dtype = dtype;
        this.tensors = tensors;
        this.rest = new Set(tensors.keys());
        this.isSparse = tensors.has("embedding.values");
    }
    /**
     * The matrix of this name. Throws an Error if it is not there, or not of this shape and the config's type.
     */
    take(name, rows, columns) {
        return this.isSparse ? this.sparse(name, rows, columns) : this.dense(name, rows, columns);
    }
    /** Throws an Error if a tensor was not taken. */
    mustBeEmpty() {
        for (const name of this.rest)
            fail(`has a tensor ${name} that the config does not know`);
    }
    tensor(name) {
        this.rest.delete(name);
        return this.tensors.get(name) ?? fail(`has no tensor ${name}`);
    }
    /** The numbers of a tensor. They must be finite, and of the type that the config says. */
    numbers(name) {
        const { data } = this.tensor(name);
        const type = data instanceof Float64Array ? "F64" : data instanceof Float32Array ? "F32" : "I32";
        if (type !== this.dtype || data instanceof Int32Array) {
            return fail(`tensor ${name} is of type ${type}, the config says ${this.dtype}`);
        }
        // A sum of magnitudes is finite only if all of them are; the magnitudes of weights are far from
        // overflowing it.
        let sum = 0;
        for (const number of data)
            sum += Math.abs(number);
        return Number.isFinite(sum) ? data : fail(`tensor ${name} has a weight that is no finite number`);
    }
    dense(name, rows, columns) {
        const { shape } = this.tensor(name);
        if (shape.length !== 2 || shape[0] !== rows || shape[1] !== columns) {
            fail(`tensor ${name} has shape [${shape.join(", ")}], the config asks for [${rows}, ${columns}]`);
        }
        return Matrix.dense(rows, columns, this.numbers(name));
    }
    sparse(name, rows, columns) {
        const indices = this.tensor(`${name}.indices`).data;
        const values = this.numbers(`${name}.values`);
        if (!(indices instanceof Int32Array))
            return fail(`tensor ${name}.indices is not of type I32`);
        if (indices.length !== values.length) {
            return fail(`tensor ${name} has ${indices.length} indices and ${values.length} values`);
        }
        let last = -1;
        for (const index of indices) {
            if (index <= last)
                fail(`tensor ${name}.indices has ${last} before ${index}; indices must ascend`);
            last = index;
        }
        if (last >= rows * columns)
            fail(`tensor ${name}.indices has ${last}, outside [${rows}, ${columns}]`);
        return Matrix.sparse(rows, columns, indices, values);
    }
}
