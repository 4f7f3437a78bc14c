// One step as a picture that moves: the row's token enters, heads reach back along arcs to the rows that they
// read, neurons act where their gates are open, and the unembedding chooses the token that becomes the next
// row. Every mark is a number of a forward pass made in this page.
import { h, s } from "./dom.js";
import { Recording } from "./recording.js";
import { compile, toHash } from "./source.js";
/** The program that the diagram runs, and the step that it shows first. */
const FIRST = { text: "i32.const 200\ni32.const 100\ni32.add\noutput", files: [], step: 2 };
/** The time of a phase, in milliseconds. */
const PACE = 1100;
/** The most steps of a program that can be chosen. */
const LONGEST = 200;
const [WIDTH, HEIGHT] = [960, 446];
const [TRUNK, FLOOR, ROWS_AT, BAND] = [640, 354, 394, 34];
/** The widest box of a row; long sequences have narrow ones, and only the latest of their rows have names. */
const [WIDEST, FIRST_BOX] = [44, 12];
/** The narrowest box with a name in it. */
const NAMED = 24;
/** The neurons of a layer in a grid. */
const [COLUMNS, UNIT, GRID] = [34, 7, 68];
/** The number of diagrams made so far: each has identifiers of its own. */
let made = 0;
export class Diagram {
    machine;
    source;
    element;
    recording;
    id = made === 0 ? "diagram" : `diagram-${made}`;
    picture = h("div", { class: "picture" });
    said = h("figcaption", { class: "said", id: `${this.id}-said` });
    playButton = h("button", { id: `${this.id}-play`, click: () => this.toggle() }, "Play");
    slider = h("input", {
        type: "range",
        id: `${this.id}-scrub`,
        min: 0,
        step: "any",
        value: 0,
        "aria-label": "Moment of the forward pass",
        input: () => {
            this.pause();
            this.moment = Number(this.slider.value);
            this.render();
        },
    });
    steps = h("select", { id: `${this.id}-step`, "aria-label": "Step", change: () => this.load(Number(this.steps.value)) });
    open = h("a", { href: "xray.html" }, "Every number of this step");
    /** The width of a row's box. */
    box = WIDEST;
    marks = [];
    phases = [];
    moment = 0;
    frame;
    timer;
    shown = -1;
    constructor(machine, source = FIRST) {
        this.machine = machine;
        this.source = source;
        made += 1;
        this.element = h("figure", { class: "diagram panel" }, this.picture, this.said, h("div", { class: "row" }, this.playButton, this.slider, this.steps, this.open));
        this.take(source);
        this.moment = this.phases.length;
        this.render();
    }
    /** Shows a step of another program. */
    take(source) {
        this.pause();
        this.source = source;
        this.recording = new Recording(this.machine, compile(source).listing, source.files);
        this.recording.advance(Infinity, LONGEST);
        this.steps.replaceChildren(...this.recording.pcs.map((_, step) => h("option", { value: step }, `step ${step}: ${this.recording.instruction(step)}`)));
        this.load(Math.min(source.step, this.recording.length - 1));
    }
    /** Plays from the start, unless the reader wants no motion. */
    begin() {
        if (!matchMedia("(prefers-reduced-motion: reduce)").matches)
            this.toggle();
    }
    load(step) {
        this.steps.value = String(step);
        this.open.href = `xray.html#${toHash(this.source)}&s=${step}`;
        const { xray } = this.recording.examine(step);
        this.draw(xray);
        this.slider.max = String(this.phases.length);
        this.moment = 0;
        this.shown = -1;
        this.render();
    }
    pause() {
        if (this.frame !== undefined)
            cancelAnimationFrame(this.frame);
        window.clearTimeout(this.timer);
        this.frame = this.timer = undefined;
        this.playButton.textContent = "Play";
        this.said.setAttribute("aria-live", "polite");
    }
    toggle() {
        if (this.frame !== undefined || this.timer !== undefined)
            return this.pause();
        if (this.moment >= this.phases.length)
            this.moment = 0;
        this.playButton.textContent = "Pause";
        this.said.setAttribute("aria-live", "off");
        const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
        let last = performance.now();
        const next = (now) => {
            this.moment = Math.min(this.phases.length, isStill ? Math.floor(this.moment) + 1 : this.moment + (now - last) / PACE);
            last = now;
            this.render();
            if (this.moment >= this.phases.length)
                this.pause();
            else if (isStill)
                this.timer = window.setTimeout(() => next(performance.now()), PACE);
            else
                this.frame = requestAnimationFrame(next);
        };
        if (isStill)
            next(last);
        else
            this.frame = requestAnimationFrame(next);
    }
    /** Shows the moment: what belongs to later phases is pale. */
    render() {
        for (const { phase, element, isDrawn } of this.marks) {
            const part = Math.max(0, Math.min(1, (this.moment - phase) * 1.4));
            element.setAttribute("opacity", String(isDrawn ? Number(part > 0) : part));
            if (isDrawn)
                element.setAttribute("stroke-dashoffset", String(1 - part));
        }
        this.slider.value = String(this.moment);
        const phase = Math.min(this.phases.length - 1, Math.floor(this.moment));
        if (phase === this.shown)
            return;
        this.shown = phase;
        this.said.textContent = this.phases[phase]?.said ?? "";
        this.slider.setAttribute("aria-valuetext", this.phases[phase]?.said ?? "");
        this.picture.querySelectorAll(".band").forEach((band) => band.classList.toggle("on", band.getAttribute("data-phases")?.split(" ").includes(String(phase)) ?? false));
    }
    draw(xray) {
        this.marks = [];
        this.phases = [];
        this.box = Math.min(WIDEST, (TRUNK - FIRST_BOX) / (xray.row + 2));
        const { box } = this;
        const x = (row) => FIRST_BOX + row * box;
        const y = (layer) => FLOOR - (layer + 0.5) * BAND;
        const rows = Array.from({ length: xray.row + 1 }, (_, row) => this.rowBox(row, x(row), row === xray.row));
        const trunk = s("path", { d: `M${x(xray.row) + box / 2 - 2} ${ROWS_AT}C${x(xray.row) + box / 2} ${FLOOR} ${TRUNK} ${ROWS_AT} ${TRUNK} ${FLOOR}L${TRUNK} 78`, class: "trunk" });
        this.say(this.entering(xray));
        this.mark(s("path", { d: trunk.getAttribute("d") ?? "", class: "trunk lit", pathLength: 1, "stroke-dasharray": 1 }), true);
        const layers = xray.layers.map((_, layer) => this.layer(xray, layer, x, y(layer)));
        const logits = this.logits(xray);
        this.picture.replaceChildren(s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `The forward pass of step ${xray.step}, ${xray.instruction}: token ${this.recording.nameOf(xray.token)}` }, s("text", { x: FIRST_BOX, y: HEIGHT - 6, "font-size": 12 }, "the sequence: the program as a prompt, then the tokens emitted so far"), ...layers, trunk, ...this.marks.map(({ element }) => element), ...rows, logits));
    }
    say(said) {
        this.phases.push({ said });
    }
    /** A mark that belongs to the phase that was said last. */
    mark(element, isDrawn = false) {
        this.marks.push({ phase: this.phases.length - 1, element, isDrawn });
        return element;
    }
    /** A row of the sequence. */
    rowBox(row, x, isNow) {
        const { recording, box } = this;
        const step = row - recording.before - 1;
        const instr = recording.listing[Math.floor((row - 1) / 2)];
        const name = step >= 0 ? recording.nameOf(recording.tokens[step]) : row === 0 ? "start" : row % 2 === 1 ? recording.place(row).replace(/^.*, (i32\.)?/, "").replace(/ .*/, "") : String(instr?.[1] ?? "");
        return s("g", { class: isNow ? "box now" : step >= 0 ? "box step" : "box" }, s("rect", { x, y: ROWS_AT, width: Math.max(2, box - 4), height: 26, rx: 4 }), s("text", { x: x + box / 2 - 2, y: ROWS_AT + 17, "font-size": name.length > 5 ? 9.5 : 12, "text-anchor": "middle" }, box < NAMED && !isNow ? "" : name), s("title", {}, `row ${row}: ${recording.place(row)}`));
    }
    entering(xray) {
        const before = xray.step === 0 ? "the program's last token" : `the token ${this.recording.nameOf(this.recording.tokens[xray.step - 1])}, which the step before emitted`;
        return `${xray.instruction}: row ${xray.row} enters, ${before}. Its embedding is written to the lanes, the upright line.`;
    }
    layer(xray, layer, x, y) {
        const { heads = [], neurons = [] } = xray.layers[layer] ?? {};
        const phases = [];
        // A head that reads nothing but zeros does nothing to the lanes.
        const reading = heads.filter(({ attended, result, kind }) => attended !== null && kind === "hard_max" && result.some((value) => value !== 0));
        const summing = heads.filter(({ kind, result }) => kind === "sum" && result.some((value) => value !== 0));
        if (reading.length + summing.length > 0) {
            const targets = [...new Set(reading.map(({ attended }) => attended?.row ?? 0))].sort((a, b) => a - b);
            const what = targets.map((row) => `row ${row} (${this.recording.place(row)})`).join(", ");
            const sum = summing.map(({ name, result }) => `${name}: ${result[0]}, from all rows`).join("; ");
            this.say(`Layer ${layer}, attention: ${[reading.length > 0 ? `${reading.length} head${reading.length === 1 ? " reads" : "s read"} ${what}` : "", sum].filter((part) => part !== "").join("; ")}.`);
            phases.push(this.phases.length - 1);
            for (const row of targets) {
                const from = x(row) + this.box / 2 - 2;
                const d = `M${from} ${ROWS_AT}C${from} ${y} ${from + (TRUNK - from) * 0.4} ${y} ${TRUNK - 4} ${y}`;
                this.mark(s("path", { d, class: "reach", pathLength: 1, "stroke-dasharray": 1 }, s("title", {}, `layer ${layer} reads row ${row}`)), true);
                this.mark(s("circle", { cx: from, cy: ROWS_AT, r: 4, class: "second" }));
            }
            if (summing.length > 0)
                this.mark(s("path", { d: `M${x(0)} ${ROWS_AT - 8}L${x(xray.row) + this.box} ${ROWS_AT - 8}L${TRUNK - 4} ${y}`, class: "reach", pathLength: 1, "stroke-dasharray": 1 }), true);
        }
        const open = neurons.filter(({ output }) => output !== 0);
        if (open.length > 0) {
            const few = open.slice(-3).map(({ name, output }) => `${name} ${output}`);
            this.say(`Layer ${layer}, neurons: ${open.length} of ${neurons.length} add${open.length === 1 ? "s" : ""} to the lanes; ${open.length > 3 ? "among them " : ""}${few.join(", ")}.`);
            phases.push(this.phases.length - 1);
        }
        const grid = neurons.map(({ name, gate, value, output }, index) => {
            const place = { x: TRUNK + GRID + (index % COLUMNS) * UNIT, y: y - 11 + Math.floor(index / COLUMNS) * UNIT, width: UNIT - 1.5, height: UNIT - 1.5 };
            const title = s("title", {}, `${name}: gate ${gate}, value ${value}, output ${output}`);
            if (output !== 0)
                this.mark(s("rect", { ...place, class: "unit acts" }, title.cloneNode(true)));
            return s("rect", { ...place, class: "unit" }, title);
        });
        const lane = this.machine.lane("result");
        const result = xray.layers[layer]?.ffn[lane];
        const before = layer === 0 ? xray.embedding[lane] : xray.layers[layer - 1]?.ffn[lane];
        if (result !== before && open.length > 0) {
            this.mark(s("text", { x: WIDTH - 10, y: y + 12, "font-size": 12, "text-anchor": "end", class: "result" }, `result ${result}`));
        }
        return s("g", { class: "band", "data-phases": phases.join(" ") }, s("rect", { x: TRUNK - 10, y: y - BAND / 2 + 2, width: WIDTH - TRUNK + 8, height: BAND - 4, rx: 5 }), s("text", { x: TRUNK + 10, y: y + 4, "font-size": 11 }, `layer ${layer}`), ...grid);
    }
    logits(xray) {
        const { box } = this;
        const { logits, token } = xray;
        const name = this.recording.nameOf(token);
        const value = xray.layers.at(-1)?.ffn[this.machine.lane("result")];
        this.say(token < 256
            ? `The unembedding: the logit of byte t is 2t·${value} − t². It is highest at t = ${name}.`
            : `The unembedding: the logit of ${name} is lifted above those of all bytes.`);
        const [left, right, top, floor] = [TRUNK - 84, WIDTH - 6, 22, 70];
        const bytes = logits.slice(0, 256);
        const [low, high] = [Math.min(...bytes), Math.max(...bytes)];
        const at = (id) => [
            left + (Math.min(id, 255) / 255) * (right - left),
            floor - ((logits[id] - low) / (Math.max(high, logits[token]) - low || 1)) * (floor - top),
        ];
        const curve = bytes.map((_, id) => `${id === 0 ? "M" : "L"}${at(id).map((number) => number.toFixed(1)).join(" ")}`).join("");
        const [cx, cy] = at(token);
        const drawn = s("path", { d: curve, class: "peak", pathLength: 1, "stroke-dasharray": 1 });
        this.mark(drawn, true);
        this.mark(s("circle", { cx, cy, r: 5, class: "winner" }));
        this.mark(s("text", { x: Math.min(right - 30, Math.max(left + 30, cx)), y: 13, "font-size": 13, "text-anchor": "middle", class: "strong" }, `token ${name}`));
        this.say(`${name} is the next row of the sequence. The host appends it, and the next pass begins.`);
        const next = FIRST_BOX + (xray.row + 1) * box;
        this.mark(s("path", { d: `M${cx} ${cy}C${WIDTH + 30} ${FLOOR - 100} ${next + 200} ${ROWS_AT - 30} ${next + box / 2} ${ROWS_AT - 2}`, class: "falls", pathLength: 1, "stroke-dasharray": 1 }), true);
        this.mark(s("g", { class: "box new" }, s("rect", { x: next, y: ROWS_AT, width: Math.max(2, box - 4), height: 26, rx: 4 }), s("text", { x: next + box / 2 - 2, y: ROWS_AT + 17, "font-size": 12, "text-anchor": "middle" }, name)));
        return s("path", { d: curve, class: "curve" });
    }
}
