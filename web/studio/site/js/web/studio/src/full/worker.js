// The worker that runs the full machine's network: it loads the weights, makes one forward pass per row, and
// sends the tokens to the page. It keeps the rows of the latest run, to look into any of its passes again.
import { FullHost, loadModel, Session, Vocabulary, } from "../../../../engines/typescript/src/index.js";
/** How long the worker computes before it looks for orders, in milliseconds. */
const SLICE = 48;
const scope = self;
const say = (report, transfer = []) => scope.postMessage(report, transfer);
/** A run in progress. */
class Run {
    model;
    order;
    limit;
    sequence;
    session;
    host;
    input;
    isClosed;
    passed = 0;
    took = 0;
    emitted = [];
    isWaiting = false;
    isOver = false;
    asked = false;
    constructor(model, vocabulary, order, limit) {
        this.model = model;
        this.order = order;
        this.limit = limit;
        this.session = new Session(model);
        this.input = [...order.input];
        this.isClosed = order.isClosed;
        const input = (mayWait) => this.input.shift() ?? (this.isClosed || mayWait ? -1 : -2);
        const system = { send: () => (this.asked = true), receive: () => -1 };
        this.host = new FullHost(order.prompt, vocabulary, input, system);
        this.sequence = [...this.host.begin().rows];
    }
    give(bytes, isClosed) {
        this.input.push(...bytes);
        this.isClosed ||= isClosed;
        this.isWaiting = false;
    }
    /** Makes passes until the time is over. Returns whether there is more to do at once. */
    slice() {
        if (this.isOver || this.isWaiting)
            return false;
        const { id, prompt } = this.order;
        const began = performance.now();
        while (performance.now() - began < SLICE) {
            for (let i = 0; i < 32; i += 1)
                if (!this.pass())
                    return this.told(began);
        }
        if (this.passed < prompt.length)
            say({ type: "prompted", id, rows: this.passed });
        this.told(began);
        return true;
    }
    /** Sends what was emitted. */
    told(began) {
        this.took += performance.now() - began;
        const { id } = this.order;
        const rows = Uint32Array.from(this.emitted);
        this.emitted = [];
        if (rows.length > 0)
            say({ type: "rows", id, rows, took: this.took }, [rows.buffer]);
        const { end } = this.host;
        if (end !== undefined && !this.isOver) {
            this.isOver = true;
            say({ type: "ended", id, end, took: this.took, asked: this.asked });
        }
        else if (this.isWaiting)
            say({ type: "waiting", id });
        else if (this.sequence.length >= this.limit)
            say({ type: "resting", id });
        return false;
    }
    /** Makes the next pass, or takes the next token. Returns whether the run goes on. */
    pass() {
        const row = this.sequence[this.passed];
        if (row !== undefined) {
            this.session.forward(row);
            this.passed += 1;
            return true;
        }
        if (this.host.end !== undefined || this.sequence.length >= this.limit)
            return false;
        const token = this.session.token();
        this.isWaiting = this.host.vocabulary.name(token) === "ask" && this.input.length === 0 && !this.isClosed;
        if (this.isWaiting)
            return false;
        const rows = this.host.accept(token)?.rows ?? [{ token, positional: [] }];
        for (const next of rows) {
            this.sequence.push(next);
            this.emitted.push(next.token);
        }
        return this.host.end === undefined;
    }
    /**
     * Passes the rows again through the network without a head or neuron. Up to the first token that differs
     * the run would be the same, so the rows on record are the right ones.
     */
    without(unit) {
        const { vocabulary, prompt } = this.host;
        const session = new Session(this.model.without(unit));
        const isAnswered = (row) => ["ask", "poll", "receive"].includes(vocabulary.name(row.token));
        for (let place = 0; place + 1 < this.sequence.length; place += 1) {
            const [row, next] = [this.sequence[place], this.sequence[place + 1]];
            session.forward(row);
            // The host gives the prompt and the answers to questions; all other rows are tokens of the network.
            if (place + 1 < prompt.length || isAnswered(row))
                continue;
            const token = session.token();
            if (token !== next.token)
                return { unit, row: place + 1, token };
        }
        return { unit, row: -1, token: -1 };
    }
    /** Passes all rows up to one of them again, and looks into its pass. */
    look(place) {
        const session = new Session(this.model);
        for (const row of this.sequence.slice(0, place))
            session.forward(row);
        const inside = { row: place, found: [], sums: [], neurons: [], logits: [] };
        const row = this.sequence[place];
        if (row === undefined)
            return inside;
        session.forward(row, {
            attended(layer, head, query, { row: at, key, value }) {
                const found = { layer, head, row: at, query: [...query], key: [...key], value: [...value] };
                inside.found.push(found);
            },
            summed: (layer, head, total) => void inside.sums.push({ layer, head, total: [...total] }),
            neurons(layer, gates, values) {
                gates.forEach((gate, neuron) => {
                    const value = values[neuron];
                    if (gate > 0 && value !== 0)
                        inside.neurons.push({ layer, neuron, gate, value });
                });
            },
        });
        const logits = session.logits();
        const order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
        inside.logits = order.slice(0, 5).map((token) => [token, logits[token]]);
        return inside;
    }
}
async function get(name) {
    const response = await fetch(new URL(`../../../../../model/full/${name}`, import.meta.url)).catch(() => undefined);
    if (response?.ok !== true)
        throw new Error(`model/full/${name} cannot be loaded`);
    return response;
}
async function load() {
    const [config, weights] = await Promise.all([
        get("config.json").then((file) => file.text()),
        get("model.safetensors").then((file) => file.arrayBuffer()),
    ]);
    return loadModel(config, new Uint8Array(weights));
}
let run;
let isAwake = false;
/** Runs slices, between which orders are taken. */
function wake() {
    if (isAwake)
        return;
    isAwake = true;
    const next = () => {
        isAwake = run?.slice() ?? false;
        if (isAwake)
            setTimeout(next);
    };
    setTimeout(next);
}
try {
    const model = await load();
    const vocabulary = new Vocabulary(model.config);
    scope.addEventListener("message", ({ data: order }) => {
        if (order.type === "run")
            run = new Run(model, vocabulary, order, order.limit);
        else if (order.type === "input")
            run?.give(order.bytes, order.isClosed);
        else if (order.type === "more" && run !== undefined)
            run.limit = order.limit;
        else if (order.type === "look" && run !== undefined)
            say({ type: "inside", id: order.id, inside: run.look(order.row) });
        else if (order.type === "without" && run !== undefined)
            say({ type: "without", id: order.id, without: run.without(order.unit) });
        wake();
    });
    say({ type: "ready", parameters: model.parameters, weights: model.weights });
}
catch (error) {
    say({ type: "failed", reason: error instanceof Error ? error.message : String(error) });
}
