// The instructions of a program, function by function, with the one in progress and the breakpoints. Only the
// lines in view are elements.

import { h } from "../dom.js";
import { functionAt, type Described } from "./described.js";

const HEIGHT = 22;
const MARGIN = 10;

export class CodeView {
  readonly breakpoints = new Set<number>();
  private readonly tall = h("div", { class: "tall" });
  readonly list = h(
    "div",
    { class: "code", id: "code", role: "group", "aria-label": "Instructions", tabindex: 0 },
    this.tall,
  );
  private readonly functions = h("select", { id: "function", "aria-label": "Function", change: () => this.toFunction() });
  readonly element = h(
    "section",
    { class: "panel" },
    h("div", { class: "row" }, h("h2", {}, "Instructions"), this.functions),
    h("p", { class: "soft small" }, "Click a number for a breakpoint, an instruction to run to it."),
    this.list,
  );
  private program: Described | undefined;
  /** The pc of each line; of a function's heading, −1 less the function's index. */
  private lines: number[] = [];
  private lineOf = new Map<number, number>();
  private pc = -1;

  /** `changed` is told of new breakpoints, `runTo` of an instruction to run to. */
  constructor(
    private readonly changed: () => void,
    private readonly runTo: (pc: number) => void,
  ) {
    this.list.addEventListener("scroll", () => this.render());
    new ResizeObserver(() => this.render()).observe(this.list);
  }

  load(program: Described): void {
    this.program = program;
    this.breakpoints.clear();
    this.lines = [];
    this.lineOf.clear();
    const order = program.functions.map((_, index) => index).sort((a, b) => entry(program, a) - entry(program, b));
    for (const index of order) {
      const { entry: from, end } = program.functions[index] as Described["functions"][number];
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
  mark(pc: number, shown: number): void {
    this.pc = pc;
    const line = this.lineOf.get(shown);
    if (line !== undefined) {
      this.scrollTo(line);
      this.functions.value = String(functionAt(this.program?.functions ?? [], shown));
    }
    this.render();
  }

  private scrollTo(line: number): void {
    const { scrollTop, clientHeight } = this.list;
    const top = line * HEIGHT;
    if (top < scrollTop + HEIGHT || top + 2 * HEIGHT > scrollTop + clientHeight) this.list.scrollTop = top - clientHeight / 3;
  }

  private toFunction(): void {
    const found = this.program?.functions[Number(this.functions.value)];
    const line = found && this.lineOf.get(found.entry);
    if (line !== undefined) this.list.scrollTop = (line - 1) * HEIGHT;
  }

  /** An instruction as text, with the names of what it calls. */
  text(pc: number): string {
    const text = this.program?.code[pc]?.x ?? "";
    const called = /^call (\d+)$/.exec(text)?.[1];
    const name = called === undefined ? undefined : this.program?.functions[Number(called)]?.name;
    return name === undefined || name === `#${called}` ? text : `${text}  ;; ${name}`;
  }

  private render(): void {
    const first = Math.max(0, Math.floor(this.list.scrollTop / HEIGHT) - MARGIN);
    const last = Math.min(this.lines.length, first + Math.ceil(this.list.clientHeight / HEIGHT) + 2 * MARGIN);
    const had = (document.activeElement as HTMLElement | null)?.dataset["key"];
    this.tall.replaceChildren(...Array.from({ length: Math.max(0, last - first) }, (_, i) => this.line(first + i)));
    if (had !== undefined) this.tall.querySelector<HTMLElement>(`[data-key="${had}"]`)?.focus({ preventScroll: true });
  }

  private line(line: number): HTMLElement {
    const pc = this.lines[line] as number;
    const at = `${line * HEIGHT}px`;
    if (pc < 0) {
      const heading = h("div", { class: "heading" }, this.program?.functions[-1 - pc]?.name ?? "");
      heading.style.top = at;
      return heading;
    }
    const isBreak = this.breakpoints.has(pc);
    const toggle = (): void => {
      if (!this.breakpoints.delete(pc)) this.breakpoints.add(pc);
      this.changed();
      this.render();
    };
    const element = h(
      "div",
      { class: isBreak ? "line broken" : "line", "aria-current": pc === this.pc ? "step" : undefined, "data-pc": pc },
      h("button", { "data-key": `b${pc}`, "aria-pressed": String(isBreak), "aria-label": `Breakpoint at pc ${pc}`, click: toggle }, pc),
      h("button", { "data-key": `r${pc}`, click: () => this.runTo(pc), title: "Run to here" }, this.text(pc)),
    );
    element.style.top = at;
    return element;
  }
}

const entry = (program: Described, index: number): number => program.functions[index]?.entry ?? 0;
