// A list of any number of steps, in which only the lines in view are elements.
import { h } from "./dom.js";
const HEIGHT = 22;
/** The number of lines created above and below the lines in view. */
const MARGIN = 8;
export class TraceList {
    lineOf;
    choose;
    tall = h("div", { class: "tall" });
    element = h("div", { class: "trace", role: "group", "aria-label": "Steps; the arrow keys choose one", tabindex: 0 }, this.tall);
    count = 0;
    current = 0;
    constructor(lineOf, choose) {
        this.lineOf = lineOf;
        this.choose = choose;
        this.element.addEventListener("scroll", () => this.render());
        this.element.addEventListener("keydown", (event) => {
            const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (by === undefined)
                return;
            event.preventDefault();
            const to = Math.max(0, Math.min(this.count - 1, this.current + by));
            if (to !== this.current)
                this.choose(to);
        });
        new ResizeObserver(() => this.render()).observe(this.element);
    }
    /**
     * Shows `count` steps and marks the current step. If the current step changed, it is scrolled into view.
     */
    show(count, current) {
        const moved = current !== this.current;
        [this.count, this.current] = [count, current];
        this.tall.style.height = `${count * HEIGHT}px`;
        const { scrollTop, clientHeight } = this.element;
        const top = current * HEIGHT;
        if (moved && (top < scrollTop || top + HEIGHT > scrollTop + clientHeight))
            this.element.scrollTop = top - clientHeight / 2;
        this.render();
    }
    render() {
        const first = Math.max(0, Math.floor(this.element.scrollTop / HEIGHT) - MARGIN);
        const last = Math.min(this.count, first + Math.ceil(this.element.clientHeight / HEIGHT) + 2 * MARGIN);
        const lines = Array.from({ length: Math.max(0, last - first) }, (_, i) => {
            const { step, pc, instruction, token } = this.lineOf(first + i);
            const line = h("button", { tabindex: -1, "aria-current": step === this.current ? "step" : undefined, click: () => this.choose(step) }, h("span", {}, step), h("span", {}, pc), h("span", {}, instruction), h("span", {}, token));
            line.style.top = `${step * HEIGHT}px`;
            return line;
        });
        this.tall.replaceChildren(...lines);
    }
}
