// Moving through a run: buttons, a slider, the keyboard, and playing.
import { h } from "./dom.js";
/** The time in milliseconds that a step is shown while playing. */
const PACE = 400;
/** Controls of the current step, 0 to `count` − 1. `changed` is called when the current step changes. */
export class Transport {
    now;
    changed;
    step = 0;
    count = 1;
    playing;
    slider = h("input", {
        type: "range",
        id: "scrub",
        min: 0,
        value: 0,
        "aria-label": "Step",
        input: () => this.go(Number(this.slider.value)),
    });
    play = h("button", { id: "play", click: () => this.toggle() }, "Play");
    element;
    /** `now` is an element that describes the current step. */
    constructor(now, changed) {
        this.now = now;
        this.changed = changed;
        const button = (text, label, to) => h("button", { "aria-label": label, click: () => this.go(to()) }, text);
        this.element = h("div", { class: "transport row" }, button("|◀", "First step", () => 0), button("◀", "Previous step", () => this.step - 1), this.play, button("▶", "Next step", () => this.step + 1), button("▶|", "Last step", () => Infinity), this.slider, now);
        document.addEventListener("keydown", (event) => this.key(event));
    }
    /** Sets the number of steps and the current step, without calling `changed`. */
    show(count, step) {
        [this.count, this.step] = [count, step];
        this.slider.max = String(count - 1);
        this.slider.value = String(step);
        this.slider.setAttribute("aria-valuetext", `step ${step}`);
    }
    pause() {
        window.clearInterval(this.playing);
        this.playing = undefined;
        this.play.textContent = "Play";
        this.announce(true);
    }
    go(step) {
        const to = Math.max(0, Math.min(this.count - 1, step));
        if (to === this.step)
            return;
        this.show(this.count, to);
        this.changed(to);
    }
    /** While a run plays, its steps are not announced one by one. */
    announce(is) {
        this.now.setAttribute("aria-live", is ? "polite" : "off");
    }
    toggle() {
        if (this.playing !== undefined)
            return this.pause();
        if (this.step === this.count - 1)
            this.go(0);
        this.play.textContent = "Pause";
        this.announce(false);
        this.playing = window.setInterval(() => {
            this.go(this.step + 1);
            if (this.step === this.count - 1)
                this.pause();
        }, PACE);
    }
    key(event) {
        const target = event.target;
        if (event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName))
            return;
        const moves = {
            ArrowLeft: () => this.go(this.step - 1),
            ArrowRight: () => this.go(this.step + 1),
            Home: () => this.go(0),
            End: () => this.go(Infinity),
            " ": () => this.toggle(),
        };
        const move = moves[event.key];
        // The space bar presses a button that has the focus.
        if (move === undefined || (event.key === " " && target.tagName !== "BODY"))
            return;
        event.preventDefault();
        move();
    }
}
