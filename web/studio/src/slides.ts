// Fifteen slides on how the feed-forward networks interpret bytecode. Arrow keys move between slides;
// printing prints all slides.

import { Diagram } from "./diagram.js";
import { byId, complain, h } from "./dom.js";
import { oneHotFetch } from "./exhibits-attention.js";
import {
  bits,
  comparison,
  difference,
  gatedNeuron,
  multiplication,
  selection,
  squares,
  sum,
  unembedding,
  wholeStep,
  wrapAround,
} from "./exhibits-ffn.js";
import { coming, table } from "./live.js";
import { loadMachine, type Machine } from "./machine.js";
import { keepProgram } from "./page.js";
import * as pictures from "./pictures.js";
import { formsOf, Wiring } from "./weights.js";

interface Slide {
  title: string;
  text: readonly string[];
  figure?: (machine: Machine) => HTMLElement;
}

const figure = (...children: (Node | string)[]): HTMLElement => h("figure", { class: "panel" }, ...children);

/** The machine's layers with their heads and named neurons. */
const shape = (machine: Machine): HTMLElement =>
  figure(
    pictures.shape(machine.names.layers.map(({ heads, neurons }) => ({ heads: heads.length, neurons: neurons.length }))),
    h("p", { class: "soft small" }, "Circles are heads, squares are neurons."),
    table(
      ["layer", "heads", "neurons used", "of"],
      machine.names.layers.map(({ heads, neurons }, layer) => [layer, heads.length, neurons.length, machine.model.config.dFfn]),
    ),
  );

/** The weights of a few neurons. */
const weights = (machine: Machine): HTMLElement => {
  const form = (layer: number, index: number, role: string): string =>
    formsOf(machine, { kind: "neuron", layer, index })
      .filter((candidate) => candidate.role === role)
      .flatMap(({ terms }) => terms)
      .map(
        ({ lane, weight }) =>
          `${weight < 0 ? "− " : "+ "}${Math.abs(weight) === 1 ? "" : `${Math.abs(weight)}·`}${machine.names.lanes[lane]?.name}`,
      )
      .join(" ")
      .replace(/^\+ /, "");
  const chosen = ["equal", "wrap-around"].flatMap((name) =>
    machine.names.layers.flatMap(({ neurons }, layer) => (neurons.includes(name) ? [{ name, layer, index: neurons.indexOf(name) }] : [])),
  );
  return figure(
    table(
      ["neuron", "layer", "gate", "value", "writes"],
      chosen.map(({ name, layer, index }) => [
        name,
        layer,
        form(layer, index, "gate"),
        form(layer, index, "value"),
        form(layer, index, "output"),
      ]),
    ),
  );
};

/** A step as a picture that moves. */
const diagram = (machine: Machine): HTMLElement => new Diagram(machine).element;

/** The heads and neurons that write the result. */
const writers = (machine: Machine): HTMLElement => {
  const wires = new Wiring(machine).writersOf(machine.lane("result"));
  const layers = machine.names.layers.map((_, layer) => ({
    layer,
    names: wires.filter(({ part }) => part.kind !== "lane" && part.layer === layer).map(({ part }) => machine.nameOf(part)),
  }));
  return figure(
    table(
      ["layer", "neurons that write the lane result"],
      layers.filter(({ names }) => names.length > 0).map(({ layer, names }) => [layer, names.join(", ")]),
    ),
  );
};

const SLIDES: readonly Slide[] = [
  {
    title: "The FFN interpreter",
    text: [
      "A transformer executes WebAssembly: one forward pass, one instruction, one token.",
      "Attention finds the operands. The feed-forward networks compute. These slides are about the second half, and every figure runs the real weights: play it, or change its inputs.",
    ],
    figure: diagram,
  },
  {
    title: "How many neurons there are",
    text: ["Eight layers of up to a hundred neurons. Most places are empty; these are used."],
    figure: shape,
  },
  {
    title: "A neuron is two sums and a product",
    text: [
      "output = relu(gate · x) × (value · x), added to some lanes.",
      "No biases: the lane “one” is 1 in every row, and serves as the constant.",
    ],
    figure: (machine) => h("div", {}, sum(machine), weights(machine)),
  },
  {
    title: "Every neuron runs at every step",
    text: ["Nothing branches on the opcode. A gate that is not positive makes its neuron add 0."],
    figure: gatedNeuron,
  },
  {
    title: "An opcode is a row of flags",
    text: ["Its embedding switches operations on, and may weigh them: i32.or uses −1 times the common bits."],
    figure: oneHotFetch,
  },
  { title: "Addition", text: ["The flag is the gate, the sum is the value."], figure: sum },
  { title: "Subtraction", text: ["256 keeps the value from going below 0, and vanishes in the wrap-around."], figure: difference },
  { title: "Multiplication", text: ["The gate is an operand. One neuron does it."], figure: multiplication },
  { title: "And, or", text: ["Eight neurons see where both bits are 1. “Or” needs no more than that and the sum."], figure: bits },
  { title: "Comparison", text: ["A pair of neurons is a step; two steps and a constant are all six comparisons."], figure: comparison },
  {
    title: "Squares",
    text: ["A neuron whose gate is its value squares. Keys that find a row by number need squares, so one layer prepares them."],
    figure: squares,
  },
  {
    title: "Selection",
    text: ["Attention always finds some row. Three neurons check whether it is the row sought, and pass its value on only then."],
    figure: selection,
  },
  { title: "One lane collects the answer", text: ["At any step at most one way to a result is open; all others add 0."], figure: (machine) => h("div", {}, wholeStep(machine), writers(machine)) },
  { title: "Wrap-around", text: ["Quotients are counted, multiple by multiple, and subtracted at the end."], figure: wrapAround },
  {
    title: "From the answer to the token",
    text: ["The peak of a parabola: 2t·R − t². All activations are integers that f32 holds exactly, so the winner is never in doubt."],
    figure: unembedding,
  },
];

/** How far a finger moves to turn a slide, in pixels. */
const FLICK = 60;

class Deck {
  private current = 0;
  private readonly slides: HTMLElement[];
  private readonly position = h("span", { class: "soft mono", role: "status" });
  private readonly whole = h("button", { id: "whole-screen", click: () => this.wholeScreen() }, "Full screen (f)");

  constructor(machine: Promise<Machine>) {
    this.slides = SLIDES.map(({ title, text, figure: make }, index) =>
      h(
        "section",
        { class: "slide", "aria-label": `Slide ${index + 1}: ${title}` },
        h("p", { class: "number" }, `${index + 1} / ${SLIDES.length}`),
        h("h2", {}, title),
        ...text.map((line) => h("p", {}, line)),
        make === undefined ? "" : coming(machine, make),
      ),
    );
    const button = (text: string, by: number): HTMLElement => h("button", { click: () => this.go(this.current + by) }, text);
    byId("app").append(...this.slides, h("div", { class: "deck-controls" }, button("Previous", -1), this.position, button("Next", 1), this.whole));
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("hashchange", () => this.go(Number(location.hash.slice(1)) - 1));
    this.swiped();
    this.go(Number(location.hash.slice(1)) - 1);
  }

  private go(to: number): void {
    this.current = Number.isFinite(to) ? Math.max(0, Math.min(SLIDES.length - 1, Math.trunc(to))) : 0;
    this.slides.forEach((slide, index) => slide.classList.toggle("shown-now", index === this.current));
    this.position.textContent = `${this.current + 1} / ${SLIDES.length}`;
    history.replaceState(null, "", `#${this.current + 1}`);
  }

  private wholeScreen(): void {
    // A browser may refuse it; the slides are then as they were.
    const done = document.fullscreenElement === null ? document.documentElement.requestFullscreen() : document.exitFullscreen();
    done.catch(() => undefined);
  }

  /** A finger that moves to the side turns the slide. What scrolls sideways itself is left alone. */
  private swiped(): void {
    let from: { x: number; y: number } | undefined;
    const app = byId("app");
    app.addEventListener("touchstart", ({ touches, target }) => {
      const [touch] = touches;
      const scrolls = (target as HTMLElement).closest(".scroll, input") !== null;
      from = touch === undefined || touches.length > 1 || scrolls ? undefined : { x: touch.clientX, y: touch.clientY };
    }, { passive: true });
    app.addEventListener("touchend", ({ changedTouches: [touch] }) => {
      if (from === undefined || touch === undefined) return;
      const [across, down] = [touch.clientX - from.x, touch.clientY - from.y];
      if (Math.abs(across) > FLICK && Math.abs(across) > 2 * Math.abs(down)) this.go(this.current + (across < 0 ? 1 : -1));
    });
  }

  private key(event: KeyboardEvent): void {
    const { tagName } = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "SELECT"].includes(tagName)) return;
    // The space bar presses a button that has the focus.
    if (event.key === " " && tagName === "BUTTON") return;
    if (event.key === "f") return this.wholeScreen();
    const moves: Record<string, number> = {
      ArrowRight: this.current + 1,
      PageDown: this.current + 1,
      " ": this.current + (event.shiftKey ? -1 : 1),
      ArrowLeft: this.current - 1,
      PageUp: this.current - 1,
      Home: 0,
      End: SLIDES.length - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.go(to);
  }
}

keepProgram();
const machine = loadMachine();
new Deck(machine);
machine.catch(complain);
