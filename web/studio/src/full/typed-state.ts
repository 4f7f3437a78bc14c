// The state that typed instructions leave, as the network's tokens tell it, beside the reference VM's.

import type { FullEnd } from "../../../../engines/typescript/src/index.js";
import { h } from "../dom.js";
import { PAGE, type Reference } from "./described.js";
import type { Runner } from "./runner.js";
import { frames } from "./stack-view.js";
import type { State } from "./state.js";
import type { Tape } from "./tape.js";
import { hex, show, text } from "./value.js";

/** The most runs of bytes of memory that are listed. */
const MOST = 24;

/** A row of the comparison: equal or not is decided by the first two, shown are the others. */
interface Row {
  name: string;
  network: string;
  reference: string;
  shown?: [network: string, reference: string];
}

/** Bytes that are not 0, in runs, each with its address. */
function runs(state: State): [address: number, hex: string][] {
  const found: [number, string][] = [];
  let next = -1;
  for (const [address, byte] of state.written()) {
    const last = found.at(-1);
    if (last !== undefined && address === next) last[1] += byte.toString(16).padStart(2, "0");
    else found.push([address, byte.toString(16).padStart(2, "0")]);
    next = address + 1;
  }
  return found;
}

const listed = (memory: readonly (readonly [number, string])[]): string =>
  memory.length === 0 ? "all 0" : memory.slice(0, MOST).map(([address, bytes]) => `${address}: ${bytes}`).join(", ") + (memory.length > MOST ? ` and ${memory.length - MOST} runs more` : "");

function named(end: FullEnd): string {
  if (end.kind === "trap") return `trap: ${end.name}`;
  if (end.kind === "exit") return `exited with ${end.status}`;
  return end.kind === "halt" ? "returned" : end.kind;
}

/** The state before the last step: the last one is the trap by which typed instructions end. */
export function comparison(runner: Runner, tape: Tape): HTMLElement[] {
  const { progress } = runner;
  const { program } = tape;
  const passes = h("span", { class: "soft small", id: "passes" }, `${progress.prompted + tape.rows.length} forward passes in ${Math.round(progress.took)} ms`);
  if (progress.end === undefined) {
    const heading = h("div", { class: "row" }, h("h2", {}, "State"), passes);
    return [heading, h("p", { class: "soft", id: "stack" }, progress.status === "resting" ? "It has run for long, and rests." : "It runs.")];
  }
  const { reference } = program;
  const last = Math.max(0, tape.length - 1);
  const pc = tape.pc(last);
  const state = tape.before(last);
  const all = frames(program, state, program.code[pc]?.h ?? 0);
  const own = all.at(-1);
  const isWhole = progress.end.kind === "trap" && pc === program.code.findLastIndex(({ x }) => x === "unreachable");
  const rows = reference === undefined ? [] : compared(tape, state, reference, last, all, named(progress.end), isWhole);
  const differing = rows.filter(({ network, reference: other }) => network !== other);
  const verdict =
    reference === undefined
      ? "The reference VM has not ended within its limit of steps."
      : differing.length === 0
        ? `After ${last} instruction${last === 1 ? "" : "s"} the network's state is the reference VM's.`
        : "The network and the reference VM differ.";
  const operands = own?.operands ?? [];
  return [
    h("div", { class: "row" }, h("h2", {}, "State"), passes),
    h("p", { class: "soft small" }, "Read from the tokens that the network emitted. The reference VM ran the same module in the command that serves this page."),
    operands.length === 0
      ? h("p", { class: "soft", id: "stack" }, "The stack is empty.")
      : h(
          "div",
          { class: "chips", id: "stack", role: "group", "aria-label": "Operand stack, bottom first" },
          ...operands.map((value, index) => h("span", { class: index === operands.length - 1 ? "chip top" : "chip", title: `0x${hex(value)}` }, show(value))),
        ),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "State" },
      h(
        "table",
        { class: "values" },
        h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, "network"), h("th", { scope: "col" }, "reference VM"))),
        h(
          "tbody",
          {},
          ...rows.map(({ name, network, reference: other, shown = [network, other] }) =>
            h("tr", { class: network === other ? "" : "differs" }, h("th", { scope: "row" }, name), h("td", {}, shown[0]), h("td", {}, shown[1])),
          ),
        ),
      ),
    ),
    h("p", { class: differing.length === 0 ? "verdict good" : "verdict error", id: "verdict", role: "status" }, verdict),
  ];
}

function compared(
  tape: Tape,
  state: State,
  reference: Reference,
  last: number,
  all: ReturnType<typeof frames>,
  end: string,
  isWhole: boolean,
): Row[] {
  const { program } = tape;
  const bytes = tape.outputBefore(last).map(({ byte }) => byte);
  const output = (of: readonly number[]): string => (of.length === 0 ? "none" : `${of.join(" ")}  ${JSON.stringify(text(of))}`);
  const network = all.map(({ name, locals, operands }) => ({
    function: name,
    locals: locals.map(({ type, value }) => show(value, type)),
    operands: operands.map((value) => hex(value)),
  }));
  const stack = (operands: readonly string[]): string => operands.map((operand) => `0x${operand}`).join(" ") || "empty";
  const calls = (of: readonly { function: string }[]): string => of.map((call) => call.function).join(" → ");
  const types = program.globals.map(([type]) => type);
  const [own, other] = [network.at(-1), reference.calls.at(-1)];
  const said = isWhole ? "nothing: more can be typed" : end;
  const rows: Row[] = [
    { name: "Stack", network: stack(own?.operands ?? []), reference: stack(other?.operands ?? []) },
    { name: "Locals", network: own?.locals.join(" ") || "none", reference: other?.locals.join(" ") || "none" },
    { name: "Globals", network: state.globals.map((value, i) => show(value, types[i])).join(" ") || "none", reference: reference.globals.join(" ") || "none" },
    { name: "Memory", network: listed(runs(state)), reference: listed(reference.memory) },
    { name: "Output", network: output(bytes), reference: output(reference.outputs) },
    { name: "Ends by", network: end, reference: reference.end ?? "", ...(end === reference.end ? { shown: [said, said] as [string, string] } : {}) },
  ];
  if (network.length > 1 || reference.calls.length > 1) rows.unshift({ name: "Calls", network: calls(network), reference: calls(reference.calls) });
  if (program.memory !== null) rows.splice(rows.length - 2, 0, { name: "Pages", network: `${state.length} of ${PAGE} bytes`, reference: `${reference.pages} of ${PAGE} bytes` });
  return rows;
}
