// The public interface of this package. It does not need Node.

export * from "./byte/host.js";
export * from "./byte/isa.js";
export * from "./byte/profile.js";
export * from "./byte/vm.js";
export * from "./full/host.js";
export * from "./full/vocabulary.js";
export * from "./network/config.js";
export * from "./network/head-rows.js";
export * from "./network/load.js";
export * from "./network/matrix.js";
export * from "./network/model.js";
export * from "./network/rows.js";
export * from "./network/run.js";
export * from "./network/safetensors.js";
export * from "./network/session.js";
