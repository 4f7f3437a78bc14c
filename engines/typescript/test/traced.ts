// The example of engines/writing.md: one pass, as blocks of text, from this engine's numbers.

import { ByteHost, Session, type Found, type Instr, type Model, type Row, type Stage } from "../src/index.js";

/** The names of heads and neurons, layer by layer. */
export type Names = { heads: string[]; neurons: string[] }[];

/** A pass of one row. */
export interface Pass {
  /** The rows from the first on, with what each is. */
  rows: { row: Row; what: string }[];
  /** The residual stream after each part. */
  stages: { stage: Stage; lanes: number[] }[];
  /** The queries and choices of hard-max and cross heads; the totals of sum heads. */
  heads: { layer: number; head: number; query: number[]; found?: Found; total?: number[] }[];
  neurons: { gates: number[]; values: number[] }[];
  logits: number[];
  /** For each layer and head, the key and score of every row. */
  scored: (layer: number, head: number) => { key: number[]; score: number; value: number[] }[];
}

/** Runs a program of the byte machine up to a step, and keeps the pass that executes it. */
export function passOf(model: Model, listing: readonly Instr[], step: number): Pass {
  const session = new Session(model, { history: true });
  const host = new ByteHost(listing, [], model.config);
  const pass: Pass = { rows: [], stages: [], heads: [], neurons: [], logits: [], scored: () => [] };
  let next = host.begin();
  const what = (row: number): string =>
    row === 0 ? "start" : `${row % 2 === 1 ? "opcode" : "operand"} at pc ${Math.floor((row - 1) / 2)}`;
  pass.rows = next.rows.map((row, index) => ({ row, what: what(index) }));
  for (let at = 0; at < step; at += 1) {
    session.pass(next);
    const token = session.token();
    next = host.accept(token) ?? { stores: [], rows: [] };
    for (const row of next.rows) pass.rows.push({ row, what: `token of step ${at}` });
  }
  const copy = (numbers: Float64Array): number[] => Array.from(numbers, (x) => x + 0);
  session.pass(next, {
    residual: (stage, lanes) => pass.stages.push({ stage, lanes: copy(lanes) }),
    attended: (layer, head, query, found) => pass.heads.push({ layer, head, query: copy(query), found }),
    summed: (layer, head, total) => pass.heads.push({ layer, head, query: [], total: copy(total) }),
    neurons: (_, gates, values) => pass.neurons.push({ gates: copy(gates), values: copy(values) }),
  });
  pass.logits = copy(session.logits());
  pass.scored = (layer, head) => {
    const rows = session.rowsOf(layer, head);
    const query = pass.heads.find((other) => other.layer === layer && other.head === head)?.query ?? [];
    return Array.from({ length: rows.length }, (_, row) => ({
      key: copy(rows.key(row)),
      score: rows.score(row, query) + 0,
      value: copy(rows.value(row)),
    }));
  };
  return pass;
}

/** Cells in columns, numbers to the right. */
function table(rows: readonly (readonly (string | number)[])[]): string {
  const width = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => String(row[column] ?? "").length)));
  const cell = (value: string | number, column: number): string =>
    typeof value === "number" || column === 0 ? String(value).padStart(width[column] ?? 0) : value.padEnd(width[column] ?? 0);
  return rows.map((row) => row.map(cell).join("  ").trimEnd()).join("\n");
}

const list = (numbers: readonly number[]): string => `[${numbers.join(", ")}]`;

/** The rows with the lanes that their positional encodings set. */
export function rowsBlock(model: Model, pass: Pass): string {
  const lanes = ["one", "index", "index_squared", "is_opcode", "is_operand", "pc", "previous_pc", "fault", "offset_0"];
  const value = (row: Row, name: string): number => {
    const lane = model.config.lanes.indexOf(name);
    return row.positional.find(([other]) => other === lane)?.[1] ?? 0;
  };
  const rows = pass.rows.map(({ row, what }, index) => [index, row.token, what, ...lanes.map((name) => value(row, name))]);
  return table([["row", "token", "what", ...lanes], ...rows].map((row) => row.map((cell, i) => (i > 2 ? pad(cell, i, lanes) : cell))));
}

const pad = (cell: string | number, column: number, lanes: string[]): string =>
  String(cell).padStart((lanes[column - 3] ?? "").length);

/** The scores of a head over all rows. */
export function scoresBlock(pass: Pass, layer: number, head: number): string {
  const mine = pass.heads.find((other) => other.layer === layer && other.head === head);
  const rows = pass.scored(layer, head).map(({ key, score, value }, row) => [
    row,
    `key ${list(key)}`,
    `score ${score}`,
    `value ${list(value)}${row === mine?.found?.row ? "   chosen" : ""}`,
  ]);
  return `query ${list(mine?.query ?? [])}\n${table(rows)}`;
}

/** What each part of the pass changed in the residual stream, and which neurons put out something. */
export function changesBlock(model: Model, pass: Pass, names: Names): string {
  let before: number[] = [];
  const lines: string[] = [];
  for (const { stage, lanes } of pass.stages) {
    const changed = lanes.flatMap((x, lane) => (x === (before[lane] ?? 0) ? [] : [`${model.config.lanes[lane]} ${x}`]));
    before = lanes;
    const part = stage.part === "embedding" ? "embedded" : `layer ${stage.layer}, ${stage.part}`;
    if (changed.length > 0) lines.push(`${part}: ${changed.join(", ")}`);
    if (stage.part !== "ffn") continue;
    const { gates, values } = pass.neurons[stage.layer] ?? { gates: [], values: [] };
    gates.forEach((gate, index) => {
      const value = values[index] ?? 0;
      if (gate > 0 && value !== 0) {
        lines.push(`    neuron "${names[stage.layer]?.neurons[index]}": relu(${gate}) * ${value} = ${gate * value}`);
      }
    });
  }
  return lines.join("\n");
}

/** The logits of some tokens, and the highest. */
export function logitsBlock(pass: Pass): string {
  const tokens = [0, 1, 2, 3, 4, 5, 6, 7, 255, 256, 257, 258, 259];
  const best = pass.logits.indexOf(Math.max(...pass.logits));
  return [...tokens.map((token) => `logit of ${token}: ${pass.logits[token]}`), `highest: token ${best}`].join("\n");
}
