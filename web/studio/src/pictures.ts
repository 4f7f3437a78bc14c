// Pictures for the figures of the article and the slides. Every mark is a number of the forward pass that the
// figure shows. Lines are drawn once when a number changes, unless the reader wants no motion (studio.css).

import { h, s } from "./dom.js";
import type { Look } from "./live.js";
import { formsOf } from "./weights.js";

/** A picture of a width and height, with what it shows in words. On a narrow screen it can be scrolled. */
function picture(width: number, height: number, says: string, ...drawn: SVGElement[]): HTMLElement {
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, class: "drawn", role: "img", "aria-label": says }, ...drawn);
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Picture" }, svg);
}

type Anchor = "start" | "middle" | "end";

const label = (x: number, y: number, text: string | number, anchor: Anchor = "start", kind = ""): SVGElement =>
  s("text", { x, y, "font-size": 12, "text-anchor": anchor, class: kind }, text);

const line = (d: string, kind: string): SVGElement => s("path", { d, class: kind });

/** A line that is drawn from its beginning to its end. */
const flow = (d: string, kind: string): SVGElement => s("path", { d, class: `flow ${kind}`, pathLength: 1 });

/** The most terms of a sum that are drawn one by one. */
const MOST = 5;

/** The terms of a form that are not 0, the largest first. */
function termsOf(look: Look, layer: number, index: number, role: string): { text: string; amount: number }[] {
  const { machine, xray } = look;
  const lanes = xray.layers[layer]?.attention ?? [];
  const form = formsOf(machine, { kind: "neuron", layer, index }).find((candidate) => candidate.role === role);
  const terms = (form?.terms ?? []).map(({ lane, weight }) => {
    const by = Math.abs(weight) === 1 ? "" : `${Math.abs(weight)}·`;
    return { text: `${weight < 0 ? "−" : "+"}${by}${machine.names.lanes[lane]?.name}`, amount: weight * (lanes[lane] ?? 0) };
  });
  return terms.filter(({ amount }) => amount !== 0).sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
}

/** A neuron: the lanes of its gate and its value, the gate open or shut, and what comes out. */
export function neuron(look: Look, name: string): HTMLElement {
  const layer = look.xray.layers.findIndex(({ neurons }) => neurons.some((one) => one.name === name));
  const index = look.xray.layers[layer]?.neurons.findIndex((one) => one.name === name) ?? 0;
  const { gate, value, output } = look.neuron(name);
  const [gates, values] = ["gate", "value"].map((role) => termsOf(look, layer, index, role)) as [ReturnType<typeof termsOf>, ReturnType<typeof termsOf>];
  const rows = (terms: unknown[]): number => Math.max(1, Math.min(terms.length, MOST + 1));
  const [above, below] = [gates, values].map((terms) => Math.max(44, 20 * rows(terms))) as [number, number];
  const height = above + below + 34;
  const [gateAt, valueAt] = [10 + above / 2, above + 24 + below / 2];
  const middle = (gateAt + valueAt) / 2;
  const side = (terms: { text: string; amount: number }[], to: number): SVGElement[] => {
    const shown = terms.slice(0, MOST).map(({ text, amount }) => ({ text: `${text}`, amount: String(amount) }));
    if (terms.length > MOST) shown.push({ text: `${terms.length - MOST} more`, amount: "" });
    if (terms.length === 0) shown.push({ text: "all lanes 0", amount: "0" });
    return shown.flatMap(({ text, amount }, row) => {
      const y = to + 20 * (row - (shown.length - 1) / 2);
      return [label(176, y + 4, text, "end"), label(216, y + 4, amount, "end", "strong"), flow(`M222 ${y}C250 ${y} 250 ${to} 272 ${to}`, "thin")];
    });
  };
  const isOpen = gate > 0;
  const out = output !== 0;
  return picture(
    620,
    height,
    `Neuron ${name}: gate ${gate}, ${isOpen ? "open" : "shut"}; value ${value}; output ${output}`,
    ...side(gates, gateAt),
    ...side(values, valueAt),
    s("circle", { cx: 296, cy: gateAt, r: 23, class: "sum" }),
    label(296, gateAt + 4, gate, "middle", "strong"),
    s("circle", { cx: 296, cy: valueAt, r: 23, class: "sum" }),
    label(296, valueAt + 4, value, "middle", "strong"),
    label(328, gateAt - 6, "gate"),
    label(328, valueAt + 16, "value"),
    // The gate: a valve that a number above 0 opens.
    flow(`M319 ${gateAt}L372 ${gateAt}`, isOpen ? "lit" : "thin"),
    line(isOpen ? `M372 ${gateAt - 9}L372 ${gateAt - 20}M372 ${gateAt + 9}L372 ${gateAt + 20}` : `M372 ${gateAt - 14}L372 ${gateAt + 14}`, "valve"),
    isOpen ? flow(`M372 ${gateAt}C410 ${gateAt} 410 ${middle} 436 ${middle}`, "lit") : label(382, gateAt + 4, "shut: relu gives 0"),
    flow(`M319 ${valueAt}C410 ${valueAt} 390 ${middle} 436 ${middle}`, isOpen ? "lit" : "thin"),
    s("circle", { cx: 452, cy: middle, r: 14, class: out ? "acts" : "sum" }),
    label(452, middle + 5, "×", "middle", "strong"),
    flow(`M466 ${middle}L520 ${middle}`, out ? "lit" : "thin"),
    label(528, middle + 4, `adds ${output}`, "start", out ? "strong" : ""),
  );
}

/** Bits in columns: two operands, and where the eight neurons see both. */
export function bitColumns(look: Look): HTMLElement {
  const eight = [7, 6, 5, 4, 3, 2, 1, 0];
  const rows = [
    { name: "second", lit: (i: number) => look.lane(`second_bit_${i}`, 3) === 1 },
    { name: "top", lit: (i: number) => look.lane(`top_bit_${i}`, 3) === 1 },
    { name: "both", lit: (i: number) => look.neuron(`common bit ${i}`).gate > 0 },
  ];
  const x = (i: number): number => 90 + (7 - i) * 48;
  return picture(
    490,
    150,
    rows.map(({ name, lit }) => `${name} ${eight.map((i) => Number(lit(i))).join("")}`).join(", "),
    ...eight.map((i) => label(x(i) + 18, 14, 2 ** i, "middle")),
    ...rows.flatMap(({ name, lit }, row) => [
      label(78, 46 + row * 44, name, "end"),
      ...eight.flatMap((i) => [
        s("rect", { x: x(i), y: 24 + row * 44, width: 36, height: 34, rx: 4, class: lit(i) ? (row === 2 ? "acts" : "lit-box") : "sum" }),
        label(x(i) + 18, 46 + row * 44, Number(lit(i)), "middle", "strong"),
      ]),
    ]),
    ...eight.filter((i) => rows[2]?.lit(i)).map((i) => flow(`M${x(i) + 18} 58L${x(i) + 18} 112`, "lit")),
  );
}

/** A function of one number, with the point where it is now. */
function plot(says: string, from: number, to: number, low: number, high: number, f: (x: number) => number, at: number, text: string): HTMLElement {
  const [left, right, top, floor] = [30, 450, 20, 110];
  const x = (value: number): number => left + ((Math.max(from, Math.min(to, value)) - from) / (to - from)) * (right - left);
  const y = (value: number): number => floor - ((value - low) / (high - low)) * (floor - top);
  // The functions bend at integers only.
  const points = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const d = points.map((point, i) => `${i === 0 ? "M" : "L"}${x(point).toFixed(1)} ${y(f(point)).toFixed(1)}`).join("");
  const isOutside = at < from || at > to;
  return picture(
    480,
    150,
    says,
    s("line", { x1: left, x2: right, y1: y(0), y2: y(0), class: "axis" }),
    ...points.filter((point) => (to - from) <= 12 || point % 5 === 0).map((point) => label(x(point), floor + 18, point, "middle")),
    flow(d, "lit"),
    s("circle", { cx: x(at), cy: y(f(at)), r: 6, class: "winner" }),
    label(x(at), 14, `${isOutside ? (at < from ? "← " : "→ ") : ""}${text}`, x(at) < 120 ? "start" : x(at) > 360 ? "end" : "middle", "strong"),
    label((left + right) / 2, 146, "x", "middle"),
  );
}

const relu = (x: number): number => Math.max(0, x);

/** The step of a pair of neurons: relu(x) − relu(x − 1). */
export function step(look: Look, name: string, x: string): HTMLElement {
  const at = look.neuron(`${name} +`).gate;
  const f = (value: number): number => relu(value) - relu(value - 1);
  return plot(`The step of the neurons ${name}: ${f(at)} at x = ${at}`, -6, 6, -0.1, 1.1, f, at, `${x} = ${at}: ${f(at)}`);
}

/** The tent of three neurons: relu(x + 1) − 2·relu(x) + relu(x − 1). */
export function tent(look: Look, name: string): HTMLElement {
  const at = look.neuron(`${name} at`).gate;
  const f = (value: number): number => relu(value + 1) - 2 * relu(value) + relu(value - 1);
  return plot(`The tent of the three neurons ${name}: ${f(at)} at x = ${at}`, -6, 6, -0.1, 1.1, f, at, `x = ${at}: ${f(at)} of the value passes`);
}

/** The staircases of the wrap-around: how many multiples of a unit a number reaches. */
export function staircase(look: Look, layer: number, unit: number): HTMLElement {
  const neurons = look.xray.layers[layer]?.neurons ?? [];
  const number = (neurons.find(({ name }) => name === `reaches ${unit} +`)?.gate ?? 0) + unit - 1;
  const reached = neurons.filter(({ name, gate }) => /^reaches \d+ \+$/.test(name) && gate > 0).length;
  const [left, right, floor] = [40, 560, 130];
  const most = 16 * unit;
  const x = (value: number): number => left + (value / most) * (right - left);
  const y = (count: number): number => floor - count * 7;
  let d = `M${x(0)} ${y(0)}`;
  for (let count = 1; count <= 15; count += 1) d += `L${x(count * unit)} ${y(count - 1)}L${x(count * unit)} ${y(count)}`;
  d += `L${x(most)} ${y(15)}`;
  return picture(
    600,
    160,
    `${number} reaches ${reached} multiples of ${unit}`,
    line(d, "curve"),
    s("line", { x1: left, x2: right, y1: floor, y2: floor, class: "axis" }),
    flow(`M${x(number)} ${floor}L${x(number)} ${y(reached)}`, "lit"),
    flow(`M${x(number)} ${y(reached)}L${left} ${y(reached)}`, "lit"),
    s("circle", { cx: x(number), cy: y(reached), r: 5, class: "winner" }),
    label(left - 8, y(reached) + 4, reached, "end", "strong"),
    label(Math.min(right - 30, x(number)), floor + 18, number, "middle", "strong"),
    label(right, floor + 18, `15 steps of ${unit}`, "end"),
  );
}

/** Numbers that add up, one after another. */
export function waterfall(terms: readonly { name: string; amount: number }[], says: string): HTMLElement {
  let sum = 0;
  const bars = terms.map(({ name, amount }) => ({ name, amount, from: sum, to: (sum += amount) }));
  const ends = bars.flatMap(({ from, to }) => [from, to]);
  const [low, high] = [Math.min(0, ...ends), Math.max(1, ...ends)];
  const x = (value: number): number => 230 + ((value - low) / (high - low)) * 300;
  const height = 26 * (bars.length + 1) + 8;
  return picture(
    600,
    height,
    says,
    s("line", { x1: x(0), x2: x(0), y1: 0, y2: height, class: "axis" }),
    ...bars.flatMap(({ name, amount, from, to }, row) => [
      label(220, 26 * row + 18, name, "end"),
      s("rect", { x: Math.min(x(from), x(to)), y: 26 * row + 6, width: Math.max(2, Math.abs(x(to) - x(from))), height: 15, class: amount < 0 ? "second" : "winner" }),
      label(Math.max(x(from), x(to)) + 6, 26 * row + 18, amount < 0 ? `−${-amount}` : `+${amount}`),
    ]),
    label(220, height - 12, "result", "end", "strong"),
    line(`M${x(sum)} ${height - 24}L${x(sum)} ${height - 8}`, "valve"),
    label(x(sum) + 6, height - 12, sum, "start", "strong"),
  );
}

/** Flags in a grid: those that are not 0 are lit, with their weights. */
export function flags(all: readonly { name: string; value: number }[]): HTMLElement {
  const columns = 6;
  const [wide, tall] = [114, 40];
  const rows = Math.ceil(all.length / columns);
  const lit = all.filter(({ value }) => value !== 0);
  return picture(
    columns * wide + 4,
    rows * tall + 4,
    `Flags: ${lit.map(({ name, value }) => `${name} ${value}`).join(", ")}`,
    ...all.flatMap(({ name, value }, index) => {
      const [x, y] = [(index % columns) * wide + 2, Math.floor(index / columns) * tall + 2];
      return [
        s("rect", { x, y, width: wide - 6, height: tall - 6, rx: 5, class: value === 0 ? "sum" : "lit-box" }),
        s("text", { x: x + 6, y: y + 21, "font-size": 11, class: value === 0 ? "" : "strong" }, name.replace("fetched_", "")),
        ...(value === 0 ? [] : [label(x + wide - 12, y + 21, value, "end", "strong")]),
      ];
    }),
  );
}

/** A running sum over rows: what each adds, and where the sum is then. */
export function running(rows: readonly { name: string; amount: number }[], says: string): HTMLElement {
  let sum = 0;
  const sums = rows.map(({ amount }) => (sum += amount));
  const high = Math.max(1, ...sums);
  const wide = Math.max(26, Math.min(64, 560 / rows.length));
  const y = (value: number): number => 110 - (value / high) * 84;
  const x = (row: number): number => 20 + (row + 1) * wide;
  const d = sums.map((value, row) => `L${x(row)} ${y(row === 0 ? 0 : (sums[row - 1] as number))}L${x(row)} ${y(value)}`).join("");
  return picture(
    40 + (rows.length + 1) * wide,
    140,
    says,
    s("line", { x1: 20, x2: x(rows.length), y1: 110, y2: 110, class: "axis" }),
    flow(`M20 110${d}L${x(rows.length)} ${y(sum)}`, "lit"),
    ...rows.flatMap(({ name, amount }, row) => [
      label(x(row), 126, amount === 0 ? "" : amount < 0 ? `−${-amount}` : `+${amount}`, "middle"),
      s("circle", { cx: x(row), cy: y(sums[row] as number), r: 3.5, class: "winner" }, s("title", {}, `${name}: ${sums[row]}`)),
      label(x(row) + 4, y(sums[row] as number) - 7, sums[row] as number, "start", "strong"),
    ]),
    label(20, 138, "each row adds its delta; the line is the sum so far"),
  );
}

/** The pcs of a run, row after row: a loop is a line that falls back. */
export function zigzag(pcs: readonly number[], says: string): HTMLElement {
  const most = Math.max(1, ...pcs);
  const [wide, tall] = [Math.max(8, Math.min(30, 540 / pcs.length)), 12];
  const [width, height] = [60 + pcs.length * wide, most * tall + 46];
  const x = (step: number): number => 40 + step * wide;
  const y = (pc: number): number => 16 + pc * tall;
  return picture(
    width,
    height,
    says,
    label(4, y(0) + 4, "pc 0"),
    label(4, y(most) + 4, `pc ${most}`),
    flow(pcs.map((pc, step) => `${step === 0 ? "M" : "L"}${x(step)} ${y(pc)}`).join(""), "lit"),
    ...pcs.map((pc, step) => s("circle", { cx: x(step), cy: y(pc), r: 3, class: "winner" }, s("title", {}, `step ${step}: pc ${pc}`))),
    label(40, height - 6, "rows of the sequence, one a step →"),
  );
}

/** Heads and neurons of all layers, each a square; `count` neurons of each layer are used. */
export function shape(layers: readonly { heads: number; neurons: number }[]): HTMLElement {
  const [columns, unit] = [56, 9];
  const rowsOf = (count: number): number => Math.ceil(count / columns);
  let y = 8;
  const drawn: SVGElement[] = [];
  layers.forEach(({ heads, neurons }, layer) => {
    drawn.push(label(60, y + 9, `layer ${layer}`, "end"));
    for (let head = 0; head < heads; head += 1) drawn.push(s("circle", { cx: 74 + head * unit, cy: y + 5, r: 3.2, class: "second" }));
    const left = 74 + Math.max(...layers.map((one) => one.heads)) * unit + 12;
    for (let index = 0; index < neurons; index += 1) {
      drawn.push(s("rect", { x: left + (index % columns) * unit, y: y + Math.floor(index / columns) * unit, width: unit - 2, height: unit - 2, class: "winner" }));
    }
    y += Math.max(1, rowsOf(neurons)) * unit + 12;
  });
  const total = layers.reduce((sum, { neurons }) => sum + neurons, 0);
  return picture(720, y, `${layers.length} layers with ${total} neurons in use`, ...drawn);
}
