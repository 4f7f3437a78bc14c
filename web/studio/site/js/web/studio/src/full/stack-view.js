// The calls in progress, each with its locals and operands. A value says which step wrote it.
import { h } from "../dom.js";
import { hex, show } from "./value.js";
/** The most calls, and operands of a call, that are shown. */
const MOST = 40;
/** The calls of a state, the outermost first. `height` is the height of the innermost, with its locals. */
export function frames(program, state, height) {
    // Routines of the machine are no calls of the program: while one runs, its instruction is in progress.
    const calls = state.calls.filter((call) => call.function >= 0);
    return calls.map((call, index) => {
        const { name = "", locals = [] } = program.functions[call.function] ?? {};
        const next = calls[index + 1];
        const top = next === undefined ? call.frame + height : next.frame;
        const first = call.frame + 1 + locals.length;
        return {
            name,
            locals: locals.map((type, local) => ({ type, value: state.slot(call.frame + 1 + local) })),
            operands: Array.from({ length: Math.max(0, top - first + 1) }, (_, i) => state.slot(first + i)),
        };
    });
}
export class StackView {
    visit;
    address;
    list = h("div", { id: "calls" });
    element = h("section", { class: "panel" }, h("h2", {}, "Calls in progress"), this.list);
    /** `visit` shows the step that wrote a value, `address` the memory at one. */
    constructor(visit, address) {
        this.visit = visit;
        this.address = address;
    }
    show(all, globals, types) {
        const shown = all.slice(-MOST).reverse();
        const hidden = all.length - shown.length;
        this.list.replaceChildren(...shown.map((frame, index) => this.frame(frame, index === 0)), hidden > 0 ? h("p", { class: "soft small" }, `${hidden} more calls`) : "", globals.length > 0
            ? h("details", {}, h("summary", { class: "soft" }, `${globals.length} globals`), this.values(globals.map((value, index) => [String(index), value, types[index]])))
            : "");
    }
    frame({ name, locals, operands }, isOpen) {
        const few = operands.slice(-MOST);
        return h("details", { class: "frame", open: isOpen }, h("summary", {}, name), h("div", { class: "chips", role: "group", "aria-label": "Operands, bottom first" }, operands.length === 0 ? h("span", { class: "soft small" }, "no operands") : "", ...few.map((value, index) => this.chip(value, index === few.length - 1))), locals.length > 0 ? this.values(locals.map(({ type, value }, local) => [String(local), value, type])) : "");
    }
    chip(value, isTop) {
        const says = `0x${hex(value)}${value.writer >= 0 ? `, from step ${value.writer}` : ""}`;
        return h("button", { class: isTop ? "chip top" : "chip", title: says, click: () => this.trace(value) }, show(value));
    }
    values(all) {
        const row = ([name, value, type]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "soft" }, type ?? ""), h("td", {}, h("button", { class: "part", title: "Memory at this address", click: () => this.address(value.low >>> 0) }, show(value, type))), h("td", { class: "soft" }, value.writer >= 0 ? h("button", { class: "part", click: () => this.visit(value.writer) }, `step ${value.writer}`) : ""));
        return h("table", { class: "values" }, h("tbody", {}, ...all.map(row)));
    }
    trace({ writer }) {
        if (writer >= 0)
            this.visit(writer);
    }
}
