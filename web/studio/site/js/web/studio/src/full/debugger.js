// The debugger: a run on record, the step that the reader is at, and everything that is true before that
// step.
import { h } from "../dom.js";
import { CodeView } from "./code-view.js";
import { insideView } from "./inside-view.js";
import { MemoryView } from "./memory-view.js";
import { frames, StackView } from "./stack-view.js";
import { standing } from "./standing.js";
import { Timeline } from "./timeline.js";
import { text } from "./value.js";
/** The most bytes of output that the page shows; the last ones are shown. */
const MOST = 20_000;
export class Debugger {
    runner;
    moved;
    /** The step that is next. */
    at = 0;
    /** Whether the reader follows the run to its end. */
    isFollowing = true;
    /** A step that is wanted and may not be on record yet, from `from` on. */
    wanted;
    drawn = 0;
    drawing;
    output = h("pre", { id: "output", class: "output", role: "region", "aria-label": "Output", tabindex: 0 });
    status = h("p", { class: "small", id: "status", role: "status" });
    now = h("span", { class: "now", id: "now", role: "status" });
    wrote = h("p", { class: "small", id: "wrote" });
    tokens = h("p", { class: "small", id: "tokens" });
    slider = h("input", {
        type: "range",
        id: "scrub",
        min: 0,
        value: 0,
        "aria-label": "Step",
        input: () => this.visit(Number(this.slider.value)),
    });
    typed = h("input", { class: "mono", id: "input", autocomplete: "off", "aria-label": "Input for the program" });
    line = h("input", { type: "checkbox", id: "newline", checked: true });
    entry = h("form", { class: "row", submit: (event) => this.enter(event) }, h("label", { for: "input" }, "Input"), this.typed, h("label", { class: "small" }, this.line, " with a new line"), h("button", { id: "send" }, "Send"), h("button", { id: "eof", type: "button", click: () => this.give([], true) }, "End of input"));
    insideButton = h("button", { id: "look", click: () => void this.look() }, "Look into the forward pass");
    inside = h("div");
    timeline = new Timeline((step) => this.visit(step));
    code = new CodeView(() => undefined, (pc) => this.seek((step) => this.tape.pc(step) === pc));
    stack = new StackView((step) => this.visit(step), (address) => this.memory.goTo(address));
    memory = new MemoryView((step) => this.describe(step), (step) => this.visit(step));
    element;
    /** `moved` is told the step that is shown. */
    constructor(runner, moved) {
        this.runner = runner;
        this.moved = moved;
        const button = (id, label, title, click) => h("button", { id, title, click }, label);
        this.element = h("div", { class: "debugger" }, h("section", { class: "panel wide" }, h("h2", {}, "Output"), this.output, this.entry, this.status), h("div", { class: "transport wide" }, h("div", { class: "row" }, button("start", "|◀", "To the first step (Home)", () => this.visit(0)), button("back", "◀ Step", "One step back (arrow left)", () => this.visit(this.at - 1)), button("step", "Step ▶", "One step (arrow right)", () => this.visit(this.at + 1)), button("over", "Over", "To the next step of this call (o)", () => this.over()), button("out", "Out", "To the end of this call (u)", () => this.out()), button("breakpoint", "Run", "To the next breakpoint (r)", () => this.seek((step) => this.code.breakpoints.has(this.tape.pc(step)))), button("next-output", "Next output", "To the next byte of output (n)", () => this.nextOutput()), button("end", "▶|", "To the end (End)", () => this.follow()), this.now), this.timeline.element, this.slider), h("div", { class: "column" }, this.code.element), h("div", { class: "column" }, this.stack.element), h("div", { class: "column" }, this.memory.element, h("section", { class: "panel" }, h("h2", {}, "This step"), this.wrote, this.tokens, this.insideButton, this.inside)));
        document.addEventListener("keydown", (event) => this.key(event));
    }
    get tape() {
        if (this.runner.tape === undefined)
            throw new Error("no program is loaded");
        return this.runner.tape;
    }
    /** Loads a program and runs it. A step may be wanted. */
    load(program, step) {
        const asks = program.code.some(({ x }) => x === "host.input" || x === "host.poll");
        this.entry.classList.toggle("hidden", !asks);
        this.runner.run(program, program.input, program.input.length > 0 || !asks);
        this.code.load(program);
        this.at = 0;
        this.isFollowing = step === 0;
        this.wanted = step === 0 ? undefined : { from: 0, is: (other) => other === step };
        this.inside.replaceChildren();
        this.came();
    }
    /** The run has come further. */
    came() {
        const { wanted } = this;
        if (wanted !== undefined) {
            const found = this.tape.find(wanted.from, 1, wanted.is);
            if (found >= 0)
                this.show(found);
            else
                wanted.from = Math.max(wanted.from, this.tape.length);
            if (found < 0 && this.isOver)
                this.show(this.tape.length);
        }
        else if (this.isFollowing)
            this.at = this.tape.length;
        this.draw();
    }
    get isOver() {
        return this.runner.progress.status === "ended";
    }
    /** Draws at most some times a second. */
    draw() {
        window.clearTimeout(this.drawing);
        const now = performance.now();
        if (now - this.drawn > 120 || this.isOver || this.runner.progress.status === "waiting") {
            this.drawn = now;
            this.render();
        }
        else
            this.drawing = window.setTimeout(() => this.draw(), 60);
    }
    visit(step) {
        if (step < 0 || step > this.tape.length)
            return;
        this.isFollowing = false;
        this.show(step);
        this.render();
    }
    show(step) {
        this.at = step;
        this.wanted = undefined;
        this.moved(step);
    }
    follow() {
        this.isFollowing = true;
        this.wanted = undefined;
        if (this.runner.progress.status === "resting")
            this.runner.more();
        this.show(this.tape.length);
        this.render();
    }
    /** Goes to the next step of which `is` holds, as soon as it is on record. */
    seek(is) {
        this.isFollowing = false;
        this.wanted = { from: this.at + 1, is };
        this.came();
        if (this.wanted !== undefined && this.runner.progress.status === "resting")
            this.runner.more();
    }
    over() {
        const depth = this.tape.depth(this.at);
        this.seek((step) => this.tape.depth(step) <= depth);
    }
    out() {
        const depth = this.tape.depth(this.at);
        this.seek((step) => this.tape.depth(step) < depth);
    }
    /** Goes behind the step that gives the next byte of output. */
    nextOutput() {
        const given = this.tape.outputBefore(this.at).length;
        this.seek((step) => (this.tape.outs[given]?.step ?? Infinity) < step);
    }
    describe(step) {
        const pc = this.tape.pc(step);
        const { functions } = this.tape.program;
        const found = functions.find(({ entry, end }) => entry <= pc && pc < end);
        return `${this.code.text(pc)} in ${found?.name ?? "?"} (pc ${pc})`;
    }
    enter(event) {
        event.preventDefault();
        this.give([...new TextEncoder().encode(this.typed.value + (this.line.checked ? "\n" : ""))], false);
        this.typed.value = "";
    }
    give(bytes, isClosed) {
        this.isFollowing = true;
        this.wanted = undefined;
        this.runner.give(bytes, isClosed);
    }
    render() {
        const { tape, at, runner } = this;
        const { program } = tape;
        const pc = tape.pc(at);
        const height = pc >= 0 ? (program.code[pc]?.h ?? 0) : 0;
        const state = tape.before(at);
        this.slider.max = String(tape.length);
        this.slider.value = String(at);
        this.slider.setAttribute("aria-valuetext", `step ${at} of ${tape.length}`);
        this.now.replaceChildren(`step ${at.toLocaleString("en")} of ${tape.length.toLocaleString("en")}`, pc >= 0 ? `  pc ${pc}  ${this.code.text(pc)}` : "  the end");
        this.code.mark(pc, pc >= 0 || at === 0 ? pc : tape.pc(at - 1));
        this.stack.show(frames(program, state, height), state.globals, program.globals.map(([type]) => type));
        this.memory.show(state);
        this.timeline.show(tape, at);
        const out = tape.outputBefore(at);
        const bytes = out.slice(-MOST);
        this.output.replaceChildren(out.length > MOST ? `… ${out.length - MOST} bytes before\n` : "", text(bytes.map(({ byte }) => byte)));
        this.renderStep();
        this.status.replaceChildren(...standing(runner.progress, tape));
        this.entry.classList.toggle("asked", runner.progress.status === "waiting");
    }
    /** The tokens of the step that is next. */
    renderStep() {
        const { tape, at, runner } = this;
        if (at >= tape.length) {
            this.wrote.textContent = "The step that is next is not on record.";
            this.tokens.replaceChildren();
            this.insideButton.disabled = true;
            return;
        }
        const effect = tape.effect(at);
        const [from, to] = [tape.rowsBefore(at), tape.span(at)[1]];
        const names = tape.rows.slice(from, to).map((token) => runner.vocabulary.name(token));
        const what = {
            none: "writes nothing",
            push: "pushes a value",
            local: `writes local ${"index" in effect ? effect.index : ""}`,
            global: `writes global ${"index" in effect ? effect.index : ""}`,
            memory: "address" in effect ? `writes ${effect.width} bytes from address ${effect.address} on` : "",
            out: `outputs ${"byte" in effect ? effect.byte : ""}`,
            err: `writes ${"byte" in effect ? effect.byte : ""} to the error output`,
            send: "asks its system",
        };
        this.wrote.textContent = `${this.code.text(tape.pc(at))} ${what[effect.kind]}.`;
        this.tokens.replaceChildren(names.length === 0 ? "It has no token of its own: the instruction after it takes its value." : "Its tokens: ", ...names.map((name) => h("span", { class: "chip" }, name)));
        this.insideButton.disabled = names.length === 0;
    }
    async look() {
        const { tape, at } = this;
        const from = tape.rowsBefore(at);
        this.inside.replaceChildren(h("p", { class: "soft small" }, "All passes up to this one are made again."));
        const inside = await this.runner.look(from);
        if (this.tape !== tape)
            return;
        const token = this.runner.vocabulary.name(tape.rows.at(from));
        this.inside.replaceChildren(h("h3", {}, `The pass that emitted ${token}, step ${at}`), insideView(this.runner, tape, inside, (step) => this.visit(step)));
    }
    key(event) {
        const target = event.target;
        if (event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName))
            return;
        const moves = {
            ArrowLeft: () => this.visit(this.at - 1),
            ArrowRight: () => this.visit(this.at + 1),
            Home: () => this.visit(0),
            End: () => this.follow(),
            o: () => this.over(),
            u: () => this.out(),
            r: () => this.seek((step) => this.code.breakpoints.has(this.tape.pc(step))),
            n: () => this.nextOutput(),
        };
        const move = moves[event.key];
        if (move === undefined || this.runner.tape === undefined)
            return;
        event.preventDefault();
        move();
    }
}
