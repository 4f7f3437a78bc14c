// The editor of a whole program. What is written there is a draft, kept in this tab until it is run or thrown
// away: over reloads, and while other pages are read.

import { h } from "./dom.js";

const DRAFT = "draft";
/** The key of the address at which the draft was written. */
const PLACE = "draft's place";

function keep(text: string): void {
  sessionStorage.setItem(DRAFT, text);
  sessionStorage.setItem(PLACE, location.hash);
}

export class Editor {
  readonly error = h("p", { class: "error", id: "whole-error", role: "alert" });
  private readonly text = h("textarea", {
    class: "whole",
    spellcheck: "false",
    "aria-label": "The whole program",
    "aria-describedby": "whole-error",
    input: () => keep(this.text.value),
    keydown: (event: KeyboardEvent) => this.key(event),
  });
  readonly element = h(
    "div",
    { class: "hidden" },
    this.text,
    this.error,
    h(
      "div",
      { class: "row" },
      h("button", { id: "apply", click: () => this.run(this.text.value) }, "Run it"),
      h("button", { id: "cancel", click: () => this.cancel() }, "Cancel"),
      h("span", { class: "soft small" }, "instructions by line, or a module in WebAssembly's text format; Ctrl+Enter runs it"),
    ),
  );

  /** `run` gets the text; `shown` is told whether the editor is shown. */
  constructor(
    private readonly run: (text: string) => void,
    private readonly shown: (is: boolean) => void,
  ) {}

  get isOpen(): boolean {
    return !this.element.classList.contains("hidden");
  }

  /** Whether there is a draft that was not run. */
  get hasDraft(): boolean {
    return sessionStorage.getItem(DRAFT) !== null;
  }

  /** Whether there is a draft that was written at this address. */
  get isDraftOfThis(): boolean {
    return this.hasDraft && sessionStorage.getItem(PLACE) === location.hash;
  }

  /** Opens the editor with the draft, or else with a text. If it is open already, nothing is lost. */
  open(text: string): void {
    if (!this.isOpen) this.text.value = sessionStorage.getItem(DRAFT) ?? text;
    this.error.textContent = "";
    this.show(true);
    this.text.focus();
  }

  /** Opens the editor with a text that becomes the draft. */
  openWith(text: string): void {
    keep(text);
    this.text.value = text;
    this.show(true);
  }

  close(): void {
    this.show(false);
  }

  /** Forgets the draft: it runs, or is not wanted. */
  forget(): void {
    sessionStorage.removeItem(DRAFT);
    this.error.textContent = "";
  }

  private show(is: boolean): void {
    this.element.classList.toggle("hidden", !is);
    this.shown(is);
  }

  private cancel(): void {
    this.forget();
    this.close();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.run(this.text.value);
    else return;
    event.preventDefault();
  }
}
