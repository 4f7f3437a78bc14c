// The REPL: instructions are typed line by line, and after each line the network runs the program so far.

import { TABLE } from "../../../engines/typescript/src/index.js";
import { byId, complain, h } from "./dom.js";
import { table } from "./live.js";
import { loadExamples, loadMachine, type Example, type Machine } from "./machine.js";
import { carry, inSlices } from "./page.js";
import { LIMIT, Recording } from "./recording.js";
import {
  compile,
  EMPTY,
  exampleSource,
  fromHash,
  listingText,
  parseBytes,
  showBytes,
  SourceError,
  toHash,
  type Source,
  type Written,
} from "./source.js";
import { stateView } from "./state.js";

class Repl {
  private source: Source = fromHash(location.hash);
  private written: Written = { listing: [], written: 0 };
  private readonly past: Source[] = [];
  private running: { stop: () => void } | undefined;

  private readonly lines = h("ol", { class: "listing", "aria-label": "The program so far", tabindex: 0 });
  private readonly input = h("input", {
    class: "mono",
    id: "line",
    list: "mnemonics",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "aria-describedby": "error",
    placeholder: "i32.const 5",
  });
  private readonly error = h("p", { class: "error", id: "error", role: "alert" });
  private readonly form = h(
    "form",
    { class: "entry", submit: (event: Event) => this.enter(event) },
    h("label", { for: "line" }, "›", h("span", { class: "visually-hidden" }, "Next instruction")),
    this.input,
    h("button", {}, "Run"),
  );
  private readonly whole = h("textarea", { class: "whole", spellcheck: "false", "aria-label": "The whole program" });
  private readonly wholeError = h("p", { class: "error", role: "alert" });
  private readonly editor = h(
    "div",
    { class: "hidden" },
    this.whole,
    this.wholeError,
    h(
      "div",
      { class: "row" },
      h("button", { id: "apply", click: () => this.applyWhole() }, "Run it"),
      h("button", { click: () => this.showEditor(false) }, "Cancel"),
    ),
  );
  private readonly undoButton = h("button", { id: "undo", click: () => this.undo() }, "Undo");
  private readonly said = h("span", { class: "soft small", role: "status" });
  private readonly examples = h(
    "select",
    { "aria-label": "Load an example", change: () => this.loadExample() },
    h("option", { value: "" }, "Load an example…"),
  );
  private loaded: Example[] = [];

  constructor(private readonly machine: Machine) {
    const meanings = new Map(machine.names.instructions.map(({ mnemonic, meaning }) => [mnemonic, meaning]));
    byId("program").replaceChildren(
      h(
        "div",
        { class: "row" },
        h("h2", {}, "Program"),
        this.undoButton,
        h("button", { id: "clear", click: () => this.change(EMPTY) }, "Clear"),
        h("button", { id: "edit", click: () => this.showEditor(true) }, "Edit whole"),
        h("button", { id: "share", click: () => void this.share() }, "Copy link"),
        this.examples,
        this.said,
      ),
      this.lines,
      this.form,
      this.error,
      this.editor,
      h(
        "details",
        { class: "reference" },
        h("summary", { class: "soft" }, `${TABLE.length} instructions`),
        table(
          ["instruction", "pops → pushes", "meaning"],
          TABLE.map(({ mnemonic, pops, pushes }) => [mnemonic, `${pops} → ${pushes}`, meanings.get(mnemonic) ?? ""]),
        ),
      ),
      h("datalist", { id: "mnemonics" }, ...TABLE.map(({ mnemonic }) => h("option", { value: mnemonic }))),
    );
    this.input.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "z" && this.input.value === "") {
        event.preventDefault();
        this.undo();
      }
    });
    window.addEventListener("hashchange", () => this.open(fromHash(location.hash)));
    this.open(this.source);
    this.input.focus({ preventScroll: true });
    loadExamples().then((examples) => this.listExamples(examples), complain);
  }

  private listExamples(examples: Example[]): void {
    this.loaded = examples;
    const groupOf = ({ path }: Example): string => path.split("/")[0] ?? "";
    for (const group of new Set(examples.map(groupOf))) {
      const members = examples.filter((example) => groupOf(example) === group);
      const name = (path: string): string => path.slice(group.length + 1).replaceAll("-", " ");
      this.examples.append(
        h("optgroup", { label: group.replaceAll("-", " ") }, ...members.map(({ path }) => h("option", { value: path }, name(path)))),
      );
    }
  }

  private loadExample(): void {
    const example = this.loaded.find(({ path }) => path === this.examples.value);
    this.examples.value = "";
    if (example === undefined) return;
    this.change(exampleSource(example));
    this.said.textContent = example.about ?? "";
  }

  /**
   * Shows the source in the address. A source that is not a program goes to the editor, where its error is
   * shown.
   */
  private open(source: Source): void {
    if (this.attempt(source, this.wholeError)) return;
    this.attempt(EMPTY, this.error);
    this.showEditor(true, source.text);
    this.applyWhole();
  }

  /** Does the same as `attempt`, but can be undone. */
  private change(source: Source, error = this.error): boolean {
    const before = this.source;
    const done = this.attempt(source, error);
    if (done) this.past.push(before);
    this.undoButton.disabled = this.past.length === 0;
    return done;
  }

  private undo(): void {
    const before = this.past.pop();
    if (before !== undefined) this.attempt(before, this.error);
    this.undoButton.disabled = this.past.length === 0;
  }

  /** Takes a source and runs it, or shows why it cannot be run. */
  private attempt(source: Source, error: HTMLElement): boolean {
    try {
      this.written = compile(source);
    } catch (fault) {
      if (!(fault instanceof SourceError)) throw fault;
      error.textContent = fault.message;
      return false;
    }
    this.error.textContent = this.wholeError.textContent = this.said.textContent = "";
    this.source = source;
    this.undoButton.disabled = this.past.length === 0;
    carry(toHash(source));
    this.showEditor(false);
    this.run();
    return true;
  }

  private enter(event: Event): void {
    event.preventDefault();
    const line = this.input.value.trim();
    if (line === "") return;
    const text = this.source.text === "" ? line : `${this.source.text.trimEnd()}\n${line}`;
    if (!this.change({ ...this.source, text })) {
      this.error.textContent = (this.error.textContent ?? "").replace(/^line \d+: /, "");
      return;
    }
    this.input.value = "";
    this.lines.scrollTop = this.lines.scrollHeight;
  }

  private showEditor(shown: boolean, text?: string): void {
    this.editor.classList.toggle("hidden", !shown);
    this.form.classList.toggle("hidden", shown);
    this.lines.classList.toggle("hidden", shown);
    if (!shown) return;
    this.whole.value = text ?? listingText(this.written.listing.slice(0, this.written.written));
    this.whole.focus();
  }

  private applyWhole(): void {
    this.change({ ...this.source, text: this.whole.value }, this.wholeError);
  }

  private async share(): Promise<void> {
    try {
      await navigator.clipboard.writeText(location.href);
      this.said.textContent = "copied";
    } catch {
      this.said.textContent = "copy the address of this page: it is the link";
    }
  }

  private run(): void {
    this.running?.stop();
    const { listing, written } = this.written;
    const recording = new Recording(this.machine, listing, this.source.files);
    const started = performance.now();
    let shown = started;
    this.running = inSlices((until) => {
      recording.advance(until, LIMIT);
      const done = recording.end !== undefined || recording.length >= LIMIT;
      if (done || performance.now() > shown + 200) {
        this.showLines(recording, written);
        byId("state").replaceChildren(...stateView(recording, done, performance.now() - started), this.fileInputs());
        shown = performance.now();
      }
      return done;
    });
  }

  private showLines(recording: Recording, written: number): void {
    const texts = listingText(recording.listing).split("\n").slice(0, written);
    this.lines.replaceChildren(
      ...texts.map((text, pc) => {
        const visit = recording.visits.get(pc);
        const times = visit !== undefined && visit.count > 1 ? h("span", { class: "times" }, `×${visit.count}  `) : "";
        return h(
          "li",
          {},
          h("span", { class: "pc" }, pc),
          h("span", {}, text),
          h("span", {}, times, h("span", { class: "token" }, visit === undefined ? "" : recording.nameOf(visit.token))),
        );
      }),
    );
  }

  private fileInputs(): HTMLElement {
    const error = h("p", { class: "error", role: "alert" });
    const input = (file: number): HTMLElement[] => {
      const change = (event: Event): void => {
        try {
          const files = this.source.files.map((bytes, index) =>
            index === file ? parseBytes((event.target as HTMLInputElement).value) : bytes,
          );
          this.change({ ...this.source, files });
        } catch (fault) {
          error.textContent = fault instanceof Error ? fault.message : String(fault);
        }
      };
      return [
        h("label", { for: `file-${file}`, class: "soft small" }, `File ${file}`),
        h("input", { class: "mono", id: `file-${file}`, value: showBytes(this.source.files[file] ?? []), change }),
      ];
    };
    return h(
      "details",
      { open: this.source.files.some((bytes) => bytes.length > 0) },
      h("summary", { class: "soft" }, "Files at the start"),
      h("div", { class: "files" }, ...[0, 1, 2, 3].flatMap(input)),
      error,
    );
  }
}

loadMachine().then((machine) => new Repl(machine), complain);
