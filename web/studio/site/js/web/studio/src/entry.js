// The line in which a REPL's program is typed, with what was entered before it under the arrow keys.
import { h } from "./dom.js";
import { isModule } from "./opening.js";
export class Entry {
    entered = [];
    recalled = 0;
    input;
    element;
    /** `attributes` are those of the field that only one REPL has. */
    constructor(name, hands, attributes = {}) {
        this.input = h("input", {
            class: "mono",
            id: "line",
            autocomplete: "off",
            autocapitalize: "off",
            spellcheck: "false",
            "aria-describedby": "error",
            placeholder: "i32.const 5",
            ...attributes,
        });
        const submit = (event) => {
            event.preventDefault();
            const line = this.input.value.trim();
            if (line !== "")
                hands.enter(line);
        };
        this.element = h("form", { class: "entry", submit }, h("label", { for: "line" }, "›", h("span", { class: "visually-hidden" }, name)), this.input, h("button", {}, "Run"));
        this.input.addEventListener("keydown", (event) => {
            if (this.arrow(event) || hands.key(event))
                event.preventDefault();
        });
        this.input.addEventListener("paste", (event) => {
            const text = event.clipboardData?.getData("text/plain") ?? "";
            if (!text.trim().includes("\n") && !isModule(text))
                return;
            event.preventDefault();
            hands.paste(text);
        });
    }
    get isEmpty() {
        return this.input.value === "";
    }
    /** Empties the field: its line has become a part of the program. */
    took(line) {
        this.input.value = "";
        this.entered.push(line);
        this.recalled = this.entered.length;
    }
    focus() {
        this.input.focus({ preventScroll: true });
    }
    arrow({ key }) {
        const isRecalled = this.input.value === (this.entered[this.recalled] ?? "");
        if (key === "ArrowUp" && isRecalled)
            this.recall(this.recalled - 1);
        else if (key === "ArrowDown" && this.recalled < this.entered.length)
            this.recall(this.recalled + 1);
        else
            return false;
        return true;
    }
    recall(to) {
        if (to < 0)
            return;
        this.recalled = to;
        this.input.value = this.entered[to] ?? "";
    }
}
