// The page that runs programs of any kind on the full machine: the network in a worker, and a debugger that
// goes forward and back over what its tokens say.

import { byId, complain, h } from "./dom.js";
import { Debugger } from "./full/debugger.js";
import type { Described } from "./full/described.js";
import { Runner } from "./full/runner.js";
import { fromAddress, toAddress } from "./link.js";
import { asFile, handedOver, openButton, ProgramError, readProgram, type Given } from "./opening.js";
import { keepProgram } from "./page.js";
import { exampleSource, toHash } from "./source.js";
interface Example {
  name: string;
  about: string;
}

const DRAFT = "module";
const FIRST = "hello.wasm";
const TEMPLATE = `(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    (call $output (i32.const 72))
    (call $output (i32.const 105))
    (call $output (i32.const 10))))
`;

class RunPage {
  private readonly error = h("div", { id: "error", role: "alert" });
  private readonly notice = h("p", { class: "about", id: "notice" });
  private readonly said = h("span", { class: "soft small", role: "status" });
  private readonly picker = h("select", { id: "examples", "aria-label": "An example", change: () => void this.pick(this.picker.value) });
  private readonly form = h(
    "select",
    { id: "form", "aria-label": "Form", change: () => void this.again() },
    h("option", { value: "plain" }, "plain: one instruction at a time"),
    h("option", { value: "fused" }, "fused: half as many tokens"),
  );
  private readonly text = h("textarea", {
    class: "whole",
    id: "text",
    spellcheck: "false",
    "aria-label": "A module in WebAssembly's text format",
    input: () => sessionStorage.setItem(DRAFT, this.text.value),
    keydown: (event: KeyboardEvent) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.open(asFile(this.text.value, "program.wat"));
    },
  });
  private readonly writing = h(
    "details",
    { class: "panel writing", id: "writing" },
    h("summary", {}, "Write or paste a program"),
    this.text,
    h(
      "div",
      { class: "row" },
      h("button", { id: "run-text", click: () => void this.open(asFile(this.text.value, "program.wat")) }, "Run it"),
      h("span", { class: "soft small" }, "WebAssembly's text format; Ctrl+Enter runs it"),
    ),
  );
  private readonly view: Debugger;
  /** The file that runs; `undefined` for an example. */
  private file: Given | undefined;
  private step = 0;

  constructor(
    runner: Runner,
    examples: readonly Example[],
    refresh: { now: () => void },
  ) {
    this.view = new Debugger(runner, (step) => this.note(step));
    refresh.now = () => this.view.came();
    this.picker.append(...examples.map(({ name, about }) => h("option", { value: name }, `${name}: ${about}`)), h("option", { value: "" }, "your own"));
    this.text.value = sessionStorage.getItem(DRAFT) ?? TEMPLATE;
    byId("waiting").replaceWith(
      h("div", { class: "row" }, this.picker, openButton((file) => void this.open(file)), this.form, h("button", { id: "share", click: () => void this.share() }, "Copy link"), this.said),
      this.error,
      this.notice,
      this.writing,
      this.view.element,
    );
    document.addEventListener("paste", (event) => {
      if (["INPUT", "TEXTAREA"].includes((event.target as HTMLElement).tagName)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (text.trim() !== "") void this.open(asFile(text));
    });
    window.addEventListener("hashchange", () => void this.start());
    void this.start();
  }

  /** Opens what the address names, or another page has left. */
  private async start(): Promise<void> {
    const fields = new URLSearchParams(location.hash.slice(1));
    const step = Number(fields.get("s"));
    this.step = Number.isInteger(step) && step > 0 ? step : 0;
    if (fields.get("m") === "fused") this.form.value = "fused";
    try {
      const left = handedOver() ?? (await fromAddress(fields));
      const opened = fields.get("f");
      if (left !== undefined) await this.open(left);
      else if (opened !== null && opened.startsWith("opened/")) await this.open(await fetched(opened));
      else await this.pick(fields.get("e") ?? FIRST);
    } catch (fault) {
      this.refuse("the address", fault);
    }
  }

  private async pick(name: string): Promise<void> {
    if (name === "") return;
    this.file = undefined;
    this.picker.value = name;
    const response = await fetch(`model/full/programs/${name}.json`);
    if (!response.ok) return this.refuse(name, new Error("there is no such example"));
    const program = (await response.json()) as Described;
    this.address = new URLSearchParams({ e: name }).toString();
    this.load(program.form === this.form.value ? program : await this.fused(name, program));
  }

  /** An example in the fused form, which the server makes of its file. */
  private async fused(name: string, plain: Described): Promise<Described> {
    try {
      const response = await fetch(`model/full/programs/${name}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const fused = await readProgram({ name, bytes }, { machine: "full", fused: true });
      return { ...(fused as Described), input: plain.input, about: plain.about };
    } catch (fault) {
      this.refuse(name, fault);
      this.form.value = "plain";
      return plain;
    }
  }

  private async again(): Promise<void> {
    this.step = 0;
    if (this.file === undefined) await this.pick(this.picker.value);
    else await this.open(this.file);
  }

  /** Reads a file of either language, and runs it. */
  private async open(file: Given): Promise<void> {
    this.error.replaceChildren();
    const fused = this.form.value === "fused";
    try {
      const read = await readProgram(file, { fused });
      const program = read.machine === "full" ? read : await readProgram(file, { machine: "full", fused });
      if (program.machine !== "full") return;
      this.file = file;
      this.picker.value = "";
      this.address = await toAddress(file);
      this.load(program);
      if (read.machine === "byte") {
        const hash = toHash(exampleSource({ path: "", about: null, ...read.program }));
        this.notice.replaceChildren(
          `${file.name} is small enough for the byte machine too, whose values wrap at 256: `,
          h("a", { href: `repl.html#${hash}` }, "run it there"),
          ", or ",
          h("a", { href: `xray.html#${hash}` }, "see every weight at work"),
          ". Here the full machine runs it.",
        );
      }
    } catch (fault) {
      this.refuse(file.name, fault);
      this.show(file, fault);
    }
  }

  /** Shows a text at the place of its error. */
  private show({ bytes }: Given, fault: unknown): void {
    if (bytes[0] === 0 || !(fault instanceof ProgramError)) return;
    this.text.value = new TextDecoder().decode(bytes);
    sessionStorage.setItem(DRAFT, this.text.value);
    this.writing.open = true;
    const { line, column } = fault.place;
    if (line === undefined || column === undefined) return;
    const lines = this.text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
    this.text.focus({ preventScroll: true });
    this.text.setSelectionRange(start, Math.max(start + 1, start + (/^\S+/.exec(this.text.value.slice(start))?.[0].length ?? 1)));
    this.text.scrollTop = Math.max(0, (line - 4) * 20);
  }

  private refuse(name: string, fault: unknown): void {
    this.error.replaceChildren(h("p", { class: "error" }, `${name}: ${fault instanceof Error ? fault.message : String(fault)}`));
  }

  private load(program: Described): void {
    this.error.replaceChildren();
    const forms = `${program.tokens.length.toLocaleString("en")} tokens of prompt`;
    this.notice.textContent = `${program.name}${program.about === null ? "" : `: ${program.about}`}. The full machine runs it, in its ${program.form} form; ${forms}.`;
    document.title = `${program.name} · wasmformer`;
    this.view.load(program, this.step);
    this.note(this.step);
  }

  private address: string | undefined;
  private noting: number | undefined;

  /** Puts program and step into the address. */
  private note(step: number): void {
    this.step = step;
    window.clearTimeout(this.noting);
    // Browsers limit how often an address may change.
    this.noting = window.setTimeout(() => {
      const more = `${this.form.value === "fused" ? "&m=fused" : ""}${step > 0 ? `&s=${step}` : ""}`;
      if (this.address !== undefined) history.replaceState(null, "", `#${this.address}${more}`);
    }, 300);
  }

  private async share(): Promise<void> {
    if (this.address === undefined) {
      this.said.textContent = "this program is too long for a link";
      return;
    }
    try {
      await navigator.clipboard.writeText(location.href);
      this.said.textContent = "copied";
    } catch {
      this.said.textContent = "copy the address of this page: it is the link";
    }
  }
}

async function loadExamples(): Promise<Example[]> {
  const response = await fetch("model/full/examples.json").catch(() => undefined);
  if (response?.ok !== true) throw new Error("model/full/examples.json cannot be loaded");
  return response.json() as Promise<Example[]>;
}

async function fetched(path: string): Promise<Given> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return { name: path.slice(path.lastIndexOf("/") + 1), bytes: new Uint8Array(await response.arrayBuffer()) };
}

keepProgram();
const refresh = { now: (): void => undefined };
Promise.all([Runner.load(() => refresh.now()), loadExamples()]).then(
  ([runner, examples]) => new RunPage(runner, examples, refresh),
  complain,
);
