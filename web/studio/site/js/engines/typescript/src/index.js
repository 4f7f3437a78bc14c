// The public interface of this package. It does not need Node.
import { parseConfig } from "./config.js";
import { parseSafetensors } from "./safetensors.js";
import { Model } from "./transformer.js";
export * from "./config.js";
export * from "./host.js";
export * from "./isa.js";
export * from "./profile.js";
export * from "./safetensors.js";
export * from "./transformer.js";
export * from "./vm.js";
/** A model from the two files of its folder. Throws an Error that describes what is wrong with the files. */
export function loadModel(configJson, safetensors) {
    return new Model(parseConfig(configJson), parseSafetensors(safetensors));
}
