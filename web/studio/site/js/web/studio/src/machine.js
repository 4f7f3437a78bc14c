// The machine as served beside the pages: weights, config, and the names, which are not in the weights.
import { loadModel } from "../../../engines/typescript/src/index.js";
export class Machine {
    model;
    names;
    constructor(model, names) {
        this.model = model;
        this.names = names;
    }
    /** The index of a lane by its name. */
    lane(name) {
        return this.find(this.names.lanes.findIndex((lane) => lane.name === name), name);
    }
    /** The layer and index of a head by its name. */
    head(name) {
        const layer = this.names.layers.findIndex(({ heads }) => heads.includes(name));
        return [this.find(layer, name), this.names.layers[layer]?.heads.indexOf(name) ?? 0];
    }
    /** The name of a part. */
    nameOf(part) {
        if (part.kind === "lane")
            return this.names.lanes[part.lane]?.name ?? `lane ${part.lane}`;
        const layer = this.names.layers[part.layer];
        return (part.kind === "head" ? layer?.heads : layer?.neurons)?.[part.index] ?? `${part.kind} ${part.index}`;
    }
    /** All parts, lanes first. */
    parts() {
        const lanes = this.names.lanes.map((_, lane) => ({ kind: "lane", lane }));
        const rest = this.names.layers.flatMap(({ heads, neurons }, layer) => [
            ...heads.map((_, index) => ({ kind: "head", layer, index })),
            ...neurons.map((_, index) => ({ kind: "neuron", layer, index })),
        ]);
        return [...lanes, ...rest];
    }
    find(index, name) {
        if (index < 0)
            throw new Error(`circuit.json does not name ${name}`);
        return index;
    }
}
async function get(path) {
    const response = await fetch(path).catch(() => {
        throw new Error(`${path} cannot be loaded: the server has ended, or it cannot be reached`);
    });
    if (!response.ok)
        throw new Error(`${path}: ${response.status} ${response.statusText}`);
    return response;
}
/** Fetches the machine from the folder beside the page. */
export async function loadMachine() {
    const [config, weights, names] = await Promise.all([
        get("model/config.json").then((file) => file.text()),
        get("model/model.safetensors").then((file) => file.arrayBuffer()),
        get("model/circuit.json").then((file) => file.json()),
    ]);
    return new Machine(loadModel(config, new Uint8Array(weights)), names);
}
/** Fetches the examples. */
export async function loadExamples() {
    return (await get("model/examples.json")).json();
}
