// A module of the lines that were typed so far in the REPL, in WebAssembly's text format: fields of the
// module and instructions, flat or folded, in any order.
//
// The instructions are those of a function without results. Whatever they leave on the stack, an unreachable
// at their end makes the function valid: the run ends by that trap, and the state before it is what the
// instructions have made.
const FIELD = /^\(\s*(memory|global|func|table|data|elem|import|type|export|start)(?![\w.])/;
const LOCAL = /^\(\s*local(?![\w.])/;
const HOST = {
    $output: '(import "host" "output" (func $output (param i32)))',
    $error: '(import "host" "error" (func $error (param i32)))',
};
/** A line without its comment and its strings, in which parentheses and words can be counted. */
const bare = (line) => line.replace(/"(\\.|[^"\\])*"/g, '""').replace(/;;.*/, "");
const nesting = (line) => (line.match(/\(/g)?.length ?? 0) - (line.match(/\)/g)?.length ?? 0);
/** The blocks that a flat line opens, less those that it closes. */
function blocks(line) {
    let flat = line;
    for (let before = ""; flat !== before;)
        [before, flat] = [flat, flat.replace(/\([^()]*\)/g, " ")];
    const words = flat.split(/\s+/);
    return words.filter((word) => ["block", "loop", "if"].includes(word)).length - words.filter((word) => word === "end").length;
}
/** The pieces of what was typed; a piece goes on until its parentheses are closed. */
function pieces(typed) {
    const found = [];
    let depth = 0;
    typed.forEach((line, index) => {
        const last = found.at(-1);
        if (depth > 0 && last !== undefined)
            last.text += `\n${line}`;
        else
            found.push({ text: line, line: index });
        depth = Math.max(0, depth + nesting(bare(line)));
    });
    return { pieces: found, open: depth };
}
/** The locals that instructions name by number and nobody has declared: they are i32. */
function undeclared(text, declared) {
    if (declared.length > 0)
        return 0;
    const used = [...text.matchAll(/\blocal\.(?:get|set|tee)\s+(\d+)/g)].map(([, index]) => Number(index));
    return Math.min(1000, Math.max(-1, ...used) + 1);
}
/** Makes a module of what was typed. */
export function assemble(typed) {
    const { pieces: all, open } = pieces(typed);
    const fields = all.filter(({ text }) => FIELD.test(text.trim()));
    const locals = all.filter(({ text }) => LOCAL.test(text.trim()));
    const instructions = all.filter((piece) => !fields.includes(piece) && !locals.includes(piece));
    const code = instructions.map(({ text }) => bare(text)).join("\n");
    const whole = typed.map(bare).join("\n");
    const added = [];
    const lines = [];
    const text = [];
    const put = (part, line) => {
        part.split("\n").forEach((one, i) => {
            text.push(one);
            lines.push(line < 0 ? -1 : line + i);
        });
    };
    const add = (part, says) => {
        put(part, -1);
        added.push(says);
    };
    const isImport = ({ text: field }) => field.includes("(import") || /^\(\s*import\b/.test(field.trim());
    put("(module", -1);
    for (const [name, text] of Object.entries(HOST)) {
        const isUsed = new RegExp(`\\bcall\\s+\\${name}(?![\\w.])`).test(whole);
        if (isUsed && !whole.includes(`func ${name} `))
            add(text, `${name}, a function of the host`);
    }
    for (const field of fields.filter(isImport))
        put(field.text, field.line);
    if (/\b(load|store|memory\.)/.test(whole) && !fields.some(({ text }) => /\(\s*memory(?![\w.])/.test(text))) {
        add("(memory 1)", "a memory of one page");
    }
    for (const field of fields.filter((other) => !isImport(other)))
        put(field.text, field.line);
    put('(func (export "main")', -1);
    for (const local of locals)
        put(local.text, local.line);
    const count = undeclared(code, locals);
    if (count > 0)
        add(`(local${" i32".repeat(count)})`, count === 1 ? "local 0, an i32" : `the locals 0 to ${count - 1}, i32`);
    for (const instruction of instructions)
        put(instruction.text, instruction.line);
    put("unreachable))", -1);
    const isOpen = instructions.reduce((sum, { text }) => sum + blocks(bare(text)), 0);
    return { text: `${text.join("\n")}\n`, lines, open: open + Math.max(0, isOpen), added };
}
