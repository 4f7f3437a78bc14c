// The machine as served beside the pages: weights, config, and the names, which are not in the weights.

import { loadModel, type Instr, type Model } from "../../../engines/typescript/src/index.js";

/** circuit.json, written by `wasmformer studio`. */
export interface Names {
  lanes: { name: string; meaning: string; positional: [low: number, high: number] | null }[];
  layers: { heads: string[]; neurons: string[] }[];
  instructions: { mnemonic: string; meaning: string }[];
}

/** A program of the compliance suite. */
export interface Example {
  path: string;
  about: string | null;
  listing: Instr[];
  files: number[][];
}

/** A lane, head or neuron. Layers and indices are counted from 0. */
export type Part = { kind: "lane"; lane: number } | { kind: "head" | "neuron"; layer: number; index: number };

export class Machine {
  constructor(
    readonly model: Model,
    readonly names: Names,
  ) {}

  /** The index of a lane by its name. */
  lane(name: string): number {
    return this.find(
      this.names.lanes.findIndex((lane) => lane.name === name),
      name,
    );
  }

  /** The layer and index of a head by its name. */
  head(name: string): readonly [layer: number, index: number] {
    const layer = this.names.layers.findIndex(({ heads }) => heads.includes(name));
    return [this.find(layer, name), this.names.layers[layer]?.heads.indexOf(name) ?? 0];
  }

  /** The name of a part. */
  nameOf(part: Part): string {
    if (part.kind === "lane") return this.names.lanes[part.lane]?.name ?? `lane ${part.lane}`;
    const layer = this.names.layers[part.layer];
    return (part.kind === "head" ? layer?.heads : layer?.neurons)?.[part.index] ?? `${part.kind} ${part.index}`;
  }

  /** All parts, lanes first. */
  parts(): Part[] {
    const lanes = this.names.lanes.map((_, lane): Part => ({ kind: "lane", lane }));
    const rest = this.names.layers.flatMap(({ heads, neurons }, layer) => [
      ...heads.map((_, index): Part => ({ kind: "head", layer, index })),
      ...neurons.map((_, index): Part => ({ kind: "neuron", layer, index })),
    ]);
    return [...lanes, ...rest];
  }

  private find(index: number, name: string): number {
    if (index < 0) throw new Error(`circuit.json does not name ${name}`);
    return index;
  }
}

async function get(path: string): Promise<Response> {
  const response = await fetch(path).catch(() => {
    throw new Error(`${path} cannot be loaded: the server has ended, or it cannot be reached`);
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return response;
}

/** Fetches the machine from the folder beside the page. */
export async function loadMachine(): Promise<Machine> {
  const [config, weights, names] = await Promise.all([
    get("model/config.json").then((file) => file.text()),
    get("model/model.safetensors").then((file) => file.arrayBuffer()),
    get("model/circuit.json").then((file) => file.json() as Promise<Names>),
  ]);
  return new Machine(loadModel(config, new Uint8Array(weights)), names);
}

/** Fetches the examples. */
export async function loadExamples(): Promise<Example[]> {
  return (await get("model/examples.json")).json() as Promise<Example[]>;
}
