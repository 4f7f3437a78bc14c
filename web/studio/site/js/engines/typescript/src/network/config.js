// The shape of a model, from config.json. Every field of the file is checked before it is used.
function fail(what) {
    throw new Error(`config.json: ${what}`);
}
/** The names of types: those of safetensors, and those of torch and transformers. */
const DTYPES = new Map([
    ["F32", "F32"],
    ["float32", "F32"],
    ["F64", "F64"],
    ["float64", "F64"],
]);
function parseAttention(name) {
    if (name === "hard_max" || name === "sum")
        return { kind: name };
    const store = typeof name === "string" ? /^cross:(\d+)$/.exec(name)?.[1] : undefined;
    if (store === undefined)
        fail(`unknown kind of attention ${JSON.stringify(name)}`);
    return { kind: "cross", store: Number(store) };
}
function parseFamily(family) {
    const fields = new Map(Object.entries(typeof family === "object" && family !== null ? family : {}));
    const [first, count, prefix, names] = ["first", "count", "prefix", "names"].map((field) => fields.get(field));
    if (typeof first !== "number" || typeof count !== "number")
        return fail("a family of tokens has no place");
    if (typeof prefix === "string")
        return { first, count, prefix };
    const isNames = Array.isArray(names) && names.length === count && names.every((name) => typeof name === "string");
    return isNames ? { first, count, names: names } : fail("a family of tokens has no names");
}
/** Parses the text of config.json. Throws an Error that says what is wrong with it. */
export function parseConfig(text) {
    const json = JSON.parse(text);
    if (typeof json !== "object" || json === null)
        fail("is no object");
    const fields = new Map(Object.entries(json));
    const size = (field) => {
        const value = fields.get(field);
        const isSize = typeof value === "number" && Number.isInteger(value) && value > 0;
        return isSize ? value : fail(`${field} is no positive integer`);
    };
    const list = (field) => {
        const value = fields.get(field);
        return Array.isArray(value) ? value : fail(`${field} is no list`);
    };
    const written = fields.get("dtype") ?? fields.get("torch_dtype");
    const dtype = DTYPES.get(written) ?? fail(`dtype is ${JSON.stringify(written)}, expected "F32" or "F64"`);
    const heads = (layer) => Array.isArray(layer) ? layer.map(parseAttention) : fail("attention holds no lists");
    const name = (value) => typeof value === "string" ? value : fail(`${JSON.stringify(value)} is no name`);
    const special = fields.get("special_tokens");
    if (typeof special !== "object" || special === null)
        fail("special_tokens is no object");
    const specialTokens = new Map();
    for (const [token, id] of Object.entries(special)) {
        specialTokens.set(token, typeof id === "number" ? id : fail(`special token ${token} is no number`));
    }
    return {
        machine: name(fields.get("machine")),
        dtype,
        dModel: size("d_model"),
        dHead: size("d_head"),
        dFfn: size("d_ffn"),
        vocabSize: size("vocab_size"),
        attention: list("attention").map(heads),
        specialTokens,
        tokenFamilies: fields.has("token_families") ? list("token_families").map(parseFamily) : [],
        lanes: list("lanes").map(name),
    };
}
