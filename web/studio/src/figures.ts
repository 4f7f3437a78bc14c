// Figures of an X-ray: the logit parabola, arrows to attended rows, the heat map of the residual stream.

import { h, s } from "./dom.js";
import type { HeadRay, XRay } from "./xray.js";

/** The logits per token: 256 bytes, then the special tokens. The winner and the runner-up are marked. */
export function parabola(xray: Pick<XRay, "logits" | "token">, nameOf: (token: number) => string): SVGSVGElement {
  const [width, height, floor] = [320, 150, 118];
  const { logits, token } = xray;
  const [low, high] = [Math.min(...logits), Math.max(...logits)];
  const x = (id: number): number => 8 + (id / (logits.length - 1)) * (width - 16);
  const y = (logit: number): number => floor - ((logit - low) / (high - low || 1)) * (floor - 22);
  const order = logits.map((_, id) => id).sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  const second = order.find((id) => id !== token) ?? 0;
  const path = logits
    .slice(0, 256)
    .map((logit, id) => `${id === 0 ? "M" : "L"}${x(id).toFixed(1)} ${y(logit).toFixed(1)}`)
    .join("");
  const dot = (id: number, r: number, kind: string): SVGElement =>
    s("circle", { cx: x(id), cy: y(logits[id] as number), r, class: kind }, s("title", {}, `${nameOf(id)}: ${logits[id]}`));
  const at = x(token);
  return s(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": `Logits: ${nameOf(token)} wins with ${logits[token]}, next ${nameOf(second)} with ${logits[second]}`,
    },
    s("line", { x1: 8, x2: width - 8, y1: floor + 6, y2: floor + 6, class: "axis" }),
    s("path", { d: path, class: "curve" }),
    ...logits.slice(256).map((_, i) => dot(256 + i, 1.8, "dot")),
    dot(second, 3.2, "second"),
    dot(token, 4, "winner"),
    s(
      "text",
      { x: at, y: 14, "font-size": 12, class: "strong", "text-anchor": at < 80 ? "start" : at > width - 80 ? "end" : "middle" },
      `${nameOf(token)}: ${logits[token]}`,
    ),
    s("text", { x: 8, y: height - 10, "font-size": 10 }, "token 0"),
    s("text", { x: x(255), y: height - 10, "font-size": 10, "text-anchor": "end" }, "255"),
    s(
      "text",
      { x: width / 2 - 20, y: height - 10, "font-size": 10, "text-anchor": "middle" },
      `next: ${nameOf(second)}, ${(logits[token] as number) - (logits[second] as number)} less`,
    ),
  );
}

/**
 * Arrows from the current row to the rows that a layer's heads attend to; for cross heads, to offsets in
 * their stores.
 */
export function arcs(heads: readonly HeadRay[], row: number, prompt: number, place: (row: number) => string): SVGSVGElement | undefined {
  const [width, base] = [window.innerWidth < 600 ? 340 : 640, 74];
  const cross = heads.some(({ kind }) => kind.startsWith("cross"));
  const last = cross ? Math.max(1, ...heads.map(({ rows }) => rows - 1)) : Math.max(1, row);
  const x = (at: number): number => 10 + (at / last) * (width - 20);
  const chosen = heads.flatMap((head, index) => (head.attended === null ? [] : [{ head, index, at: head.attended.row }]));
  if (chosen.length === 0) return undefined;
  const from = cross ? width / 2 : x(row);
  const label = (at: number, text: string, anchor: string): SVGElement =>
    s("text", { x: at, y: base + 16, "font-size": 10, "text-anchor": anchor }, text);
  const arc = ({ head, index, at }: { head: HeadRay; index: number; at: number }): SVGElement => {
    const to = x(at);
    const height = Math.max(14, Math.min(base - 4, Math.abs(from - to) * 0.22)) * 1.3;
    const curve =
      at === row
        ? `C${to - 30} ${base - 36} ${to} ${base - 40} ${to} ${base}`
        : `C${from} ${base - height} ${to} ${base - height} ${to} ${base}`;
    const d = cross ? `M${from} 4Q${to} 10 ${to} ${base}` : `M${from} ${base}${curve}`;
    const what = cross ? `offset ${at}` : `row ${at}, ${place(at)}`;
    return s("path", { d, class: "arc", "data-head": index }, s("title", {}, `${head.name} → ${what}`));
  };
  const targets = [...new Set(chosen.map(({ at }) => at))];
  return s(
    "svg",
    { viewBox: `0 0 ${width} ${base + 22}`, role: "img", "aria-label": `Attended rows: ${targets.join(", ")}` },
    s("line", { x1: 10, x2: width - 10, y1: base, y2: base, class: "axis" }),
    ...(cross
      ? [label(10, "offset 0", "start"), label(width - 10, `offset ${last}`, "end")]
      : [
          label(10, "row 0", "start"),
          prompt < row ? s("line", { x1: x(prompt), x2: x(prompt), y1: base - 4, y2: base + 4, class: "axis" }) : s("g"),
          prompt < row && x(prompt) > 90 && x(prompt) < width - 150 ? label(x(prompt), "prompt | steps", "middle") : s("g"),
          label(width - 10, `row ${row}, now`, "end"),
        ]),
    ...chosen.map(arc),
    ...targets.map((at) => s("circle", { cx: x(at), cy: base, r: 3, class: "mark" }, s("title", {}, cross ? `offset ${at}` : place(at)))),
  );
}

/** The stages of a pass, each with the lanes after it. */
export function stagesOf(xray: XRay): { name: string; lanes: number[] }[] {
  const layers = xray.layers.flatMap(({ attention, ffn }, layer) => [
    { name: `layer ${layer} attention`, lanes: attention },
    { name: `layer ${layer} FFN`, lanes: ffn },
  ]);
  return [{ name: "embedding", lanes: xray.embedding }, ...layers];
}

/**
 * The residual stream, with lanes across and stages down. The strength of the colour is the logarithm of the
 * magnitude.
 */
export class HeatMap {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", {
    class: "heat",
    role: "application",
    "aria-roledescription": "heat map",
    "aria-label": "Residual stream: lanes across, stages down. Arrow keys move, Enter chooses the lane",
    tabindex: 0,
  });
  private readonly said = h(
    "p",
    { class: "soft small mono", role: "status" },
    "Lanes across, stages down. Point at a cell to read it; click for its lane.",
  );
  private xray: XRay | undefined;
  private lane: number | undefined;
  /** The cell that the keyboard is at. */
  private at = { lane: 0, stage: 0 };

  constructor(
    private readonly lanes: readonly { name: string }[],
    choose: (lane: number) => void,
  ) {
    this.element = h("div", {}, this.canvas, this.said);
    const cell = (event: MouseEvent): { lane: number; stage: number } => {
      const box = this.canvas.getBoundingClientRect();
      const at = (offset: number, size: number, count: number): number =>
        Math.min(count - 1, Math.max(0, Math.floor((offset / size) * count)));
      return {
        lane: at(event.clientX - box.left, box.width, lanes.length),
        stage: at(event.clientY - box.top, box.height, this.stages.length),
      };
    };
    this.canvas.addEventListener("mousemove", (event) => this.read(cell(event)));
    this.canvas.addEventListener("keydown", (event) => {
      const moves: Record<string, [lanes: number, stages: number]> = {
        ArrowLeft: [-1, 0],
        ArrowRight: [1, 0],
        ArrowUp: [0, -1],
        ArrowDown: [0, 1],
      };
      const move = moves[event.key];
      if (event.key === "Enter") choose(this.at.lane);
      else if (move === undefined) return;
      else {
        const within = (to: number, count: number): number => Math.max(0, Math.min(count - 1, to));
        this.at = {
          lane: within(this.at.lane + move[0], lanes.length),
          stage: within(this.at.stage + move[1], this.stages.length),
        };
        this.read(this.at);
        this.draw();
      }
      event.preventDefault();
      event.stopPropagation();
    });
    for (const name of ["focus", "blur"]) this.canvas.addEventListener(name, () => this.draw());
    this.canvas.addEventListener("click", (event) => choose(cell(event).lane));
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  private read({ lane, stage }: { lane: number; stage: number }): void {
    const at = this.stages[stage];
    if (at !== undefined) this.said.textContent = `${this.lanes[lane]?.name} = ${at.lanes[lane]} after ${at.name}`;
  }

  private get stages(): { name: string; lanes: number[] }[] {
    return this.xray === undefined ? [] : stagesOf(this.xray);
  }

  show(xray: XRay, lane: number | undefined): void {
    [this.xray, this.lane] = [xray, lane];
    this.draw();
  }

  private draw(): void {
    const context = this.canvas.getContext("2d");
    const { stages } = this;
    const width = this.canvas.clientWidth;
    if (context === null || stages.length === 0 || width === 0) return;
    const [ratio, rowHeight] = [window.devicePixelRatio, 13];
    const height = rowHeight * stages.length;
    this.canvas.style.height = `${height}px`;
    [this.canvas.width, this.canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    context.scale(ratio, ratio);
    const style = getComputedStyle(this.canvas);
    // The browser resolves the colours, because a canvas does not support light-dark().
    const probe = document.createElement("span");
    this.canvas.parentElement?.append(probe);
    const colour = (name: string): string => {
      probe.style.color = style.getPropertyValue(name);
      return getComputedStyle(probe).color;
    };
    const [positive, negative, line] = [colour("--accent"), colour("--warm"), colour("--line")];
    probe.remove();
    const cell = width / this.lanes.length;
    stages.forEach(({ lanes }, stage) => {
      lanes.forEach((value, lane) => {
        if (value === 0) return;
        context.globalAlpha = Math.min(1, 0.25 + Math.log2(1 + Math.abs(value)) / 18);
        context.fillStyle = value > 0 ? positive : negative;
        context.fillRect(lane * cell, stage * rowHeight, Math.max(1, cell - 0.6), rowHeight - 1);
      });
    });
    context.globalAlpha = 1;
    context.strokeStyle = line;
    for (let layer = 0; 2 * layer + 1 < stages.length; layer += 1) {
      const y = (2 * layer + 1) * rowHeight - 0.5;
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(width, y);
      context.stroke();
    }
    if (this.lane !== undefined) {
      context.strokeStyle = negative;
      context.strokeRect(this.lane * cell, 0.5, cell, height - 1);
    }
    if (document.activeElement === this.canvas) {
      context.strokeRect(this.at.lane * cell - 1, this.at.stage * rowHeight, cell + 2, rowHeight);
    }
  }
}
