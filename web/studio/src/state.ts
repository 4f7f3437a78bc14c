// The state that a program leaves: as the network's attention sees it, and beside it the state of the
// reference VM.

import { h } from "./dom.js";
import { probe } from "./probe.js";
import { ending, LIMIT, type Recording } from "./recording.js";
import { showBytes } from "./source.js";

/** Bytes as numbers, and as text if they are text. */
function withText(bytes: readonly number[]): string {
  const text = showBytes(bytes);
  return text.startsWith('"') ? `${bytes.join(" ")}  ${text}` : bytes.join(" ");
}

/**
 * The state of a run beside that of the reference VM, and whether the two agree. `done` means that no more
 * steps are made; `took` is in milliseconds.
 */
export function stateView(recording: Recording, done: boolean, took: number): HTMLElement[] {
  const { machine, vm, host } = recording;
  const { pass, session } = recording.latest();
  const depth = pass.layers[1]?.ffn[machine.lane("depth")] ?? 0;
  const seen = probe(machine, session, depth);
  const unended = done ? `cut off after ${LIMIT} steps` : "running";
  const cells = (of: Iterable<readonly [number, number]>): string =>
    [...of]
      .filter(([, value]) => value !== 0)
      .map(([at, value]) => `${at}: ${value}`)
      .join(", ") || "all 0";
  const rows: [name: string, network: string, reference: string][] = [
    ["Stack", seen.stack.join(" "), vm.stack.join(" ")],
    ["Locals", cells(seen.locals), cells(vm.locals.entries())],
    ["Memory", cells(seen.memory), cells(vm.memory.entries())],
    ["Output", withText(host.outputs), withText(vm.outputs)],
    ...host.files.map((bytes, file): [string, string, string] => [`File ${file}`, showBytes(bytes), showBytes(vm.files[file] ?? [])]),
    ["Ends by", ending(host) ?? unended, ending(vm) ?? unended],
  ];
  const passes = recording.before + recording.length;
  const difference = recording.difference;
  const agree = difference === undefined && rows.every(([, network, reference]) => network === reference);
  const verdict = agree
    ? `Every token of ${recording.length} step${recording.length === 1 ? "" : "s"} is the reference VM's.`
    : `The network and the reference VM differ${difference === undefined ? "." : ` at step ${difference.step}: ${difference.network}, ${difference.vm}.`}`;
  const stack = h(
    "div",
    { class: "chips", id: "stack", "aria-label": "Operand stack, bottom first" },
    ...seen.stack.map((value, index) => h("span", { class: index === depth - 1 ? "chip top" : "chip" }, value)),
  );
  return [
    h(
      "div",
      { class: "row" },
      h("h2", {}, done ? "State" : "State, while it runs"),
      h("span", { class: "soft small", id: "passes" }, `${passes} forward passes in ${Math.round(took)} ms`),
    ),
    h(
      "p",
      { class: "soft small" },
      "Stack, locals and memory are what the network's own heads retrieve when asked for each depth, index and address. Outputs and files are kept by the host.",
    ),
    seen.stack.length > 0 ? stack : h("p", { class: "soft", id: "stack" }, "The stack is empty."),
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
          ...rows.map(([name, network, reference]) =>
            h(
              "tr",
              { class: network !== reference ? "differs" : "" },
              h("th", { scope: "row" }, name),
              h("td", {}, network),
              h("td", {}, reference),
            ),
          ),
        ),
      ),
    ),
    h("p", { class: agree ? "verdict good" : "verdict error", id: "verdict" }, verdict),
  ];
}
