// A model's folder, for Node.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { loadModel, type Model } from "./index.js";

/** Loads a folder that `wasmformer export` wrote. Throws an Error that describes what is wrong with it. */
export async function loadFolder(folder: string): Promise<Model> {
  const [config, weights] = await Promise.all([
    readFile(join(folder, "config.json"), "utf8"),
    readFile(join(folder, "model.safetensors")),
  ]);
  return loadModel(config, weights);
}
