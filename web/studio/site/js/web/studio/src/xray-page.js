// The X-ray page: a run, step by step, and everything inside the chosen step's forward pass.
import { byId, complain, h } from "./dom.js";
import { HeatMap, parabola } from "./figures.js";
import { Beside } from "./beside.js";
import { Inspector } from "./inspector.js";
import { layerView } from "./layers.js";
import { loadExamples, loadMachine } from "./machine.js";
import { carry, inSlices, stepInAddress } from "./page.js";
import { exampleOptions, titleOf } from "./examples.js";
import { keepFocus } from "./focus.js";
import { ListingView } from "./listing-view.js";
import { handOver, openButton, readProgram } from "./opening.js";
import { ending, LIMIT, Recording } from "./recording.js";
import { seenView } from "./seen-view.js";
import { compile, EMPTY, exampleSource, faultsIn, fromHash, toHash } from "./source.js";
import { search } from "./search.js";
import { TraceList } from "./trace-list.js";
import { Transport } from "./transport.js";
import { Wiring } from "./weights.js";
import { Why } from "./why.js";
/** The example that is shown if the address has no program. */
const FIRST = "core-arithmetic-logic/addition/wrap-at-256";
const isNarrow = () => matchMedia("(max-width: 60rem)").matches;
class XRayPage {
    machine;
    examples;
    recording;
    step = 0;
    part;
    running;
    /** The timer that puts the step into the address after a delay. */
    noting;
    program = "";
    shown;
    inspector;
    beside;
    now = h("span", { class: "now", id: "now", role: "status" });
    progress = h("span", { class: "soft small", id: "progress" });
    transport = new Transport(this.now, (step) => this.go(step));
    trace;
    heat;
    result = h("p", { class: "equation write", id: "result" });
    layers = h("div", { id: "layers" });
    shut = h("input", { type: "checkbox", id: "shut", change: () => this.render() });
    openLayers = new Set(isNarrow() ? [] : [0, 1, 2, 3, 4, 5, 6, 7]);
    side = h("div", { class: "panel", id: "inspector" });
    logits = h("div", { class: "panel" });
    asked = h("input", { class: "mono", id: "asked", size: 6, placeholder: "halt", autocomplete: "off" });
    logit = h("p", { class: "equation write", id: "logit" });
    seen = h("div", { class: "panel", id: "seen" });
    about = h("p", { class: "about", id: "about" });
    error = h("p", { class: "error", id: "error", role: "alert" });
    lines = new ListingView();
    picker = h("select", { "aria-label": "Load an example", change: () => this.pick() }, h("option", { value: "" }, "Load an example…"));
    constructor(machine, examples) {
        this.machine = machine;
        this.examples = examples;
        const hands = {
            choose: (part) => this.choose(part),
            visit: (step) => this.go(step),
            knockOut: (part) => this.beside.knockOut(part),
        };
        this.inspector = new Inspector(machine, new Wiring(machine), hands);
        this.beside = new Beside(machine, examples, hands);
        this.part = { kind: "lane", lane: machine.lane("result") };
        this.heat = new HeatMap(machine.names.lanes, (lane) => this.choose({ kind: "lane", lane }));
        this.trace = new TraceList((step) => this.lineOf(step), (step) => this.go(step));
        this.recording = new Recording(machine, compile(EMPTY).listing, EMPTY.files);
        this.picker.append(...exampleOptions(examples));
        byId("waiting").replaceWith(h("div", { class: "row" }, this.picker, openButton((file) => void this.take(file)), this.progress), this.about, this.error, this.beside.element, this.transport.element, h("div", { class: "xray" }, h("div", { class: "side" }, h("section", { class: "panel" }, h("h2", {}, "Steps"), this.trace.element), this.seen, this.lines.element), h("div", {}, h("section", { class: "panel" }, h("h2", {}, "Residual stream"), this.heat.element, this.result), h("section", { class: "panel" }, h("div", { class: "row" }, h("h2", {}, "Layers"), h("label", { class: "small" }, this.shut, " show shut gates")), this.layers)), h("div", { class: "side" }, this.logits, search(machine, (part) => this.choose(part)), this.side)));
        window.addEventListener("hashchange", () => this.open(fromHash(location.hash)));
        this.open(fromHash(location.hash));
    }
    open(source) {
        const first = this.examples.find(({ path }) => path === FIRST);
        if (source.text === "" && first !== undefined)
            return this.show(first, stepInAddress());
        const unreadable = faultsIn(location.hash);
        try {
            compile(source);
        }
        catch (error) {
            this.refuse(`${error instanceof Error ? error.message : String(error)}.`, location.hash);
            return;
        }
        this.load(source, stepInAddress());
        if (unreadable.length > 0)
            this.error.textContent = `Left out of the address: ${unreadable.join("; ")}.`;
    }
    /** Says why a program cannot be shown, and where it can be mended. */
    refuse(reason, hash) {
        this.load(EMPTY);
        history.replaceState(null, "", hash);
        this.error.replaceChildren(`${reason} `, h("a", { href: `repl.html${hash}` }, "Edit it in the REPL"));
    }
    pick() {
        const example = this.examples.find(({ path }) => path === this.picker.value);
        if (example !== undefined)
            this.show(example);
    }
    show(example, wanted = 0) {
        this.load(exampleSource(example), wanted);
        this.picker.value = example.path;
        this.about.textContent = `${titleOf(example)}${example.about === null ? "" : `: ${example.about}`}`;
    }
    /** Takes a file: one of the byte machine is shown here, any other on the page for programs of any kind. */
    async take(file) {
        try {
            const read = await readProgram(file);
            if (read.machine === "full")
                return handOver(file);
            this.load(exampleSource({ path: "", about: null, ...read.program }));
            this.about.textContent = `${read.name}${read.about === null ? "" : `: ${read.about}`}`;
        }
        catch (fault) {
            this.error.textContent = `${file.name}: ${fault instanceof Error ? fault.message : String(fault)}`;
        }
    }
    /** Records a program's run, and shows the wanted step as soon as it is made. */
    load(source, wanted = 0) {
        this.running?.stop();
        this.transport.pause();
        window.clearTimeout(this.noting);
        this.error.textContent = this.about.textContent = "";
        this.picker.value = "";
        this.program = toHash(source);
        carry(wanted === 0 ? this.program : `${this.program}&s=${wanted}`);
        const recording = new Recording(this.machine, compile(source).listing, source.files);
        this.recording = recording;
        this.lines.load(recording.listing);
        this.beside.load(recording, source);
        this.step = 0;
        this.now.textContent = wanted === 0 ? "" : `step ${wanted} is not recorded yet`;
        let first = true;
        let shown = 0;
        this.running = inSlices((until) => {
            recording.advance(until, LIMIT);
            const done = recording.end !== undefined || recording.length >= LIMIT;
            if (done || performance.now() > shown + 200) {
                this.showProgress(done);
                shown = performance.now();
            }
            if (first && (done || recording.length > wanted)) {
                this.step = Math.min(wanted, recording.length - 1);
                if (this.step !== wanted)
                    carry(this.step === 0 ? this.program : `${this.program}&s=${this.step}`);
                first = false;
                this.showProgress(done);
                this.render();
            }
            return done;
        });
    }
    /** Shows how far the recording is, and whether the reference VM agrees. */
    showProgress(done) {
        const { recording } = this;
        this.transport.show(recording.length, this.step);
        const difference = recording.difference;
        const verdict = difference === undefined
            ? "every token is the reference VM's"
            : `differs from the reference VM at step ${difference.step}: ${difference.network}, ${difference.vm}`;
        const end = ending(recording.host);
        this.progress.textContent = `${recording.length} step${recording.length === 1 ? "" : "s"}${done ? (end === undefined ? ", cut off here" : `, ends by ${end}`) : " so far"}; ${verdict}`;
        this.trace.show(recording.length, this.step);
        this.beside.show();
    }
    lineOf(step) {
        const { pcs, tokens } = this.recording;
        return {
            step,
            pc: pcs[step],
            instruction: this.recording.instruction(step),
            token: this.recording.nameOf(tokens[step]),
        };
    }
    go(step) {
        if (step >= this.recording.length)
            return;
        this.step = step;
        this.render();
        // Browsers limit how often an address may change.
        window.clearTimeout(this.noting);
        this.noting = window.setTimeout(() => carry(step === 0 ? this.program : `${this.program}&s=${step}`), 300);
    }
    choose(part) {
        this.part = part;
        this.renderPart();
        if (!isNarrow())
            return;
        const from = window.scrollY;
        this.side.prepend(h("button", { click: () => window.scrollTo({ top: from }) }, "Back to where you were"));
        this.side.scrollIntoView({ block: "start" });
    }
    renderPart() {
        if (this.shown === undefined)
            return;
        this.side.replaceChildren(this.inspector.view(this.recording, this.shown, this.part));
        this.heat.show(this.shown, this.part.kind === "lane" ? this.part.lane : undefined);
    }
    /** The logits as a picture, and any of them as a sum. */
    renderLogits(xray, why) {
        const { recording, asked } = this;
        const explain = () => {
            const token = xray.logits.findIndex((_, token) => recording.nameOf(token) === asked.value.trim());
            const none = asked.value.trim() === "" ? "" : "There is no such token.";
            this.logit.replaceChildren(...(token < 0 ? [none] : why.logit(token)));
        };
        asked.oninput = explain;
        const had = document.activeElement === asked;
        this.logits.replaceChildren(h("h2", {}, "Logits"), parabola(xray, (token) => recording.nameOf(token)), h("label", { class: "small" }, "the logit of token ", asked), this.logit);
        if (had)
            asked.focus({ preventScroll: true });
        explain();
    }
    render() {
        const { machine, recording, step } = this;
        const { xray, session } = recording.examine(step);
        this.shown = xray;
        this.transport.show(recording.length, step);
        this.trace.show(recording.length, step);
        this.now.replaceChildren(`step ${step}  pc ${xray.pc}  ${xray.instruction} → `, h("b", { id: "token" }, recording.nameOf(xray.token)));
        const why = new Why(machine, recording, xray, (part) => this.choose(part));
        this.result.replaceChildren(...why.token());
        this.lines.mark(xray.pc);
        const refocus = keepFocus(this.layers);
        const choose = (part) => this.choose(part);
        this.layers.replaceChildren(...xray.layers.map((_, layer) => {
            const view = h("details", {
                class: "layer",
                open: this.openLayers.has(layer),
                toggle: () => (view.open ? this.openLayers.add(layer) : this.openLayers.delete(layer)),
            }, h("summary", {}, `Layer ${layer}`), layerView(machine, recording, xray, layer, this.shut.checked, choose, (to) => this.go(to)));
            return view;
        }));
        refocus();
        this.renderLogits(xray, why);
        this.seen.replaceChildren(...seenView(machine, recording, session, xray));
        this.beside.show(xray);
        this.renderPart();
    }
}
Promise.all([loadMachine(), loadExamples()]).then(([machine, examples]) => new XRayPage(machine, examples), complain);
