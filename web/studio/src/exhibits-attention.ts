// Live figures of the work of attention: fetching, depth, operands, locals, memory, files, loops.

import { h, s } from "./dom.js";
import { equation, live, Look, neuronLine, table } from "./live.js";
import { arcs } from "./figures.js";
import type { Machine } from "./machine.js";
import * as pictures from "./pictures.js";
import type { HeadRay } from "./xray.js";
import { parseBytes } from "./source.js";

/**
 * Bars of a head's scores for all rows that the head could attend to, with the winner marked. The lowest
 * tenth of the bars has no scale: a few rows may score far below all others.
 */
function scores(look: Look, name: string, query: readonly number[], labelOf: (row: number) => string): SVGSVGElement {
  const [layer, head] = look.machine.head(name);
  const rows = look.recording.examine(look.step).session.rowsOf(layer, head);
  const all = Array.from({ length: rows.length }, (_, row) => rows.score(row, query));
  const best = rows.best(query);
  const top = all[best] ?? 0;
  const [width, floor, ceiling] = [Math.max(320, all.length * 26), 96, 18];
  const low = [...all].sort((a, b) => a - b)[Math.ceil(all.length / 10)] ?? 0;
  const y = (score: number): number => floor - Math.max(0, (score - low + 1) / (top - low + 1)) * (floor - ceiling);
  return s(
    "svg",
    { viewBox: `0 0 ${width} 116`, role: "img", "aria-label": `Scores by row: row ${best} wins with ${top}` },
    ...all.flatMap((score, row) => {
      const x = 4 + (row / all.length) * (width - 8);
      const bar = (width - 8) / all.length - 3;
      return [
        s(
          "rect",
          { x, y: y(score) - 2, width: bar, height: floor + 2 - y(score), class: row === best ? "winner" : "dot" },
          s("title", {}, `row ${row}, ${labelOf(row)}: ${score}`),
        ),
        s("text", { x: x + bar / 2, y: y(score) - 6, "font-size": 9, "text-anchor": "middle", class: row === best ? "strong" : "" }, score),
        s("text", { x: x + bar / 2, y: 110, "font-size": 9, "text-anchor": "middle" }, row),
      ];
    }),
  );
}

/** Arcs from the row of a step to the rows that some of its heads read. */
const reaching = (look: Look, heads: readonly HeadRay[]): SVGSVGElement | string =>
  arcs(heads, look.xray.row, look.recording.before, (row) => look.recording.place(row)) ?? "";

const scroll = (figure: SVGSVGElement): HTMLElement =>
  h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Scores" }, figure);

export const quadraticKeys = (machine: Machine): HTMLElement =>
  live(machine, {
    inputs: { pc: { label: "instruction at pc", min: 0, max: 4, value: 2 } },
    program: () => "i32.const 5\ni32.const 7\ni32.mul\ni32.const 9\ni32.add",
    step: ({ pc }) => Number(pc),
    show(look) {
      const head = look.head("fetch operand");
      const [i, one] = head.query;
      const program = look.recording.listing.slice(0, 5).map((_, at) => look.recording.place(2 * at + 1).replace(/^.*, /, ""));
      return [
        equation("the program: ", ...program.flatMap((text, at) => [at === 0 ? "" : "; ", at === look.step ? h("b", {}, text) : text])),
        equation("query (", [i ?? ""], `, ${one}) · key (2j, −j² − 1 + is_operand) = 2·`, [i ?? ""], "·j − j² + …"),
        scroll(scores(look, "fetch operand", head.query, (row) => look.recording.place(row))),
        equation("highest: row ", [head.attended?.row ?? ""], `, ${look.recording.place(head.attended?.row ?? 0)}; its byte is `, [
          head.result[0] ?? "",
        ]),
      ];
    },
    caption:
      "The head that fetches operands, layer 0. Bars are the scores of all rows of the sequence, from the keys in its cache, each under the number of its row. Over the prompt they are a parabola over j, whose peak is at j = pc; row 0 is the start token, and of an instruction's two rows the opcode's scores one less, so the operand's row wins. The rows after the prompt hold tokens that steps emitted; they have no instruction, and the key of j = 0, less 1.",
  });

export const oneHotFetch = (machine: Machine): HTMLElement =>
  live(machine, {
    inputs: {
      op: {
        label: "instruction",
        choices: ["i32.add", "i32.sub", "i32.mul", "i32.and", "i32.or", "i32.eq", "i32.ne", "i32.lt_s", "i32.le_s"],
        value: "i32.or",
      },
    },
    program: ({ op }) => `i32.const 12\ni32.const 10\n${op}`,
    step: () => 2,
    show: (look) => [
      pictures.flags(look.described(0)),
      reaching(look, look.xray.layers[0]?.heads ?? []),
      table(
        ["flag fetched", "weight", "by head", "from"],
        look.flags(0).map(([name, value]) => {
          const head = look.xray.layers[0]?.heads.find((candidate) => candidate.name.replace("fetch ", "").split(", ").includes(name));
          return [name, value, head?.name ?? "", `row ${head?.attended?.row}`];
        }),
      ),
      equation("12, 10, ", h("i", {}, look.xray.instruction), " → ", [look.xray.token]),
    ],
    caption:
      "The flags that layer 0 copies to the row that executes the instruction. Every other flag is 0. i32.or is the sum less the common bits; a comparison is a choice among above, below and equal.",
  });

export const depth = (machine: Machine): HTMLElement =>
  live(machine, {
    inputs: { pushes: { label: "values pushed", min: 1, max: 8, value: 4 }, adds: { label: "additions after", min: 0, max: 7, value: 2 } },
    program: ({ pushes, adds }) =>
      [
        ...Array.from({ length: Number(pushes) }, (_, i) => `i32.const ${i + 1}`),
        ...Array.from({ length: Number(adds) }, () => "i32.add"),
      ].join("\n"),
    step: () => -1,
    show: (look) => [
      pictures.running(
        Array.from({ length: look.recording.length }, (_, step) => ({ name: look.at(step).xray.instruction, amount: look.at(step).lane("delta", 0) })),
        "The running sum of the deltas, row by row",
      ),
      table(
        ["step", "instruction", "delta", "sum over all rows", "less the own delta: depth"],
        Array.from({ length: look.recording.length }, (_, step) => {
          const at = look.at(step);
          return [step, at.xray.instruction, at.lane("delta", 0), at.lane("depth", 1, "attention"), at.lane("depth", 1)];
        }),
      ),
    ],
    caption:
      "Layer 1 has one head, and it chooses nothing: it adds up the deltas of all rows. The sum includes the row's own delta, which one neuron subtracts. Push more values, or add too often: the program is refused if an operand is missing.",
  });

export const operands = (machine: Machine): HTMLElement =>
  live(machine, {
    inputs: {
      a: { label: "first", min: 0, max: 255, value: 200 },
      b: { label: "second", min: 0, max: 255, value: 100 },
      c: { label: "third", min: 0, max: 255, value: 7 },
    },
    program: ({ a, b, c }) => `i32.const ${a}\ni32.const ${b}\ni32.add\ni32.const ${c}\ni32.sub`,
    step: () => 4,
    show(look) {
      const line = (what: string): HTMLElement => {
        const heads = [0, 2, 4, 6].map((i) => look.head(`${what} bits ${i}, ${i + 1}`));
        const [head] = heads;
        const bits = heads.flatMap(({ result }) => result);
        const value = bits.reduce((sum, bit, i) => sum + bit * 2 ** i, 0);
        return equation(
          h("i", {}, what),
          ` asks for depth ${head?.query[0]}: row ${head?.attended?.row} (${look.recording.place(head?.attended?.row ?? 0)}) beats ${head?.runner_up === null ? "none" : `row ${head?.runner_up.row}, ${head?.attended?.score} to ${head?.runner_up.score}`}; bits ${[...bits].reverse().join("")} = `,
          [value],
        );
      };
      return [reaching(look, look.xray.layers[3]?.heads ?? []), line("top"), line("second"), equation("i32.sub → ", [look.xray.token])];
    },
    caption:
      "Step 4 subtracts the third value from the sum of the first two. The sum lies at depth 1, where the first value was before, and the third value at depth 2, where the second was before: of equal scores the later row wins.",
  });

export const locals = (machine: Machine): HTMLElement =>
  live(machine, {
    inputs: {
      read: { label: "local.get", min: 0, max: 3, value: 1 },
      value: { label: "last value set to local 1", min: 0, max: 255, value: 42 },
    },
    program: ({ read, value }) => `i32.const 5\nlocal.set 1\ni32.const 9\nlocal.set 0\ni32.const ${value}\nlocal.set 1\nlocal.get ${read}`,
    step: () => 6,
    show(look, { read }) {
      const head = look.head("local");
      const [value, tag] = head.result;
      return [
        scroll(scores(look, "local", head.query, (row) => look.recording.place(row))),
        pictures.tent(look, "local"),
        equation(
          `query (${head.query.join(", ")}) finds row `,
          [head.attended?.row ?? ""],
          ` (${look.recording.place(head.attended?.row ?? 0)}), score ${head.attended?.score}, next lower ${head.runner_up?.score ?? "none"}`,
        ),
        equation(
          "value ",
          [value ?? ""],
          ", tag ",
          [tag ?? ""],
          tag === Number(read) ? ": the local sought" : ": not the local sought, so the value is shut out and the result stays 0",
        ),
        ...["local below", "local at", "local above"].map((name) => neuronLine(look.neuron(name))),
        equation(`local.get ${read} → `, [look.xray.token]),
      ];
    },
    caption:
      "Locals have no place of their own. The head finds the latest row that wrote the local; the value found has a tag, and three neurons pass the value on only if the tag is the index sought. Locals 2 and 3 were never written.",
  });

export const memory = (machine: Machine): HTMLElement =>
  live(machine, {
    inputs: {
      address: { label: "load from", min: 0, max: 255, value: 40 },
      offset: { label: "with offset", min: 0, max: 255, value: 2 },
      value: { label: "stored at 42", min: 0, max: 255, value: 77 },
    },
    program: ({ address, offset, value }) =>
      `i32.const 42\ni32.const ${value}\ni32.store\ni32.const 43\ni32.const 1\ni32.store\ni32.const ${address}\ni32.load offset=${offset}`,
    step: () => 7,
    show(look) {
      const head = look.head("memory cell");
      const [value, tag] = head.result;
      return [
        scroll(scores(look, "memory cell", head.query, (row) => look.recording.place(row))),
        pictures.tent(look, "memory cell"),
        equation("address = top + operand = ", [head.query[0] ?? ""]),
        equation(
          `attends to row ${head.attended?.row} (${look.recording.place(head.attended?.row ?? 0)}): value `,
          [value ?? ""],
          ", written to address ",
          [(tag ?? 0) < 0 ? "none" : (tag ?? "")],
        ),
        ...["memory cell below", "memory cell at", "memory cell above"].map((name) => neuronLine(look.neuron(name))),
        equation(look.xray.instruction, " → ", [look.xray.token]),
      ];
    },
    caption:
      "Memory is looked up by content in the same way. A key holds an address, which the network computed from operand and stack in the row after the store; a cell never written reads as 0.",
  });

export const files = (machine: Machine): HTMLElement =>
  live(machine, {
    inputs: {
      text: { label: "file 1 holds", choices: ["hello", "abc", "wasm"], value: "hello" },
      reads: { label: "reads", min: 1, max: 8, value: 2 },
    },
    program: ({ reads }) => `i32.const 1\nfd_open\noutput\n${"i32.const 1\nfd_read\noutput\n".repeat(Number(reads))}`,
    files: ({ text }) => [[], parseBytes(`"${text}"`), [], []],
    step: ({ reads }) => 3 * Number(reads) + 1,
    show(look) {
      const head = look.head("file 1");
      return [
        reaching(look, [head]),
        pictures.tent(look, "file 1"),
        equation(
          `query (${head.query.join(", ")}): offset `,
          [head.attended?.row ?? ""],
          ` scores ${head.attended?.score}, next lower ${head.runner_up?.score}`,
        ),
        equation("byte ", [head.result[0] ?? ""], (head.result[0] ?? 0) > 31 ? ` = "${String.fromCharCode(head.result[0] ?? 0)}"` : ""),
        ...["file 1 below", "file 1 at", "file 1 above"].map((name) => neuronLine(look.neuron(name))),
        equation("fd_read → ", [look.xray.token]),
      ];
    },
    caption:
      "Four heads of layer 7 attend across, to the rows of the four files. The host keeps the offset and shows it to the network; the network finds the byte, and chooses the descriptor that lies on top of the stack.",
  });

export const loops = (machine: Machine): HTMLElement =>
  live(machine, {
    inputs: { n: { label: "count down from", min: 1, max: 12, value: 3 } },
    program: ({ n }) => `i32.const ${n}\nlocal.set 0\nloop\nlocal.get 0\ni32.const 1\ni32.sub\nlocal.tee 0\nbr_if 0\nend_loop`,
    step: () => -1,
    show: (look) => [
      pictures.zigzag(look.recording.pcs, `The pc of each step: ${look.recording.pcs.join(", ")}`),
      table(
        ["row", "step", "pc, set by the host", "instruction", "token"],
        Array.from({ length: look.recording.length }, (_, step) => {
          const at = look.at(step);
          return [at.xray.row, step, at.lane("pc"), at.xray.instruction, look.recording.nameOf(at.xray.token)];
        }),
      ),
    ],
    caption:
      "The trace goes on, row after row; the pc in the positional encoding cycles over the loop's body. The network emits the condition that br_if popped, and the host takes the branch from that token. loop and end_loop take no step.",
  });
