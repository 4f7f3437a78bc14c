// The shape of a model, from config.json. Every field of the file is checked before it is used.
function fail(what) {
    throw new Error(`config.json: ${what}`);
}
/** Refuses models that would give wrong tokens here: a machine other than the byte machine, or wider numbers. */
function checkKind(fields) {
    const [machine, dtype] = [fields.get("machine"), fields.get("dtype") ?? fields.get("torch_dtype")];
    // safetensors names the type F32, and torch names it float32.
    if (machine === "byte" && (dtype === "F32" || dtype === "float32"))
        return;
    fail(`machine is ${JSON.stringify(machine)} and dtype ${JSON.stringify(dtype)}; only "byte" in "F32" runs here, any by \`wasmformer run --weights\``);
}
function parseAttention(name) {
    if (name === "hard_max" || name === "sum")
        return { kind: name };
    const store = typeof name === "string" ? /^cross:(\d+)$/.exec(name)?.[1] : undefined;
    return store === undefined ? fail(`unknown kind of attention ${JSON.stringify(name)}`) : { kind: "cross", store: Number(store) };
}
/** Parses the text of config.json. Throws an Error that says what is wrong with it. */
export function parseConfig(text) {
    const json = JSON.parse(text);
    if (typeof json !== "object" || json === null)
        fail("is no object");
    const fields = new Map(Object.entries(json));
    const size = (name) => {
        const value = fields.get(name);
        return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : fail(`${name} is no positive integer`);
    };
    const list = (name) => {
        const value = fields.get(name);
        return Array.isArray(value) ? value : fail(`${name} is no list`);
    };
    checkKind(fields);
    const heads = (layer) => (Array.isArray(layer) ? layer.map(parseAttention) : fail("attention holds no lists"));
    const text_ = (value) => (typeof value === "string" ? value : fail(`${JSON.stringify(value)} is no name`));
    const special = fields.get("special_tokens");
    if (typeof special !== "object" || special === null)
        fail("special_tokens is no object");
    const specialTokens = new Map();
    for (const [name, id] of Object.entries(special)) {
        specialTokens.set(name, typeof id === "number" ? id : fail(`special token ${name} is no number`));
    }
    return {
        machine: text_(fields.get("machine")),
        dModel: size("d_model"),
        dHead: size("d_head"),
        dFfn: size("d_ffn"),
        vocabSize: size("vocab_size"),
        attention: list("attention").map(heads),
        specialTokens,
        lanes: list("lanes").map(text_),
    };
}
