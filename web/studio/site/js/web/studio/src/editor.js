// The editor of a whole program. What is written there is a draft, kept in this tab until it is run or thrown
// away: over reloads, and while other pages are read.
import { h } from "./dom.js";
const DRAFT = "draft";
/** The key of the address at which the draft was written. */
const PLACE = "draft's place";
function keep(text) {
    sessionStorage.setItem(DRAFT, text);
    sessionStorage.setItem(PLACE, location.hash);
}
export class Editor {
    run;
    shown;
    error = h("p", { class: "error", id: "whole-error", role: "alert" });
    text = h("textarea", {
        class: "whole",
        spellcheck: "false",
        "aria-label": "The whole program",
        "aria-describedby": "whole-error",
        input: () => keep(this.text.value),
        keydown: (event) => this.key(event),
    });
    element = h("div", { class: "hidden" }, this.text, this.error, h("div", { class: "row" }, h("button", { id: "apply", click: () => this.run(this.text.value) }, "Run it"), h("button", { id: "cancel", click: () => this.cancel() }, "Cancel"), h("span", { class: "soft small" }, "instructions by line, or a module in WebAssembly's text format; Ctrl+Enter runs it")));
    /** `run` gets the text; `shown` is told whether the editor is shown. */
    constructor(run, shown) {
        this.run = run;
        this.shown = shown;
    }
    get isOpen() {
        return !this.element.classList.contains("hidden");
    }
    /** Whether there is a draft that was not run. */
    get hasDraft() {
        return sessionStorage.getItem(DRAFT) !== null;
    }
    /** Whether there is a draft that was written at this address. */
    get isDraftOfThis() {
        return this.hasDraft && sessionStorage.getItem(PLACE) === location.hash;
    }
    /** Opens the editor with the draft, or else with a text. If it is open already, nothing is lost. */
    open(text) {
        if (!this.isOpen)
            this.text.value = sessionStorage.getItem(DRAFT) ?? text;
        this.error.textContent = "";
        this.show(true);
        this.text.focus();
    }
    /** Opens the editor with a text that becomes the draft. */
    openWith(text) {
        keep(text);
        this.text.value = text;
        this.show(true);
    }
    close() {
        this.show(false);
    }
    /** Forgets the draft: it runs, or is not wanted. */
    forget() {
        sessionStorage.removeItem(DRAFT);
        this.error.textContent = "";
    }
    show(is) {
        this.element.classList.toggle("hidden", !is);
        this.shown(is);
    }
    cancel() {
        this.forget();
        this.close();
    }
    key(event) {
        if (event.key === "Escape")
            this.close();
        else if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
            this.run(this.text.value);
        else
            return;
        event.preventDefault();
    }
}
