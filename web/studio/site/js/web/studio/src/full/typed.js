// The REPL of the full machine: WebAssembly in its text format, line by line. After each line the module so
// far is made a prompt, the network runs it from its start, and the state that its tokens tell is shown
// beside that of the reference VM, which the server has run.
import { byId, h } from "../dom.js";
import { Entry } from "../entry.js";
import { toAddress } from "../link.js";
import { asFile, handOver, isModule, ProgramError, readProgram } from "../opening.js";
import { carryTyped } from "../page.js";
import { assemble } from "./assemble.js";
import { comparison } from "./typed-state.js";
const NAME = "typed.wat";
export class TypedRepl {
    runner;
    typed = [];
    past = [];
    /** The line that is being read by the server; answers to earlier ones come too late. */
    asked = 0;
    program;
    assembled = assemble([]);
    lines = h("ol", { class: "listing typed", "aria-label": "What was typed so far", tabindex: 0 });
    entry = new Entry("Next line", {
        enter: (line) => this.enter(line),
        paste: (text) => (isModule(text) ? handOver(asFile(text)) : void this.change([...this.typed, ...text.trimEnd().split("\n")])),
        key: (event) => this.key(event),
    });
    error = h("p", { class: "error", id: "error", role: "alert" });
    said = h("span", { class: "soft small", role: "status" });
    undoButton = h("button", { id: "undo", click: () => this.undo() }, "Undo");
    open = h("a", { id: "to-run", href: "run.html" }, "Step through it");
    view = h("div");
    constructor(runner, language) {
        this.runner = runner;
        byId("program").replaceChildren(h("div", { class: "row" }, h("h2", {}, "Program"), language, this.undoButton, h("button", { id: "clear", click: () => void this.change([]) }, "Clear"), this.open, this.said), this.lines, this.entry.element, this.error, h("details", { class: "reference" }, h("summary", { class: "soft" }, "What can be typed"), h("p", { class: "small" }, "Instructions of WebAssembly, flat or folded, one or more a line: i32.const 5, (i64.mul (local.get 0) (i64.const 3)), f64.sqrt. A block runs when it is closed by end."), h("p", { class: "small" }, "Fields of the module: (memory 1), (global $g (mut i32) (i32.const 0)), (func $f (param i32) (result i32) …). Locals are declared as (local i64), or are i32."), h("p", { class: "small" }, "call $output gives a byte to the output.")));
        byId("state").replaceChildren(this.view);
        const given = new URLSearchParams(location.hash.slice(1)).get("p");
        void this.change(given === null || given === "" ? [] : given.split("\n"));
        this.entry.focus();
    }
    /** The run has come further. */
    came() {
        const { program, runner } = this;
        if (program === undefined || runner.tape?.program !== program)
            return;
        if (runner.progress.status === "waiting")
            runner.give([], true);
        this.view.replaceChildren(...comparison(runner, runner.tape));
    }
    enter(line) {
        if (isModule(line))
            return handOver(asFile(line));
        void this.change([...this.typed, line]).then((isTaken) => {
            if (!isTaken)
                return;
            this.entry.took(line);
            this.lines.scrollTop = this.lines.scrollHeight;
        });
    }
    undo() {
        const before = this.past.pop();
        if (before !== undefined)
            void this.change(before, false);
    }
    /** Takes what is typed, and runs it if all of its blocks are closed. Returns whether it is taken. */
    async change(typed, keeps = true) {
        const assembled = assemble(typed);
        const number = ++this.asked;
        this.error.textContent = this.said.textContent = "";
        let program;
        if (assembled.open === 0) {
            try {
                const read = await readProgram(asFile(assembled.text, NAME), { machine: "full", isRun: true });
                if (read.machine === "full")
                    program = read;
            }
            catch (fault) {
                if (number === this.asked)
                    this.error.textContent = this.place(fault, typed, assembled);
                return false;
            }
            if (number !== this.asked)
                return false;
        }
        if (keeps)
            this.past.push(this.typed);
        [this.typed, this.assembled] = [typed, assembled];
        this.undoButton.disabled = this.past.length === 0;
        this.show();
        this.note();
        if (program !== undefined)
            this.run(program);
        else
            this.said.textContent = `${assembled.open} open: it runs when all blocks and parentheses are closed`;
        return true;
    }
    run(program) {
        this.program = program;
        if (this.typed.length === 0) {
            const first = "Type an instruction, such as i32.const 5: the network runs all that was typed, and a reference VM beside it.";
            this.view.replaceChildren(h("h2", {}, "State"), h("p", { class: "soft", id: "stack" }, first));
            return;
        }
        this.runner.run(program, [], true);
        this.came();
    }
    /** An error, with the typed line that it is in. */
    place(fault, typed, { lines }) {
        if (!(fault instanceof ProgramError) || fault.place.line === undefined)
            return fault instanceof Error ? fault.message : String(fault);
        const line = lines[fault.place.line - 1] ?? -1;
        return line < 0 || line === typed.length - 1 ? fault.reason : `line ${line + 1}: ${fault.reason}`;
    }
    show() {
        const { typed, assembled } = this;
        this.lines.replaceChildren(...typed.map((line, index) => h("li", {}, h("span", { class: "pc" }, index + 1), h("span", {}, line))));
        if (assembled.added.length > 0)
            this.lines.append(h("li", { class: "soft" }, h("span"), h("span", { class: "small" }, `added: ${assembled.added.join("; ")}`)));
    }
    /** Puts what was typed into the address, and the module into the link to the debugger. */
    note() {
        const fields = new URLSearchParams({ l: "full", ...(this.typed.length > 0 ? { p: this.typed.join("\n") } : {}) });
        carryTyped(fields);
        const { text } = this.assembled;
        void toAddress(asFile(text, NAME)).then((address) => {
            if (text === this.assembled.text && address !== undefined)
                this.open.setAttribute("href", `run.html#${address}`);
        });
    }
    key({ key, ctrlKey, metaKey }) {
        const isUndo = (ctrlKey || metaKey) && key === "z" && this.entry.isEmpty;
        if (isUndo)
            this.undo();
        return isUndo;
    }
}
