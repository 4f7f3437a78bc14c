// The state that a program leaves: as the network's attention sees it, and beside it the state of the
// reference VM.
import { h } from "./dom.js";
import { probe } from "./probe.js";
import { ending, LIMIT } from "./recording.js";
import { chips } from "./seen-view.js";
import { showBytes } from "./source.js";
/** From this many values on a stack is not listed a second time. */
const DEEP = 16;
/** Bytes as numbers, and as text if they are text. */
function withText(bytes) {
    const text = showBytes(bytes);
    return text.startsWith('"') ? `${bytes.join(" ")}  ${text}` : bytes.join(" ");
}
/**
 * The state of a run beside that of the reference VM, and whether the two agree. `done` means that no more
 * steps are made; `took` is in milliseconds.
 */
export function stateView(recording, done, took) {
    const { machine, vm, host } = recording;
    // Nothing but the halt that ends every program.
    if (recording.listing.length === 1 && recording.files.every((bytes) => bytes.length === 0)) {
        const first = "Type an instruction, such as i32.const 5: the network executes it at once, and a reference VM beside it.";
        return [h("h2", {}, "State"), h("p", { class: "soft", id: "stack" }, first)];
    }
    const { pass, session } = recording.latest();
    const depth = pass.layers[1]?.ffn[machine.lane("depth")] ?? 0;
    const seen = probe(machine, session, depth);
    const unended = done ? `cut off after ${LIMIT} steps` : "running";
    const cells = (of) => [...of]
        .filter(([, value]) => value !== 0)
        .map(([at, value]) => `${at}: ${value}`)
        .join(", ") || "all 0";
    const rows = [
        ["Stack", seen.stack.join(" "), vm.stack.join(" ")],
        ["Locals", cells(seen.locals), cells(vm.locals.entries())],
        ["Memory", cells(seen.memory), cells(vm.memory.entries())],
        ["Output", withText(host.outputs), withText(vm.outputs)],
        ...host.files.map((bytes, file) => [`File ${file}`, showBytes(bytes), showBytes(vm.files[file] ?? [])]),
        ["Ends by", ending(host) ?? unended, ending(vm) ?? unended],
    ];
    const passes = recording.before + recording.length;
    const difference = recording.difference;
    const agree = difference === undefined && rows.every(([, network, reference]) => network === reference);
    const verdict = agree
        ? `Every token of ${recording.length} step${recording.length === 1 ? "" : "s"} is the reference VM's.`
        : `The network and the reference VM differ${difference === undefined ? "." : ` at step ${difference.step}: ${difference.network}, ${difference.vm}.`}`;
    const stack = h("div", { class: "chips", id: "stack", role: "group", "aria-label": "Operand stack, bottom first" }, ...chips(seen.stack));
    const short = (name, text, length) => (name === "Stack" && length > DEEP ? `${length} values` : text);
    return [
        h("div", { class: "row" }, h("h2", {}, done ? "State" : "State, while it runs"), h("span", { class: "soft small", id: "passes" }, `${passes} forward passes in ${Math.round(took)} ms`)),
        h("p", { class: "soft small" }, "Stack, locals and memory are what the network's own heads retrieve when asked for each depth, index and address. Outputs and files are kept by the host."),
        seen.stack.length > 0 ? stack : h("p", { class: "soft", id: "stack" }, "The stack is empty."),
        h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "State" }, h("table", { class: "values" }, h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, "network"), h("th", { scope: "col" }, "reference VM"))), h("tbody", {}, ...rows.map(([name, network, reference]) => h("tr", { class: network !== reference ? "differs" : "" }, h("th", { scope: "row" }, name), h("td", {}, network === reference ? short(name, network, seen.stack.length) : network), h("td", {}, network === reference ? short(name, reference, vm.stack.length) : reference)))))),
        h("p", { class: agree ? "verdict good" : "verdict error", id: "verdict" }, verdict),
    ];
}
/** What a screen reader says of a run that has ended. */
export function announcement({ tokens, vm, host, ...recording }) {
    const token = tokens.at(-1);
    const last = tokens.length > 1 ? `The last instruction gave ${tokens.at(-2)}. ` : "";
    const end = token === undefined ? "" : (ending({ end: host.end, trap: host.trap }) ?? "cut off");
    const stack = vm.stack.length === 0 ? "The stack is empty." : `The stack, top first: ${[...vm.stack].reverse().slice(0, 8).join(", ")}.`;
    const differs = recording.difference === undefined ? "" : " The network and the reference VM differ.";
    return end === "halt" ? `${last}${stack}${differs}` : `Ends by ${end}.${differs}`;
}
