// The state before a step, as the network's attention sees it: stack, locals, memory and files; and what was
// output so far.
import { h } from "./dom.js";
import { probe } from "./probe.js";
import { showBytes } from "./source.js";
/** The most values of a stack that are shown; the top ones. */
export const MOST = 40;
/** Values of a stack, bottom first. */
export function chips(stack) {
    const hidden = Math.max(0, stack.length - MOST);
    const shown = stack.slice(hidden);
    const more = hidden > 0 ? [h("span", { class: "soft small" }, `${hidden} below, then`)] : [];
    return [...more, ...shown.map((value, index) => h("span", { class: index === shown.length - 1 ? "chip top" : "chip" }, value))];
}
/**
 * The bytes of a file, which cross-attention finds by their offsets. A store has a row for each offset, and 0
 * where the file has ended; so of a file that was longer at the start, the zeros count.
 */
function fileOf(machine, session, file, atLeast) {
    const rows = session.rowsOf(...machine.head(`file ${file}`));
    const bytes = [];
    for (let row = 0; row < rows.length; row += 1)
        bytes[rows.place(row)] = rows.value(row)[0] ?? 0;
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
    return bytes.slice(0, Math.max(end, atLeast));
}
/** The panel's contents for a step. */
export function seenView(machine, recording, session, xray) {
    const seen = probe(machine, session, xray.layers[1]?.ffn[machine.lane("depth")] ?? 0);
    const listed = (cells) => [...cells].map(([at, value]) => `${at}: ${value}`).join(", ") || "none written";
    const files = recording.files.length > 0 ? recording.files : [[], [], [], []];
    const held = files.flatMap((start, file) => {
        const bytes = fileOf(machine, session, file, start.length);
        return bytes.length === 0 ? [] : [[`file ${file}`, showBytes(bytes)]];
    });
    const rows = [
        ["stack", `${seen.stack.length} deep`],
        ["locals", listed(seen.locals)],
        ["memory", listed(seen.memory)],
        ["output", showBytes(recording.outputsBefore(xray.step)) || "none"],
        ...held,
    ];
    return [
        h("h2", {}, "Before this step"),
        h("p", { class: "soft small" }, "as attention sees it"),
        h("div", { class: "chips" }, ...chips(seen.stack)),
        h("table", { class: "values" }, h("tbody", {}, ...rows.map(([name, text]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, text))))),
    ];
}
