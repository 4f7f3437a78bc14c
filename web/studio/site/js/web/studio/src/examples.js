// The examples of the byte machine in a list: a few to begin with, then all of them by the group of their
// tests.
import { h } from "./dom.js";
/** Examples to begin with, and what they show. */
const FIRST = new Map([
    ["core-arithmetic-logic/addition/wrap-at-256", "Addition wraps at 256"],
    ["core-arithmetic-logic/expressions/horner-polynomial", "A polynomial, by Horner's rule"],
    ["filesystem/writing/write-then-reopen", "A file is written and read again"],
    ["long/three-nested-loops", "Three loops, one inside the other"],
]);
/** What an example is called. */
export const titleOf = ({ path }) => FIRST.get(path) ?? path.replaceAll("-", " ").replaceAll("/", " / ");
/** The examples as the contents of a select. */
export function exampleOptions(examples) {
    const groupOf = ({ path }) => path.split("/")[0] ?? "";
    const group = (label, members, name) => h("optgroup", { label }, ...members.map((example) => h("option", { value: example.path }, name(example))));
    const rest = examples.filter(({ path }) => !FIRST.has(path));
    const first = [...FIRST.keys()].flatMap((path) => examples.filter((example) => example.path === path));
    return [
        group("start here", first, titleOf),
        ...[...new Set(rest.map(groupOf))].map((label) => group(label.replaceAll("-", " "), rest.filter((example) => groupOf(example) === label), ({ path }) => path.slice(label.length + 1).replaceAll("-", " "))),
    ];
}
