// A listing beside a run, with the instruction in progress.

import type { Instr } from "../../../engines/typescript/src/index.js";
import { h } from "./dom.js";
import { listingText } from "./source.js";

export class ListingView {
  private readonly list = h("ol", { class: "listing", tabindex: 0, "aria-label": "The program" });
  readonly element = h("section", { class: "panel" }, h("h2", {}, "Program"), this.list);
  private marked: Element | undefined;

  load(listing: readonly Instr[]): void {
    const texts = listing.length === 0 ? [] : listingText(listing).split("\n");
    this.marked = undefined;
    this.list.replaceChildren(
      ...texts.map((text, pc) => h("li", {}, h("span", { class: "pc" }, pc), h("span", {}, text))),
    );
  }

  /** Marks the instruction at a pc, and scrolls the list to it. */
  mark(pc: number): void {
    this.marked?.removeAttribute("aria-current");
    this.marked = this.list.children[pc];
    this.marked?.setAttribute("aria-current", "step");
    const line = this.marked as HTMLElement | undefined;
    if (line === undefined) return;
    const [top, height] = [line.offsetTop - this.list.offsetTop, this.list.clientHeight];
    if (top < this.list.scrollTop || top + line.clientHeight > this.list.scrollTop + height) this.list.scrollTop = top - height / 2;
  }
}
