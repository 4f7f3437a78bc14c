// A module of the lines that were typed so far in the REPL, in WebAssembly's text format: fields of the
// module and instructions, flat or folded, in any order.
//
// The instructions are those of a function without results. Whatever they leave on the stack, an unreachable
// at their end makes the function valid: the run ends by that trap, and the state before it is what the
// instructions have made.

/** A part of a module: a field or a sequence of instructions, with the line where it begins, from 0. */
interface Piece {
  text: string;
  line: number;
}

/** What was typed, as a module. */
export interface Assembled {
  text: string;
  /** The typed line of each line of the text, both counted from 0; −1 for lines that were added. */
  lines: number[];
  /** The blocks and parentheses that are not closed yet: while there are any, nothing can be run. */
  open: number;
  /** What was added without being typed, in words. */
  added: string[];
}

const FIELD = /^\(\s*(memory|global|func|table|data|elem|import|type|export|start)(?![\w.])/;
const LOCAL = /^\(\s*local(?![\w.])/;
const HOST: Record<string, string> = {
  $output: '(import "host" "output" (func $output (param i32)))',
  $error: '(import "host" "error" (func $error (param i32)))',
};

/** A line without its comment and its strings, in which parentheses and words can be counted. */
const bare = (line: string): string => line.replace(/"(\\.|[^"\\])*"/g, '""').replace(/;;.*/, "");

const nesting = (line: string): number => (line.match(/\(/g)?.length ?? 0) - (line.match(/\)/g)?.length ?? 0);

/** The blocks that a flat line opens, less those that it closes. */
function blocks(line: string): number {
  let flat = line;
  for (let before = ""; flat !== before; ) [before, flat] = [flat, flat.replace(/\([^()]*\)/g, " ")];
  const words = flat.split(/\s+/);
  return words.filter((word) => ["block", "loop", "if"].includes(word)).length - words.filter((word) => word === "end").length;
}

/** The pieces of what was typed; a piece goes on until its parentheses are closed. */
function pieces(typed: readonly string[]): { pieces: Piece[]; open: number } {
  const found: Piece[] = [];
  let depth = 0;
  typed.forEach((line, index) => {
    const last = found.at(-1);
    if (depth > 0 && last !== undefined) last.text += `\n${line}`;
    else found.push({ text: line, line: index });
    depth = Math.max(0, depth + nesting(bare(line)));
  });
  return { pieces: found, open: depth };
}

/** The locals that instructions name by number and nobody has declared: they are i32. */
function undeclared(text: string, declared: readonly Piece[]): number {
  if (declared.length > 0) return 0;
  const used = [...text.matchAll(/\blocal\.(?:get|set|tee)\s+(\d+)/g)].map(([, index]) => Number(index));
  return Math.min(1000, Math.max(-1, ...used) + 1);
}

/** Makes a module of what was typed. */
export function assemble(typed: readonly string[]): Assembled {
  const { pieces: all, open } = pieces(typed);
  const fields = all.filter(({ text }) => FIELD.test(text.trim()));
  const locals = all.filter(({ text }) => LOCAL.test(text.trim()));
  const instructions = all.filter((piece) => !fields.includes(piece) && !locals.includes(piece));
  const code = instructions.map(({ text }) => bare(text)).join("\n");
  const whole = typed.map(bare).join("\n");
  const added: string[] = [];
  const lines: number[] = [];
  const text: string[] = [];
  const put = (part: string, line: number): void => {
    part.split("\n").forEach((one, i) => {
      text.push(one);
      lines.push(line < 0 ? -1 : line + i);
    });
  };
  const add = (part: string, says: string): void => {
    put(part, -1);
    added.push(says);
  };
  const isImport = ({ text: field }: Piece): boolean => field.includes("(import") || /^\(\s*import\b/.test(field.trim());
  put("(module", -1);
  for (const [name, text] of Object.entries(HOST)) {
    const isUsed = new RegExp(`\\bcall\\s+\\${name}(?![\\w.])`).test(whole);
    if (isUsed && !whole.includes(`func ${name} `)) add(text, `${name}, a function of the host`);
  }
  for (const field of fields.filter(isImport)) put(field.text, field.line);
  if (/\b(load|store|memory\.)/.test(whole) && !fields.some(({ text }) => /\(\s*memory(?![\w.])/.test(text))) {
    add("(memory 1)", "a memory of one page");
  }
  for (const field of fields.filter((other) => !isImport(other))) put(field.text, field.line);
  put('(func (export "main")', -1);
  for (const local of locals) put(local.text, local.line);
  const count = undeclared(code, locals);
  if (count > 0) add(`(local${" i32".repeat(count)})`, count === 1 ? "local 0, an i32" : `the locals 0 to ${count - 1}, i32`);
  for (const instruction of instructions) put(instruction.text, instruction.line);
  put("unreachable))", -1);
  const isOpen = instructions.reduce((sum, { text }) => sum + blocks(bare(text)), 0);
  return { text: `${text.join("\n")}\n`, lines, open: open + Math.max(0, isOpen), added };
}
