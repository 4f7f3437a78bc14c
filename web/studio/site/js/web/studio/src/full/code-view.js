// The instructions of a program, function by function, with the one in progress and the breakpoints. Only the
// lines in view are elements.
import { h } from "../dom.js";
import { functionAt } from "./described.js";
const HEIGHT = 22;
const MARGIN = 10;
export class CodeView {
    changed;
    runTo;
    breakpoints = new Set();
    tall = h("div", { class: "tall" });
    list = h("div", { class: "code", id: "code", role: "group", "aria-label": "Instructions", tabindex: 0 }, this.tall);
    functions = h("select", { id: "function", "aria-label": "Function", change: () => this.toFunction() });
    element = h("section", { class: "panel" }, h("div", { class: "row" }, h("h2", {}, "Instructions"), this.functions), h("p", { class: "soft small" }, "Click a number for a breakpoint, an instruction to run to it."), this.list);
    program;
    /** The pc of each line; of a function's heading, −1 less the function's index. */
    lines = [];
    lineOf = new Map();
    pc = -1;
    /** `changed` is told of new breakpoints, `runTo` of an instruction to run to. */
    constructor(changed, runTo) {
        this.changed = changed;
        this.runTo = runTo;
        this.list.addEventListener("scroll", () => this.render());
        new ResizeObserver(() => this.render()).observe(this.list);
    }
    load(program) {
        this.program = program;
        this.breakpoints.clear();
        this.lines = [];
        this.lineOf.clear();
        const order = program.functions.map((_, index) => index).sort((a, b) => entry(program, a) - entry(program, b));
        for (const index of order) {
            const { entry: from, end } = program.functions[index];
            this.lines.push(-1 - index);
            for (let pc = from; pc < end; pc += 1) {
                this.lineOf.set(pc, this.lines.length);
                this.lines.push(pc);
            }
        }
        this.tall.style.height = `${this.lines.length * HEIGHT}px`;
        this.functions.replaceChildren(...order.map((index) => h("option", { value: index }, program.functions[index]?.name ?? "")));
        this.pc = -1;
        this.list.scrollTop = 0;
        this.render();
    }
    /** Marks the instruction in progress, and scrolls to it, or to the last where the run has ended. */
    mark(pc, shown) {
        this.pc = pc;
        const line = this.lineOf.get(shown);
        if (line !== undefined) {
            this.scrollTo(line);
            this.functions.value = String(functionAt(this.program?.functions ?? [], shown));
        }
        this.render();
    }
    scrollTo(line) {
        const { scrollTop, clientHeight } = this.list;
        const top = line * HEIGHT;
        if (top < scrollTop + HEIGHT || top + 2 * HEIGHT > scrollTop + clientHeight)
            this.list.scrollTop = top - clientHeight / 3;
    }
    toFunction() {
        const found = this.program?.functions[Number(this.functions.value)];
        const line = found && this.lineOf.get(found.entry);
        if (line !== undefined)
            this.list.scrollTop = (line - 1) * HEIGHT;
    }
    /** An instruction as text, with the names of what it calls. */
    text(pc) {
        const text = this.program?.code[pc]?.x ?? "";
        const called = /^call (\d+)$/.exec(text)?.[1];
        const name = called === undefined ? undefined : this.program?.functions[Number(called)]?.name;
        return name === undefined || name === `#${called}` ? text : `${text}  ;; ${name}`;
    }
    render() {
        const first = Math.max(0, Math.floor(this.list.scrollTop / HEIGHT) - MARGIN);
        const last = Math.min(this.lines.length, first + Math.ceil(this.list.clientHeight / HEIGHT) + 2 * MARGIN);
        const had = document.activeElement?.dataset["key"];
        this.tall.replaceChildren(...Array.from({ length: Math.max(0, last - first) }, (_, i) => this.line(first + i)));
        if (had !== undefined)
            this.tall.querySelector(`[data-key="${had}"]`)?.focus({ preventScroll: true });
    }
    line(line) {
        const pc = this.lines[line];
        const at = `${line * HEIGHT}px`;
        if (pc < 0) {
            const heading = h("div", { class: "heading" }, this.program?.functions[-1 - pc]?.name ?? "");
            heading.style.top = at;
            return heading;
        }
        const isBreak = this.breakpoints.has(pc);
        const toggle = () => {
            if (!this.breakpoints.delete(pc))
                this.breakpoints.add(pc);
            this.changed();
            this.render();
        };
        const element = h("div", { class: isBreak ? "line broken" : "line", "aria-current": pc === this.pc ? "step" : undefined, "data-pc": pc }, h("button", { "data-key": `b${pc}`, "aria-pressed": String(isBreak), "aria-label": `Breakpoint at pc ${pc}`, click: toggle }, pc), h("button", { "data-key": `r${pc}`, click: () => this.runTo(pc), title: "Run to here" }, this.text(pc)));
        element.style.top = at;
        return element;
    }
}
const entry = (program, index) => program.functions[index]?.entry ?? 0;
