// Reading safetensors: eight bytes of length, a JSON header, the tensors' bytes.

export interface Tensor {
  shape: number[];
  data: Float32Array | Float64Array | Int32Array | Uint16Array;
}

function fail(what: string): never {
  throw new Error(`model.safetensors: ${what}`);
}

const isIntegers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((x) => typeof x === "number" && Number.isInteger(x) && x >= 0);

/** The types of numbers that are read. */
const TYPES = new Map<unknown, typeof Float32Array | typeof Float64Array | typeof Int32Array | typeof Uint16Array>([
  ["F32", Float32Array],
  ["F64", Float64Array],
  ["I32", Int32Array],
  ["U16", Uint16Array],
]);

/** The name of a tensor's type. */
export function typeOf(data: Tensor["data"]): string {
  return String([...TYPES].find(([, type]) => data instanceof type)?.[0]);
}

/** Whether this computer keeps the lowest byte of a number first, as safetensors does. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** All tensors by name. Throws an Error that describes what is wrong. */
export function parseSafetensors(bytes: Uint8Array): Map<string, Tensor> {
  if (!LITTLE_ENDIAN) fail("is read on computers that keep the lowest byte first");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 8) fail("is shorter than its header");
  const length = view.getBigUint64(0, true);
  if (length > BigInt(bytes.byteLength - 8)) fail("is shorter than its header");
  const start = 8 + Number(length);
  const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start)));
  if (typeof header !== "object" || header === null) fail("has no header");
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const fields = new Map<string, unknown>(Object.entries(typeof entry === "object" && entry !== null ? entry : {}));
    const [shape, offsets] = [fields.get("shape"), fields.get("data_offsets")];
    const dtype = fields.get("dtype");
    const type = TYPES.get(dtype) ?? fail(`tensor ${name} is of type ${String(dtype)}, expected ${[...TYPES.keys()].join(", ")}`);
    if (!isIntegers(shape) || !isIntegers(offsets) || offsets.length !== 2) fail(`tensor ${name} has no shape or place`);
    const [from, to] = [start + (offsets[0] ?? 0), start + (offsets[1] ?? 0)];
    const count = shape.reduce((product, n) => product * n, 1);
    if (to - from !== type.BYTES_PER_ELEMENT * count || to > bytes.byteLength) {
      fail(`tensor ${name} does not lie where the header says`);
    }
    const place = bytes.byteOffset + from;
    const isAligned = place % type.BYTES_PER_ELEMENT === 0;
    const [buffer, at] = isAligned ? [bytes.buffer as ArrayBuffer, place] : [bytes.slice(from, to).buffer, 0];
    tensors.set(name, { shape, data: new type(buffer, at, count) });
  }
  return tensors;
}
