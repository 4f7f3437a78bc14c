// The REPL: instructions are typed line by line, and after each line the network runs the program so far.

import { TABLE } from "../../../engines/typescript/src/index.js";
import { byId, complain, h } from "./dom.js";
import { Editor } from "./editor.js";
import { Entry } from "./entry.js";
import { exampleOptions, titleOf } from "./examples.js";
import { FileFields } from "./file-fields.js";
import { Runner } from "./full/runner.js";
import { TypedRepl } from "./full/typed.js";
import { table } from "./live.js";
import { loadExamples, loadMachine, type Example, type Machine } from "./machine.js";
import { asFile, handOver, isModule, openButton, readProgram, type Given } from "./opening.js";
import { languageChoice, languageInAddress } from "./language.js";
import { carry, inSlices, keepProgram } from "./page.js";
import { LIMIT, Recording } from "./recording.js";
import {
  compile,
  EMPTY,
  exampleSource,
  faultsIn,
  fromHash,
  listingText,
  SourceError,
  toHash,
  type Source,
  type Written,
} from "./source.js";
import { announcement, stateView } from "./state.js";

class Repl {
  private source: Source = fromHash(location.hash);
  private written: Written = { listing: [], written: 0 };
  private readonly past: Source[] = [];
  private future: Source[] = [];
  private running: { stop: () => void } | undefined;

  private readonly lines = h("ol", { class: "listing", "aria-label": "The program so far", tabindex: 0 });
  private readonly error = h("p", { class: "error", id: "error", role: "alert" });
  private readonly entry = new Entry(
    "Next instruction",
    { enter: (line) => this.enter(line), paste: (text) => void this.paste(text), key: (event) => this.key(event) },
    { list: "mnemonics" },
  );
  private readonly editor = new Editor(
    (text) => void this.applyWhole(text),
    (is) => this.editorShown(is),
  );
  private readonly editButton = h("button", { id: "edit", click: () => this.editor.open(this.source.text) }, "Edit whole");
  private readonly undoButton = h("button", { id: "undo", click: () => this.undo() }, "Undo");
  private readonly said = h("span", { class: "soft small", role: "status" });
  private readonly examples = h(
    "select",
    { "aria-label": "Load an example", change: () => this.loadExample() },
    h("option", { value: "" }, "Load an example…"),
  );
  private loaded: Example[] = [];
  private readonly view = h("div");
  private readonly announced = h("p", { class: "visually-hidden", role: "status" });
  private readonly files = new FileFields((files) => this.change({ ...this.source, files }));

  constructor(private readonly machine: Machine) {
    const meanings = new Map(machine.names.instructions.map(({ mnemonic, meaning }) => [mnemonic, meaning]));
    byId("program").replaceChildren(
      h(
        "div",
        { class: "row" },
        h("h2", {}, "Program"),
        languageChoice("byte"),
        this.undoButton,
        h("button", { id: "clear", click: () => this.change(EMPTY) }, "Clear"),
        this.editButton,
        openButton((file) => void this.take(file)),
        h("button", { id: "share", click: () => void this.share() }, "Copy link"),
        this.examples,
        this.said,
      ),
      this.lines,
      this.entry.element,
      this.error,
      this.editor.element,
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
    byId("state").replaceChildren(this.view, this.files.element, this.announced);
    window.addEventListener("hashchange", () => this.open(fromHash(location.hash)));
    this.open(this.source);
    if (!this.editor.isOpen && this.editor.isDraftOfThis) this.editor.open("");
    else if (!this.editor.isOpen) this.entry.focus();
    loadExamples().then((examples) => this.listExamples(examples), complain);
  }

  private listExamples(examples: Example[]): void {
    this.loaded = examples;
    this.examples.append(...exampleOptions(examples));
  }

  private loadExample(): void {
    const example = this.loaded.find(({ path }) => path === this.examples.value);
    this.examples.value = "";
    if (example === undefined) return;
    this.change(exampleSource(example));
    this.said.textContent = `${titleOf(example)}${example.about === null ? "" : `: ${example.about}`}`;
  }

  /**
   * Shows the source in the address. A source that is not a program stays in the address, and goes to the
   * editor, where its error is shown.
   */
  private open(source: Source): void {
    const unreadable = faultsIn(location.hash);
    const hash = location.hash.replace(/^#/, "");
    if (this.attempt(source, this.error)) {
      if (unreadable.length > 0) this.error.textContent = `Left out of the address: ${unreadable.join("; ")}.`;
      return;
    }
    const reason = this.error.textContent ?? "";
    this.attempt(EMPTY, this.error);
    carry(hash);
    this.editor.openWith(source.text);
    this.editor.error.textContent = reason;
  }

  /** Does the same as `attempt`, but can be undone. */
  private change(source: Source, error = this.error): boolean {
    const before = this.source;
    const done = this.attempt(source, error);
    if (done) {
      this.past.push(before);
      this.future = [];
    }
    this.undoButton.disabled = this.past.length === 0;
    return done;
  }

  private undo(from = this.past, to = this.future): void {
    const [now, other] = [this.source, from.pop()];
    if (other !== undefined && this.attempt(other, this.error)) to.push(now);
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
    this.error.textContent = this.said.textContent = "";
    this.source = source;
    this.undoButton.disabled = this.past.length === 0;
    carry(toHash(source));
    if (this.editor.isOpen) this.editor.close();
    if (this.editor.hasDraft) this.said.textContent = "Your draft is kept: Edit whole opens it.";
    this.files.show(source.files);
    this.run();
    return true;
  }

  private enter(line: string): void {
    if (!this.add(line)) return;
    this.entry.took(line);
    if (line.startsWith(";;")) this.said.textContent = "The comment is kept; Edit whole shows it.";
  }

  /** Adds a line to the program. */
  private add(line: string): boolean {
    const text = this.source.text === "" ? line : `${this.source.text.trimEnd()}\n${line}`;
    const isComment = line.startsWith(";;");
    if (!isComment && /^\d+$/.test(line.replace(/;;.*/, "").trim())) {
      this.error.textContent = `${line} is not an instruction; i32.const ${line} pushes it`;
      return false;
    }
    if (!this.change({ ...this.source, text })) {
      this.error.textContent = (this.error.textContent ?? "").replace(/^line \d+: /, "");
      return false;
    }
    this.lines.scrollTop = this.lines.scrollHeight;
    return true;
  }

  /** Takes several pasted lines, or a module: instructions are added to the program, a module replaces it. */
  private async paste(text: string): Promise<void> {
    if (isModule(text)) return this.take(asFile(text));
    const all = this.source.text === "" ? text : `${this.source.text.trimEnd()}\n${text}`;
    if (this.change({ ...this.source, text: all.trimEnd() })) {
      this.said.textContent = `${text.trim().split("\n").length} lines pasted`;
      return;
    }
    const reason = this.error.textContent ?? "";
    this.error.textContent = "";
    this.editor.openWith(all);
    this.editor.error.textContent = reason;
  }

  /** Takes a file: one of the byte machine runs here, any other on the page for programs of any kind. */
  private async take(file: Given): Promise<void> {
    try {
      const read = await readProgram(file);
      if (read.machine === "full") return handOver(file);
      this.editor.forget();
      if (this.change(exampleSource({ path: read.name, about: read.about, ...read.program }))) {
        this.said.textContent = `${read.name}${read.about === null ? "" : `: ${read.about}`}`;
      }
    } catch (fault) {
      this.error.textContent = `${file.name}: ${fault instanceof Error ? fault.message : String(fault)}`;
    }
  }

  private editorShown(is: boolean): void {
    this.entry.element.classList.toggle("hidden", is);
    this.lines.classList.toggle("hidden", is);
    this.error.textContent = "";
    if (!is) (this.entry.isEmpty ? this.editButton : this.entry.input).focus({ preventScroll: true });
  }

  private async applyWhole(text: string): Promise<void> {
    if (!isModule(text)) {
      if (this.change({ ...this.source, text }, this.editor.error)) this.drafted();
      return;
    }
    try {
      const read = await readProgram(asFile(text));
      if (read.machine === "full") return handOver(asFile(text));
      if (this.change(exampleSource({ path: "", about: null, ...read.program }), this.editor.error)) this.drafted();
    } catch (fault) {
      this.editor.error.textContent = fault instanceof Error ? fault.message : String(fault);
    }
  }

  /** The draft has become the program. */
  private drafted(): void {
    this.editor.forget();
    this.said.textContent = "";
  }

  private key({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
    if (!(ctrlKey || metaKey) || !this.entry.isEmpty) return false;
    if (key === "z" && !shiftKey) this.undo();
    else if (key === "y" || key === "Z") this.undo(this.future, this.past);
    else return false;
    return true;
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
        this.view.replaceChildren(...stateView(recording, done, performance.now() - started));
        if (done) this.announced.textContent = announcement(recording);
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
        const times = visit !== undefined && visit.count > 1 ? `×${visit.count}` : "";
        return h(
          "li",
          {},
          h("span", { class: "pc" }, pc),
          h("span", {}, text),
          h("span", { class: "times" }, times),
          h("span", { class: "token" }, visit === undefined ? "" : recording.nameOf(visit.token)),
        );
      }),
    );
  }
}

if (languageInAddress() === "full") {
  const refresh = { now: (): void => undefined };
  keepProgram();
  Runner.load(() => refresh.now()).then((runner) => {
    const repl = new TypedRepl(runner, languageChoice("full"));
    refresh.now = () => repl.came();
  }, complain);
} else loadMachine().then((machine) => new Repl(machine), complain);
