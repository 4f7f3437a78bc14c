// The run of a program: the worker with the network on one side, the record of the run on the other.
import { parseConfig, Vocabulary } from "../../../../engines/typescript/src/index.js";
import { Tokens } from "./decoder.js";
import { Tape } from "./tape.js";
/** The rows after which a run rests, and goes on when it is asked to. */
const LIMIT = 3_000_000;
export class Runner {
    worker;
    vocabulary;
    tokens;
    names;
    changed;
    tape;
    progress = { prompted: 0, took: 0, status: "prompt", asked: false };
    id = 0;
    limit = LIMIT;
    constructor(worker, vocabulary, tokens, 
    /** The names of the heads and neurons of each layer. */
    names, changed) {
        this.worker = worker;
        this.vocabulary = vocabulary;
        this.tokens = tokens;
        this.names = names;
        this.changed = changed;
        worker.addEventListener("message", ({ data }) => this.report(data));
    }
    /** Loads the machine. `changed` is called when a run has come further. */
    static async load(changed) {
        const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
        const ready = new Promise((resolve, reject) => {
            worker.addEventListener("error", () => reject(new Error("the worker that runs the network cannot be loaded")), { once: true });
            worker.addEventListener("message", ({ data }) => {
                if (data.type === "ready")
                    resolve();
                if (data.type === "failed")
                    reject(new Error(data.reason));
            });
        });
        const get = async (name) => {
            const response = await fetch(`model/full/${name}`).catch(() => undefined);
            if (response?.ok !== true)
                throw new Error(`model/full/${name} cannot be loaded`);
            return response;
        };
        const [config, names] = await Promise.all([
            get("config.json").then((file) => file.text()),
            get("circuit.json").then((file) => file.json()),
            ready,
        ]);
        const parsed = parseConfig(config);
        const vocabulary = new Vocabulary(parsed);
        return new Runner(worker, vocabulary, new Tokens(vocabulary, parsed.vocabSize), names, changed);
    }
    /** Begins a run. */
    run(program, input, isClosed) {
        this.id += 1;
        this.limit = LIMIT;
        this.tape = new Tape(program, this.tokens);
        this.progress = { prompted: 0, took: 0, status: "prompt", asked: false };
        this.order({ type: "run", id: this.id, prompt: program.tokens, input, isClosed, limit: program.tokens.length + this.limit });
    }
    give(bytes, isClosed) {
        if (this.progress.status === "waiting")
            this.progress.status = "running";
        this.order({ type: "input", bytes, isClosed });
    }
    /** Goes on after a rest. */
    more() {
        this.limit += LIMIT;
        this.progress.status = "running";
        this.order({ type: "more", limit: (this.tape?.program.tokens.length ?? 0) + this.limit });
    }
    /** Passes the rows up to the one that emits a row after the prompt again, and looks into its pass. */
    look(row) {
        const { id } = this;
        const place = (this.tape?.program.tokens.length ?? 0) + row - 1;
        this.order({ type: "look", id, row: place });
        return this.answer((report) => (report.type === "inside" && report.inside.row === place && report.id === id ? report.inside : undefined));
    }
    /** The first token that would be another one without a head or neuron. */
    without(unit) {
        const { id } = this;
        this.order({ type: "without", id, unit });
        const isSame = (other) => other.kind === unit.kind && other.layer === unit.layer && other.index === unit.index;
        return this.answer((report) => (report.type === "without" && isSame(report.without.unit) && report.id === id ? report.without : undefined));
    }
    /** What the worker answers: the first report of which `is` makes something. */
    answer(is) {
        return new Promise((resolve) => {
            const listen = ({ data }) => {
                const answer = is(data);
                if (answer === undefined)
                    return;
                this.worker.removeEventListener("message", listen);
                resolve(answer);
            };
            this.worker.addEventListener("message", listen);
        });
    }
    order(order) {
        this.worker.postMessage(order);
    }
    report(report) {
        const { progress, tape } = this;
        if (!("id" in report) || report.id !== this.id || report.type === "inside" || report.type === "without" || tape === undefined)
            return;
        switch (report.type) {
            case "prompted":
                progress.prompted = report.rows;
                break;
            case "rows":
                tape.take(report.rows);
                Object.assign(progress, { took: report.took, status: "running", prompted: tape.program.tokens.length });
                break;
            case "ended":
                Object.assign(progress, { took: report.took, status: "ended", end: report.end, asked: report.asked });
                break;
            default:
                progress.status = report.type;
        }
        this.changed();
    }
}
