// Reading safetensors: eight bytes of length, a JSON header, the tensors' bytes.
function fail(what) {
    throw new Error(`model.safetensors: ${what}`);
}
const isIntegers = (value) => Array.isArray(value) && value.every((x) => typeof x === "number" && Number.isInteger(x) && x >= 0);
/** All tensors by name. Only f32 is supported. Throws an Error that describes what is wrong. */
export function parseSafetensors(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.byteLength < 8)
        fail("is shorter than its header");
    const length = view.getBigUint64(0, true);
    if (length > BigInt(bytes.byteLength - 8))
        fail("is shorter than its header");
    const start = 8 + Number(length);
    const header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start)));
    if (typeof header !== "object" || header === null)
        fail("has no header");
    const tensors = new Map();
    for (const [name, entry] of Object.entries(header)) {
        if (name === "__metadata__")
            continue;
        const fields = new Map(Object.entries(typeof entry === "object" && entry !== null ? entry : {}));
        const [shape, offsets] = [fields.get("shape"), fields.get("data_offsets")];
        if (fields.get("dtype") !== "F32")
            fail(`tensor ${name} is of type ${String(fields.get("dtype"))}, expected F32`);
        if (!isIntegers(shape) || !isIntegers(offsets) || offsets.length !== 2)
            fail(`tensor ${name} has no shape or place`);
        const [from, to] = [start + (offsets[0] ?? 0), start + (offsets[1] ?? 0)];
        const count = shape.reduce((product, n) => product * n, 1);
        if (to - from !== 4 * count || to > bytes.byteLength)
            fail(`tensor ${name} does not lie where the header says`);
        const data = new Float32Array(count);
        for (let i = 0; i < count; i += 1)
            data[i] = view.getFloat32(from + 4 * i, true);
        tensors.set(name, { shape, data });
    }
    return tensors;
}
