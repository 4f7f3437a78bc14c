// A listing beside a run, with the instruction in progress.
import { h } from "./dom.js";
import { listingText } from "./source.js";
export class ListingView {
    list = h("ol", { class: "listing", tabindex: 0, "aria-label": "The program" });
    element = h("section", { class: "panel" }, h("h2", {}, "Program"), this.list);
    marked;
    load(listing) {
        const texts = listing.length === 0 ? [] : listingText(listing).split("\n");
        this.marked = undefined;
        this.list.replaceChildren(...texts.map((text, pc) => h("li", {}, h("span", { class: "pc" }, pc), h("span", {}, text))));
    }
    /** Marks the instruction at a pc, and scrolls the list to it. */
    mark(pc) {
        this.marked?.removeAttribute("aria-current");
        this.marked = this.list.children[pc];
        this.marked?.setAttribute("aria-current", "step");
        const line = this.marked;
        if (line === undefined)
            return;
        const [top, height] = [line.offsetTop - this.list.offsetTop, this.list.clientHeight];
        if (top < this.list.scrollTop || top + line.clientHeight > this.list.scrollTop + height)
            this.list.scrollTop = top - height / 2;
    }
}
