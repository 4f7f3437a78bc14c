// A model from the files of its folder.

import { parseConfig } from "./config.js";
import { Model } from "./model.js";
import { parseSafetensors } from "./safetensors.js";

/** A model from the two files of its folder. Throws an Error that describes what is wrong with the files. */
export function loadModel(configJson: string, safetensors: Uint8Array): Model {
  return new Model(parseConfig(configJson), parseSafetensors(safetensors));
}
