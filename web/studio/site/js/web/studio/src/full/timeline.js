// A run from its first step to its last: how many calls are in progress, where something was output, and
// where the reader is.
import { h } from "../dom.js";
const HEIGHT = 64;
export class Timeline {
    canvas = h("canvas", { class: "timeline", "aria-hidden": "true" });
    element = h("div", { class: "line-of-time" }, this.canvas);
    tape;
    at = 0;
    constructor(visit) {
        const go = (event) => {
            const { left, width } = this.canvas.getBoundingClientRect();
            const part = Math.max(0, Math.min(1, (event.clientX - left) / width));
            if (this.tape !== undefined)
                visit(Math.round(part * this.tape.length));
        };
        this.canvas.addEventListener("pointerdown", (event) => {
            this.canvas.setPointerCapture(event.pointerId);
            go(event);
        });
        this.canvas.addEventListener("pointermove", (event) => {
            if (event.buttons > 0)
                go(event);
        });
        new ResizeObserver(() => this.draw()).observe(this.canvas);
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    }
    show(tape, at) {
        [this.tape, this.at] = [tape, at];
        this.draw();
    }
    draw() {
        const { tape, canvas } = this;
        const context = canvas.getContext("2d");
        const width = canvas.clientWidth;
        if (tape === undefined || context === null || width === 0)
            return;
        const ratio = window.devicePixelRatio;
        [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(HEIGHT * ratio)];
        context.scale(ratio, ratio);
        const colours = ["--accent", "--warm", "--ink"].map((name) => resolved(canvas, name));
        const [area = "", out = "", here = ""] = colours;
        const x = (step) => (step / Math.max(1, tape.length)) * width;
        context.fillStyle = area;
        context.globalAlpha = 0.55;
        const scale = (HEIGHT - 14) / Math.max(1, tape.deepest);
        for (let column = 0; column < width; column += 1) {
            const [from, to] = [column, column + 1].map((edge) => Math.floor((edge / width) * tape.length));
            // A column of a long run stands for many steps; a sample of them is looked at.
            const by = Math.max(1, Math.floor((to - from) / 16));
            let deepest = 0;
            for (let step = from; step < Math.max(to, from + 1) && step < tape.length; step += by)
                deepest = Math.max(deepest, tape.depth(step));
            context.fillRect(column, HEIGHT - 8 - deepest * scale, 1, deepest * scale);
        }
        context.globalAlpha = 1;
        context.fillStyle = out;
        for (const { step } of tape.outs)
            context.fillRect(x(step), HEIGHT - 6, 1, 6);
        context.fillStyle = here;
        context.fillRect(Math.min(width - 2, x(this.at)), 0, 2, HEIGHT);
    }
}
/** A colour of the style, as a canvas takes it: it does not know light-dark(). */
function resolved(near, name) {
    const probe = document.createElement("span");
    near.parentElement?.append(probe);
    probe.style.color = `var(${name})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
}
