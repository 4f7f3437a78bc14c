// A second run beside the one that is shown: of a network without one head or neuron, of other weights, or of
// another program. It says which step is the first that differs, and which lanes differ in the step shown.

import { loadModel } from "../../../engines/typescript/src/index.js";
import { h } from "./dom.js";
import { exampleOptions, titleOf } from "./examples.js";
import { stagesOf } from "./figures.js";
import { partButton } from "./layers.js";
import { Machine, type Example, type Part } from "./machine.js";
import { inSlices } from "./page.js";
import { LIMIT, Recording } from "./recording.js";
import { compile, exampleSource, type Source } from "./source.js";
import type { XRay } from "./xray.js";

/** The steps that are made after the first that differs. */
const AFTER = 200;
/** The most lanes that are shown of a stage. */
const MOST = 16;

/** What stands beside the run that is shown. */
interface Other {
  /** What it is, in words. */
  name: string;
  machine: Machine;
  /** Another program; `undefined` for the same. */
  source: Source | undefined;
}

/** What this part of the page needs of the others. */
interface Hands {
  choose: (part: Part) => void;
  visit: (step: number) => void;
}

/** The first step of two runs that differs; `undefined` if none does so far. Steps before `from` agree. */
export function firstDifference(a: Recording, b: Recording, from = 0): number | undefined {
  const both = Math.min(a.length, b.length);
  for (let step = from; step < both; step += 1) {
    if (a.tokens[step] !== b.tokens[step] || a.pcs[step] !== b.pcs[step]) return step;
  }
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  return shorter.end !== undefined && longer.length > shorter.length ? both : undefined;
}

export class Beside {
  private other: Other | undefined;
  private base: { recording: Recording; source: Source } | undefined;
  private run: Recording | undefined;
  private running: { stop: () => void } | undefined;
  private shown: XRay | undefined;
  private compared = 0;
  /** The step and the run whose lanes are shown. */
  private drawn: { step: number; run: Recording } | undefined;
  private difference: number | undefined;

  private readonly said = h("p", { class: "small", id: "beside-said", role: "status" });
  private readonly lanes = h("div", { id: "beside-lanes" });
  private readonly picker = h(
    "select",
    { id: "beside-program", "aria-label": "Another program", change: () => this.pick() },
    h("option", { value: "" }, "another program…"),
  );
  private readonly weights = h("input", {
    type: "file",
    id: "beside-weights",
    class: "hidden",
    multiple: true,
    "aria-label": "Other weights: config.json and model.safetensors",
    change: () => void this.open([...(this.weights.files ?? [])]),
  });
  private readonly none = h("button", { id: "beside-none", click: () => this.leave() }, "Compare with nothing");
  readonly element = h(
    "details",
    { class: "panel", id: "beside" },
    h("summary", {}, "Compare"),
    h(
      "div",
      { class: "row" },
      this.picker,
      h("button", { id: "beside-open", click: () => this.weights.click() }, "Other weights"),
      this.weights,
      this.none,
      h("span", { class: "soft small" }, "or choose a head or neuron, and knock it out"),
    ),
    this.said,
    this.lanes,
  );

  constructor(
    private readonly machine: Machine,
    private readonly examples: readonly Example[],
    private readonly hands: Hands,
  ) {
    this.picker.append(...exampleOptions(examples));
    this.say();
  }

  /** Another program is shown: what stands beside it runs the same, unless it is a program of its own. */
  load(recording: Recording, source: Source): void {
    [this.base, this.shown] = [{ recording, source }, undefined];
    this.begin();
  }

  /** The run that is shown has come further, or another of its steps is shown. */
  show(xray?: XRay): void {
    this.shown = xray ?? this.shown;
    this.compare();
  }

  /** The network without a head or neuron stands beside the whole one. */
  knockOut(part: Exclude<Part, { kind: "lane" }>): void {
    const machine = new Machine(this.machine.model.without(part), this.machine.names);
    this.put({ name: `Without the ${part.kind} ${this.machine.nameOf(part)} of layer ${part.layer}`, machine, source: undefined });
  }

  private pick(): void {
    const example = this.examples.find(({ path }) => path === this.picker.value);
    this.picker.value = "";
    if (example !== undefined) this.put({ name: titleOf(example), machine: this.machine, source: exampleSource(example) });
  }

  private async open(files: File[]): Promise<void> {
    this.weights.value = "";
    const named = (ending: string): File | undefined => files.find(({ name }) => name.endsWith(ending));
    const [config, weights] = [named(".json"), named(".safetensors")];
    try {
      if (config === undefined || weights === undefined) {
        throw new Error("choose two files of a folder that wasmformer export wrote: config.json and model.safetensors");
      }
      const model = loadModel(await config.text(), new Uint8Array(await weights.arrayBuffer()));
      const [own, other] = [this.machine.model.config, model.config];
      if (own.machine !== other.machine || own.dModel !== other.dModel || JSON.stringify(own.attention) !== JSON.stringify(other.attention)) {
        throw new Error("these weights are of another machine, and their heads have other names");
      }
      this.put({ name: `The weights of ${weights.name}`, machine: new Machine(model, this.machine.names), source: undefined });
    } catch (fault) {
      this.said.textContent = fault instanceof Error ? fault.message : String(fault);
    }
  }

  private put(other: Other): void {
    this.other = other;
    this.element.open = true;
    this.begin();
    this.element.scrollIntoView({ block: "nearest" });
  }

  private leave(): void {
    this.other = undefined;
    this.begin();
  }

  private begin(): void {
    this.running?.stop();
    [this.run, this.compared, this.difference, this.drawn] = [undefined, 0, undefined, undefined];
    const { base, other } = this;
    if (base === undefined || other === undefined) return this.compare();
    const { text, files } = other.source ?? base.source;
    const run = new Recording(other.machine, compile({ text, files }).listing, files);
    this.run = run;
    let told = 0;
    this.running = inSlices((until) => {
      run.advance(until, Math.min(LIMIT, (this.difference ?? LIMIT) + AFTER));
      const done = run.end !== undefined || run.length >= LIMIT || (this.difference !== undefined && run.length >= this.difference + AFTER);
      if (done || performance.now() > told + 200) {
        this.compare();
        told = performance.now();
      }
      return done;
    });
  }

  private compare(): void {
    const { base, run } = this;
    if (base !== undefined && run !== undefined && this.difference === undefined) {
      this.difference = firstDifference(base.recording, run, this.compared);
      this.compared = Math.min(base.recording.length, run.length);
    }
    this.say();
    this.showLanes();
  }

  private say(): void {
    const { other, base, run, difference } = this;
    this.none.disabled = other === undefined;
    if (other === undefined || base === undefined || run === undefined) {
      this.said.textContent = "Two programs or two weights side by side: which step is the first that differs, and which lanes differ in it.";
      return;
    }
    const { recording } = base;
    if (difference === undefined) {
      const isWhole = recording.end !== undefined && run.end !== undefined;
      this.said.textContent = isWhole ? `${other.name}: no token of ${run.length} steps changes.` : `${other.name}: the first ${this.compared} steps are the same so far.`;
      return;
    }
    const [here, there] = [recording, run].map((one) => given(one, difference));
    const vm = other.source === undefined && run.difference?.step === difference ? `, and the reference VM ${run.difference.vm}` : "";
    const lead = h("button", { class: "part", id: "first-difference", click: () => this.hands.visit(difference) }, `step ${difference}`);
    this.said.replaceChildren(`${other.name}: `, lead, ` is the first that differs. It gives ${there}; the run shown gives ${here}${vm}.`);
  }

  /** The lanes of the step shown that differ at the first stage at which any does. */
  private showLanes(): void {
    const { run, shown } = this;
    if (run === undefined || shown === undefined || shown.step >= run.length) {
      this.drawn = undefined;
      return this.lanes.replaceChildren();
    }
    if (this.drawn?.run === run && this.drawn.step === shown.step) return;
    this.drawn = { run, step: shown.step };
    const theirs = stagesOf(run.examine(shown.step).xray);
    const stages = stagesOf(shown);
    const differing = (stage: number): number[] => [...(stages[stage]?.lanes ?? []).keys()].filter((lane) => stages[stage]?.lanes[lane] !== theirs[stage]?.lanes[lane]);
    const first = stages.findIndex((_, stage) => differing(stage).length > 0);
    if (first < 0) return this.lanes.replaceChildren(h("p", { class: "soft small" }, `No lane differs in step ${shown.step}.`));
    const lanes = differing(first);
    const row = (lane: number): HTMLElement =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, partButton(this.machine, { kind: "lane", lane }, this.hands.choose)),
        h("td", {}, stages[first]?.lanes[lane] ?? ""),
        h("td", {}, theirs[first]?.lanes[lane] ?? ""),
      );
    this.lanes.replaceChildren(
      h("p", { class: "small" }, `In step ${shown.step} the lanes differ from ${stages[first]?.name} on:`),
      h(
        "table",
        { class: "values" },
        h("thead", {}, h("tr", {}, ...["lane", "here", "beside"].map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, ...lanes.slice(0, MOST).map(row)),
      ),
      lanes.length > MOST ? h("p", { class: "soft small" }, `and ${lanes.length - MOST} more lanes`) : "",
    );
  }
}

/** What a step gave. */
function given(recording: Recording, step: number): string {
  const token = recording.tokens[step];
  return token === undefined ? "nothing, it has ended" : `${recording.nameOf(token)} at pc ${recording.pcs[step]}`;
}
