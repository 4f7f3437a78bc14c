// The forward pass, with its key-value cache. This file is independent of WebAssembly.
//
// All activations are integers that f32 holds exactly. Sums are computed in JavaScript's f64 and stored in
// Float32Arrays. Storing does not round such integers, so the bits are those of any f32 implementation.
function matrixOf(rows, columns, byRow) {
    const byColumn = new Float32Array(byRow.length);
    for (let i = 0; i < byRow.length; i += 1)
        byColumn[(i % columns) * rows + Math.floor(i / columns)] = byRow[i];
    const places = Array.from(byColumn.keys()).filter((place) => byColumn[place] !== 0);
    const starts = new Uint32Array(columns + 1);
    for (const place of places)
        starts[Math.floor(place / rows) + 1] = starts[Math.floor(place / rows) + 1] + 1;
    for (let column = 0; column < columns; column += 1)
        starts[column + 1] = starts[column + 1] + starts[column];
    const at = Uint32Array.from(places, (place) => place % rows);
    return { rows, columns, byColumn, starts, at, weights: Float32Array.from(places, (place) => byColumn[place]) };
}
/** A model: config and weights. */
export class Model {
    config;
    embedding;
    layers;
    unembedding;
    /** Throws an Error if a tensor is missing, superfluous, or not of the shape that the config requires. */
    constructor(config, tensors) {
        this.config = config;
        const rest = new Set(tensors.keys());
        const matrix = (name, rows, columns) => {
            const tensor = tensors.get(name);
            if (tensor === undefined)
                throw new Error(`model.safetensors: has no tensor ${name}`);
            if (tensor.shape.length !== 2 || tensor.shape[0] !== rows || tensor.shape[1] !== columns) {
                throw new Error(`model.safetensors: tensor ${name} has shape [${tensor.shape.join(", ")}], the config asks for [${rows}, ${columns}]`);
            }
            rest.delete(name);
            return matrixOf(rows, columns, tensor.data);
        };
        const { dModel: d, dHead, dFfn, vocabSize } = config;
        this.embedding = matrix("embedding", vocabSize, d);
        this.layers = config.attention.map((heads, index) => {
            const [at, width] = [`layers.${index}`, heads.length * dHead];
            const attention = {
                query: () => matrix(`${at}.attention.query`, width, d),
                key: () => matrix(`${at}.attention.key`, width, d),
                value: () => matrix(`${at}.attention.value`, width, d),
                output: () => matrix(`${at}.attention.output`, d, width),
            };
            return {
                heads,
                attention: width === 0
                    ? undefined
                    : { query: attention.query(), key: attention.key(), value: attention.value(), output: attention.output() },
                gate: matrix(`${at}.ffn.gate`, dFfn, d),
                value: matrix(`${at}.ffn.value`, dFfn, d),
                down: matrix(`${at}.ffn.down`, d, dFfn),
            };
        });
        this.unembedding = matrix("unembedding", vocabSize, d);
        for (const name of rest)
            throw new Error(`model.safetensors: has a tensor ${name} that the config does not know`);
    }
    /** The number of parameters. */
    get parameters() {
        const matrices = this.layers.flatMap(({ attention, gate, value, down }) => [...Object.values(attention ?? {}), gate, value, down]);
        return [this.embedding, ...matrices, this.unembedding].reduce((sum, { byColumn }) => sum + byColumn.length, 0);
    }
}
/** matrix · x. Products with a factor 0 are skipped: most lanes of a residual stream and most weights are 0. */
function apply({ rows, columns, starts, at, weights }, x) {
    const out = new Float32Array(rows);
    for (let column = 0; column < columns; column += 1) {
        const factor = x[column];
        if (factor === 0)
            continue;
        const end = starts[column + 1];
        for (let i = starts[column]; i < end; i += 1) {
            const row = at[i];
            out[row] = out[row] + weights[i] * factor;
        }
    }
    return out;
}
function add(x, change) {
    for (let i = 0; i < x.length; i += 1)
        x[i] = x[i] + change[i];
}
/**
 * Keys and values of one head, row after row. Rows with equal keys have equal scores, and the latest of them wins. So
 * while rows are only added, only the latest row of each distinct key is scored.
 */
export class KeyValues {
    width;
    keys;
    values;
    length = 0;
    /**
     * The place in `latest` of each distinct key; `undefined` after a row was replaced, because then all rows are scored.
     */
    places = new Map();
    latest = [];
    constructor(width) {
        this.width = width;
        this.keys = new Float32Array(width * 64);
        this.values = new Float32Array(width * 64);
    }
    /** The first rows, in the same memory. Both objects may be extended, as long as they are given the same rows. */
    first(length) {
        const view = new KeyValues(this.width);
        [view.keys, view.values, view.length, view.places] = [this.keys, this.values, length, undefined];
        return view;
    }
    /** Writes a row; if `index` is the length, the row is added. */
    set(index, key, value) {
        if ((index + 1) * this.width > this.keys.length) {
            const grow = (old) => {
                const grown = new Float32Array(2 * old.length);
                grown.set(old);
                return grown;
            };
            [this.keys, this.values] = [grow(this.keys), grow(this.values)];
        }
        this.keys.set(key, index * this.width);
        this.values.set(value, index * this.width);
        if (index < this.length)
            this.places = undefined;
        this.length = Math.max(this.length, index + 1);
        if (this.places === undefined)
            return;
        const distinct = key.join();
        const place = this.places.get(distinct) ?? this.latest.length;
        this.places.set(distinct, place);
        this.latest[place] = index;
    }
    key(index) {
        return this.keys.subarray(index * this.width, (index + 1) * this.width);
    }
    value(index) {
        return this.values.subarray(index * this.width, (index + 1) * this.width);
    }
    /** A row's score against a query. */
    score(index, query) {
        let sum = 0;
        for (let i = 0; i < this.width; i += 1)
            sum += query[i] * this.keys[index * this.width + i];
        return Math.fround(sum);
    }
    /** The row with the highest score, and of rows with equal scores the latest; -1 without rows. */
    best(query) {
        let [best, highest] = [-1, -Infinity];
        const count = this.places === undefined ? this.length : this.latest.length;
        for (let i = 0; i < count; i += 1) {
            const row = this.places === undefined ? i : this.latest[i];
            const score = this.score(row, query);
            if (score > highest || (score === highest && row > best))
                [best, highest] = [row, score];
        }
        return best;
    }
}
/** A sequence in progress. */
export class Session {
    model;
    /** The rows of each layer's heads. The values of a sum head are the totals up to each row. */
    rows;
    /** The rows written to stores, each with the length of the sequence at that time. */
    writes = [];
    /** Rows passed. */
    length = 0;
    constructor(model) {
        this.model = model;
        const width = model.config.dHead;
        this.rows = model.layers.map(({ heads }) => heads.map(() => new KeyValues(width)));
    }
    /**
     * The sequence as it was after its first `length` rows and the store writes before the next row. The result shares
     * the memory of this session, so only the row that came next may be passed through it.
     */
    rewound(length) {
        const past = new Session(this.model);
        past.length = length;
        past.rows = this.rows.map((layer, index) => layer.map((rows, head) => this.model.layers[index]?.heads[head]?.kind === "cross" ? new KeyValues(this.model.config.dHead) : rows.first(length)));
        const latest = new Map();
        for (const [at, row] of this.writes)
            if (at <= length)
                latest.set(`${row.store} ${row.index}`, row);
        for (const row of latest.values())
            past.writeStore(row);
        return past;
    }
    /**
     * The value that a hard-max or cross head would retrieve for the caller's query, [dHead]; `undefined` without rows.
     */
    ask(layer, head, query) {
        const rows = this.rowsOf(layer, head);
        const chosen = rows.best(query);
        return chosen < 0 ? undefined : rows.value(chosen);
    }
    embed(row) {
        const { rows, columns, byColumn } = this.model.embedding;
        if (!Number.isInteger(row.token) || row.token < 0 || row.token >= rows)
            throw new RangeError(`token ${row.token} is outside the vocabulary`);
        const x = Float32Array.from({ length: columns }, (_, lane) => byColumn[lane * rows + row.token]);
        for (const [lane, value] of row.positional)
            x[lane] = x[lane] + value;
        return x;
    }
    /** Replaces or adds a row of a store. Cross heads see the embedded row, not changed by any layer. */
    writeStore(row) {
        this.writes.push([this.length, row]);
        const [x, width] = [this.embed(row), this.model.config.dHead];
        this.model.layers.forEach(({ heads, attention }, layer) => {
            const mine = heads.flatMap((head, index) => (head.kind === "cross" && head.store === row.store ? [index] : []));
            if (attention === undefined || mine.length === 0)
                return;
            const [keys, values] = [apply(attention.key, x), apply(attention.value, x)];
            for (const head of mine) {
                const part = (of) => of.subarray(head * width, (head + 1) * width);
                const rows = this.rowsOf(layer, head);
                rows.set(Math.min(row.index, rows.length), part(keys), part(values));
            }
        });
    }
    /** The rows of a head. */
    rowsOf(layer, head) {
        const rows = this.rows[layer]?.[head];
        if (rows === undefined)
            throw new RangeError(`no head ${head} in layer ${layer}`);
        return rows;
    }
    /** Passes one row through all layers; returns the row's residual stream after the last layer, [dModel]. */
    forward(row, observer = {}) {
        const x = this.embed(row);
        this.length += 1;
        observer.residual?.({ part: "embedding", layer: -1 }, x);
        this.model.layers.forEach((layer, index) => {
            if (layer.attention !== undefined)
                add(x, apply(layer.attention.output, this.attend(index, layer, x, observer)));
            observer.residual?.({ part: "attention", layer: index }, x);
            const [gates, values] = [apply(layer.gate, x), apply(layer.value, x)];
            observer.neurons?.(index, gates, values);
            for (let i = 0; i < gates.length; i += 1)
                gates[i] = Math.max(0, gates[i]) * values[i];
            add(x, apply(layer.down, gates));
            observer.residual?.({ part: "ffn", layer: index }, x);
        });
        return x;
    }
    /** The values that the heads of a layer retrieve, [h · dHead]. */
    attend(index, layer, x, observer) {
        const { attention, heads } = layer;
        if (attention === undefined)
            return new Float32Array(0);
        const [queries, keys, values] = [apply(attention.query, x), apply(attention.key, x), apply(attention.value, x)];
        const width = this.model.config.dHead;
        heads.forEach(({ kind }, head) => {
            const part = (of) => of.subarray(head * width, (head + 1) * width);
            const [query, key, value] = [part(queries), part(keys), part(values)];
            const rows = this.rowsOf(index, head);
            if (kind === "sum") {
                if (rows.length > 0)
                    add(value, rows.value(rows.length - 1));
                rows.set(rows.length, key, value);
                observer.summed?.(index, head, value);
                query.set(value);
                return;
            }
            if (kind === "hard_max")
                rows.set(rows.length, key, value);
            const chosen = rows.best(query);
            if (chosen >= 0)
                observer.attended?.(index, head, query, rows, chosen);
            query.set(chosen < 0 ? new Float32Array(width) : rows.value(chosen)); // an empty store gives 0
        });
        return queries;
    }
    /**
     * Passes the rows that a host gives; returns the logits of the last row, [vocabSize]. The observer sees every row.
     */
    logits({ stores, rows }, observer = {}) {
        for (const row of stores)
            this.writeStore(row);
        let x = new Float32Array(this.model.config.dModel);
        for (const row of rows)
            x = this.forward(row, observer);
        return apply(this.model.unembedding, x);
    }
}
/** The index of the highest logit, and of equal logits the lowest index. */
export function argmax(logits) {
    let best = 0;
    for (let i = 1; i < logits.length; i += 1)
        if (logits[i] > logits[best])
            best = i;
    return best;
}
