// A model: config and weights, compiled for the sparse pass.

import type { Attention, Config } from "./config.js";
import { compileHeads, type AttentionWeights, type Heads } from "./heads.js";
import { Matrix } from "./matrix.js";
import { Neurons } from "./neurons.js";
import type { Tensor } from "./safetensors.js";
import { Unembedding } from "./unembedding.js";
import { Weights } from "./weights.js";

export interface Layer {
  kinds: Attention[];
  /** `undefined` in a layer without heads. */
  attention: AttentionWeights | undefined;
  heads: Heads | undefined;
  /** Gate and value: [dFfn, dModel]; down: [dModel, dFfn]. */
  gate: Matrix;
  value: Matrix;
  down: Matrix;
  neurons: Neurons;
}

/** A head or a neuron; layers and indices are counted from 0. */
export interface Unit {
  kind: "head" | "neuron";
  layer: number;
  index: number;
}

export class Model {
  /** [vocabSize, dModel]. */
  readonly embedding: Matrix;
  readonly layers: Layer[];
  /** [vocabSize, dModel]. */
  readonly unembedding: Matrix;
  readonly tokens: Unembedding;

  /**
   * Throws an Error if a tensor is missing, superfluous, or not of the shape and type that the config
   * requires.
   */
  constructor(
    readonly config: Config,
    tensors: Map<string, Tensor>,
  ) {
    const { dModel: d, dHead, dFfn, vocabSize } = config;
    const weights = new Weights(config.dtype, tensors);
    const matrix = (name: string, rows: number, columns: number): Matrix => weights.take(name, rows, columns);
    this.embedding = matrix("embedding", vocabSize, d);
    this.layers = config.attention.map((kinds, index) => {
      const [at, width] = [`layers.${index}`, kinds.length * dHead];
      const attention = width === 0 ? undefined : {
        query: matrix(`${at}.attention.query`, width, d),
        key: matrix(`${at}.attention.key`, width, d),
        value: matrix(`${at}.attention.value`, width, d),
        output: matrix(`${at}.attention.output`, d, width),
      };
      const gate = matrix(`${at}.ffn.gate`, dFfn, d);
      const value = matrix(`${at}.ffn.value`, dFfn, d);
      const down = matrix(`${at}.ffn.down`, d, dFfn);
      const heads = attention && compileHeads(kinds, attention, dHead);
      return { kinds, attention, heads, gate, value, down, neurons: new Neurons(gate, value, down) };
    });
    this.unembedding = matrix("unembedding", vocabSize, d);
    weights.mustBeEmpty();
    this.tokens = new Unembedding(this.unembedding);
  }

  /**
   * The same model in which a head or a neuron adds nothing to the lanes: its weights on them are 0. All
   * other weights are shared. Throws a RangeError if there is no such unit.
   */
  without({ kind, layer: at, index }: Unit): Model {
    const { dHead, dFfn } = this.config;
    const layer = this.layers[at];
    const count = layer === undefined ? 0 : kind === "head" ? layer.kinds.length : dFfn;
    if (layer === undefined || !(index >= 0 && index < count)) throw new RangeError(`no ${kind} ${index} in layer ${at}`);
    const { kinds, attention, gate, value } = layer;
    const changed = { ...layer };
    if (kind === "neuron") {
      changed.down = layer.down.withoutColumns(index, index + 1);
      changed.neurons = new Neurons(gate, value, changed.down);
    } else if (attention !== undefined) {
      changed.attention = { ...attention, output: attention.output.withoutColumns(index * dHead, (index + 1) * dHead) };
      changed.heads = compileHeads(kinds, changed.attention, dHead);
    }
    const layers = this.layers.map((other, place) => (place === at ? changed : other));
    return Object.assign(Object.create(Model.prototype) as Model, this, { layers });
  }

  private get matrices(): Matrix[] {
    const ofLayer = ({ attention, gate, value, down }: Layer): Matrix[] => [...Object.values(attention ?? {}), gate, value, down];
    return [this.embedding, ...this.layers.flatMap(ofLayer), this.unembedding];
  }

  /** The number of parameters. */
  get parameters(): number {
    return this.matrices.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  }

  /** The number of parameters that are not 0. */
  get weights(): number {
    return this.matrices.reduce((sum, { at }) => sum + at.length, 0);
  }
}
