// A live figure: a small program with inputs that the reader changes, run by the network. The figure shows
// values of the X-ray of one of the program's steps.

import { Diagram, type Shown } from "./diagram.js";
import { h } from "./dom.js";
import type { Machine } from "./machine.js";
import { Recording } from "./recording.js";
import { compile, toHash } from "./source.js";
import type { HeadRay, NeuronRay, XRay } from "./xray.js";

export type Input =
  { label: string; min: number; max: number; value: number } | { label: string; choices: readonly string[]; value: string };

/** The parts of a figure. `I` is the type of the inputs' names. */
export interface Exhibit<I extends string> {
  inputs: Record<I, Input>;
  /** The program for the reader's inputs: one instruction per line. */
  program: (inputs: Record<I, string>) => string;
  files?: (inputs: Record<I, string>) => number[][];
  /** The examined step, counted from 0. Negative numbers count from the end, where -1 is the halt. */
  step: (inputs: Record<I, string>) => number;
  show: (look: Look, inputs: Record<I, string>) => (Node | string)[];
  caption: string;
}

/** A step of a run, with its parts by name. */
export class Look {
  readonly xray: XRay;

  constructor(
    readonly machine: Machine,
    readonly recording: Recording,
    readonly step: number,
  ) {
    this.xray = recording.examine(step).xray;
  }

  /** Another step of the same run. */
  at(step: number): Look {
    return new Look(this.machine, this.recording, step);
  }

  head(name: string): HeadRay {
    const found = this.xray.layers.flatMap(({ heads }) => heads).find((head) => head.name === name);
    if (found === undefined) throw new Error(`there is no head ${name}`);
    return found;
  }

  neuron(name: string): NeuronRay {
    const found = this.xray.layers.flatMap(({ neurons }) => neurons).find((neuron) => neuron.name === name);
    if (found === undefined) throw new Error(`there is no neuron ${name}`);
    return found;
  }

  /**
   * The value of a lane after a layer's attention or neurons; without a layer, its value after the embedding.
   */
  lane(name: string, layer?: number, part: "attention" | "ffn" = "ffn"): number {
    const lanes = layer === undefined ? this.xray.embedding : this.xray.layers[layer]?.[part];
    return lanes?.[this.machine.lane(name)] ?? NaN;
  }

  /** The lanes that describe the instruction at pc, after a layer's attention. */
  described(layer: number): { name: string; value: number }[] {
    const named = this.machine.names.lanes.filter(({ meaning }) => meaning.endsWith("of the instruction at pc"));
    return named.map(({ name }) => ({ name, value: this.lane(name, layer, "attention") }));
  }

  /** Those of them that are not 0. */
  flags(layer: number): [name: string, value: number][] {
    return this.described(layer).flatMap(({ name, value }): [string, number][] => (value === 0 ? [] : [[name, value]]));
  }
}

/** Makes the figure. */
export function live<I extends string>(machine: Machine, exhibit: Exhibit<I>): HTMLElement {
  const shown = h("div", { class: "shown", role: "status" });
  const names = Object.keys(exhibit.inputs) as I[];
  const controls = new Map<I, HTMLInputElement | HTMLSelectElement>();
  const said = h("p", { class: "error", role: "alert" });
  const link = h("a", { href: "xray.html" }, "Every number of this step");
  const stage = h("div");
  let now: Shown = { text: "", files: [], step: 0 };
  let diagram: Diagram | undefined;
  const watch = h("button", { class: "watch", "aria-expanded": "false", click: () => play() }, "Watch this step");
  const play = (): void => {
    const isOpen = stage.firstChild !== null;
    stage.replaceChildren();
    watch.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) return;
    diagram ??= new Diagram(machine, now);
    diagram.take(now);
    stage.append(diagram.element);
    diagram.begin();
  };
  const update = (): void => {
    said.textContent = "";
    const values = {} as Record<I, string>;
    for (const [name, control] of controls) values[name] = control.value;
    try {
      for (const [name, control] of controls) {
        const input = exhibit.inputs[name];
        const number = Number(control.value);
        if ("min" in input && !(control.value !== "" && Number.isInteger(number) && number >= input.min && number <= input.max)) {
          throw new Error(`${input.label} must be an integer of ${input.min} to ${input.max}`);
        }
      }
      const source = { text: exhibit.program(values), files: exhibit.files?.(values) ?? [] };
      const recording = new Recording(machine, compile(source).listing, source.files);
      recording.advance(Infinity, 5000);
      const wanted = exhibit.step(values);
      const step = wanted < 0 ? recording.length + wanted : wanted;
      shown.replaceChildren(...exhibit.show(new Look(machine, recording, step), values));
      now = { ...source, step };
      link.href = `xray.html#${toHash(source)}&s=${step}`;
      if (stage.firstChild !== null) diagram?.take(now);
    } catch (error) {
      // The figure stays, so that the page does not jump while a number is being typed.
      said.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  for (const name of names) {
    const input = exhibit.inputs[name];
    const control =
      "choices" in input
        ? h(
            "select",
            { input: update },
            ...input.choices.map((choice) => h("option", { value: choice, selected: choice === input.value }, choice)),
          )
        : h("input", { type: "number", min: input.min, max: input.max, value: input.value, input: update });
    controls.set(name, control);
  }
  const labelled = names.map((name) => h("label", {}, exhibit.inputs[name].label, controls.get(name)));
  update();
  return h(
    "figure",
    { class: "live panel" },
    h("div", { class: "row" }, ...labelled, said),
    shown,
    h("figcaption", {}, exhibit.caption),
    h("div", { class: "row more" }, watch, link),
    stage,
  );
}

/**
 * A place for a figure, which appears there when the machine is loaded; the text around the figure can be
 * read before.
 */
export function coming(machine: Promise<Machine>, make: (machine: Machine) => HTMLElement): HTMLElement {
  const place = h("div", { class: "coming" });
  // The page itself reports once if the machine cannot be loaded.
  machine.then((loaded) => place.replaceWith(make(loaded))).catch(() => undefined);
  return place;
}

/** A line of numbers and words; parts in arrays are emphasised. */
export function equation(...parts: (string | number | [number | string] | Node)[]): HTMLElement {
  return h("p", { class: "equation" }, ...parts.map((part) => (Array.isArray(part) ? h("b", {}, part[0]) : part)));
}

/** A neuron's gate, value and output as a line. */
export function neuronLine({ name, gate, value, output }: NeuronRay): HTMLElement {
  const relu = gate > 0 ? `${gate}` : `relu(${gate}) = 0`;
  return equation(h("i", {}, name), `: gate ${relu}, value ${value}, output `, [output]);
}

/** A small table. */
export function table(columns: readonly string[], rows: readonly (readonly (string | number | Node)[])[]): HTMLElement {
  const head = h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", { scope: "col" }, name))));
  const body = h("tbody", {}, ...rows.map((cells) => h("tr", {}, ...cells.map((cell) => h("td", {}, cell)))));
  const label = columns.join(", ");
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, h("table", { class: "values" }, head, body));
}
