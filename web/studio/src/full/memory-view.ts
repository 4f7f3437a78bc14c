// Memory as hexadecimal numbers and text. A byte says which step wrote it.

import { h } from "../dom.js";
import { PAGE } from "./described.js";
import type { State } from "./state.js";

const ROWS = 16;
const WIDTH = 16;

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, "0");

export class MemoryView {
  private readonly field = h("input", {
    class: "mono",
    id: "address",
    value: "0",
    "aria-label": "Address",
    change: () => this.typed(),
  });
  private readonly follow = h("input", { type: "checkbox", id: "follow", checked: true });
  private readonly table = h("table", { class: "memory", id: "memory" });
  private readonly who = h("p", { class: "small", id: "who", role: "status" }, "Click a byte to see which step wrote it.");
  readonly element = h(
    "section",
    { class: "panel" },
    h(
      "div",
      { class: "row" },
      h("h2", {}, "Memory"),
      h("label", { class: "small" }, "at ", this.field),
      h("button", { "aria-label": "Earlier addresses", click: () => this.goTo(this.start - ROWS * WIDTH) }, "▲"),
      h("button", { "aria-label": "Later addresses", click: () => this.goTo(this.start + ROWS * WIDTH) }, "▼"),
      h("label", { class: "small" }, this.follow, " follow writes"),
    ),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Memory" }, this.table),
    this.who,
  );
  private start = 0;
  private state: State | undefined;
  private chosen: number | undefined;

  /** `describe` says what a step is; `visit` shows it. */
  constructor(
    private readonly describe: (step: number) => string,
    private readonly visit: (step: number) => void,
  ) {}

  /** Shows the memory of a state, and marks what was stored last. */
  show(state: State): void {
    this.state = state;
    const { stored } = state;
    const isOutside = stored !== undefined && (stored.address < this.start || stored.address + stored.width > this.start + ROWS * WIDTH);
    if (stored !== undefined && isOutside && this.follow.checked) {
      this.start = Math.max(0, Math.floor(stored.address / WIDTH) * WIDTH - 4 * WIDTH);
      this.field.value = String(this.start);
    }
    this.render();
    if (this.chosen !== undefined) this.tell(this.chosen);
  }

  /** Shows the memory from an address on. */
  goTo(address: number): void {
    const most = Math.max(0, (this.state?.length ?? 0) * PAGE - ROWS * WIDTH);
    this.start = Math.max(0, Math.min(most, Math.floor(address / WIDTH) * WIDTH));
    this.field.value = String(this.start);
    this.render();
  }

  private typed(): void {
    const address = Number(this.field.value);
    if (Number.isInteger(address)) this.goTo(address);
  }

  private render(): void {
    const { state } = this;
    if (state === undefined || state.length === 0) {
      this.table.replaceChildren(h("tbody", {}, h("tr", {}, h("td", {}, "The program has no memory."))));
      return;
    }
    const had = (document.activeElement as HTMLElement | null)?.dataset["address"];
    const row = (from: number): HTMLElement => {
      const bytes = Array.from({ length: WIDTH }, (_, i) => state.byte(from + i));
      const cell = ({ byte, writer }: { byte: number; writer: number }, i: number): HTMLElement => {
        const address = from + i;
        const { stored } = state;
        const isNew = stored !== undefined && address >= stored.address && address < stored.address + stored.width;
        const kind = isNew ? "new" : writer === -2 ? "untouched" : writer === -1 ? "data" : "";
        const label = `address ${address}: ${byte}`;
        return h("td", {}, h("button", { class: kind, "data-address": address, title: label, click: () => this.choose(address) }, hex(byte, 2)));
      };
      const letters = bytes.map(({ byte }) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
      return h("tr", {}, h("th", { scope: "row" }, hex(from, 6)), ...bytes.map(cell), h("td", { class: "letters" }, letters));
    };
    this.table.replaceChildren(h("tbody", {}, ...Array.from({ length: ROWS }, (_, i) => row(this.start + i * WIDTH))));
    if (had !== undefined) this.table.querySelector<HTMLElement>(`[data-address="${had}"]`)?.focus({ preventScroll: true });
  }

  private choose(address: number): void {
    this.chosen = address;
    this.tell(address);
  }

  private tell(address: number): void {
    if (this.state === undefined) return;
    const { byte, writer } = this.state.byte(address);
    const what = `Byte ${address} is ${byte} (0x${hex(byte, 2)})`;
    if (writer === -2) this.who.replaceChildren(`${what}: nothing has written it.`);
    else if (writer === -1) this.who.replaceChildren(`${what}: the program's data, in the prompt.`);
    else
      this.who.replaceChildren(
        `${what}: written by `,
        h("button", { class: "part", id: "writer", "data-step": writer, click: () => this.visit(writer) }, `step ${writer}`),
        `, ${this.describe(writer)}.`,
      );
  }
}
