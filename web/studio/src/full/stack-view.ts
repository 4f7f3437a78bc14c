// The calls in progress, each with its locals and operands. A value says which step wrote it.

import { h } from "../dom.js";
import type { Described } from "./described.js";
import type { CallInProgress, Slot, State } from "./state.js";
import { hex, show } from "./value.js";

/** The most calls, and operands of a call, that are shown. */
const MOST = 40;

export interface Frame {
  name: string;
  locals: { type: string; value: Slot }[];
  operands: Slot[];
}

/** The calls of a state, the outermost first. `height` is the height of the innermost, with its locals. */
export function frames(program: Described, state: State, height: number): Frame[] {
  // Routines of the machine are no calls of the program: while one runs, its instruction is in progress.
  const calls = state.calls.filter((call) => call.function >= 0);
  return calls.map((call: CallInProgress, index) => {
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
  private readonly list = h("div", { id: "calls" });
  readonly element = h("section", { class: "panel" }, h("h2", {}, "Calls in progress"), this.list);

  /** `visit` shows the step that wrote a value, `address` the memory at one. */
  constructor(
    private readonly visit: (step: number) => void,
    private readonly address: (address: number) => void,
  ) {}

  show(all: readonly Frame[], globals: readonly Slot[], types: readonly string[]): void {
    const shown = all.slice(-MOST).reverse();
    const hidden = all.length - shown.length;
    this.list.replaceChildren(
      ...shown.map((frame, index) => this.frame(frame, index === 0)),
      hidden > 0 ? h("p", { class: "soft small" }, `${hidden} more calls`) : "",
      globals.length > 0
        ? h(
            "details",
            {},
            h("summary", { class: "soft" }, `${globals.length} globals`),
            this.values(globals.map((value, index) => [String(index), value, types[index]])),
          )
        : "",
    );
  }

  private frame({ name, locals, operands }: Frame, isOpen: boolean): HTMLElement {
    const few = operands.slice(-MOST);
    return h(
      "details",
      { class: "frame", open: isOpen },
      h("summary", {}, name),
      h(
        "div",
        { class: "chips", role: "group", "aria-label": "Operands, bottom first" },
        operands.length === 0 ? h("span", { class: "soft small" }, "no operands") : "",
        ...few.map((value, index) => this.chip(value, index === few.length - 1)),
      ),
      locals.length > 0 ? this.values(locals.map(({ type, value }, local) => [String(local), value, type])) : "",
    );
  }

  private chip(value: Slot, isTop: boolean): HTMLElement {
    const says = `0x${hex(value)}${value.writer >= 0 ? `, from step ${value.writer}` : ""}`;
    return h("button", { class: isTop ? "chip top" : "chip", title: says, click: () => this.trace(value) }, show(value));
  }

  private values(all: readonly [name: string, value: Slot, type: string | undefined][]): HTMLElement {
    const row = ([name, value, type]: (typeof all)[number]): HTMLElement =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, name),
        h("td", { class: "soft" }, type ?? ""),
        h("td", {}, h("button", { class: "part", title: "Memory at this address", click: () => this.address(value.low >>> 0) }, show(value, type))),
        h(
          "td",
          { class: "soft" },
          value.writer >= 0 ? h("button", { class: "part", click: () => this.visit(value.writer) }, `step ${value.writer}`) : "",
        ),
      );
    return h("table", { class: "values" }, h("tbody", {}, ...all.map(row)));
  }

  private trace({ writer }: Slot): void {
    if (writer >= 0) this.visit(writer);
  }
}
