// The table of instructions, and the conversion of listings from text to opcode and operand bytes.
const row = (mnemonic, opcode, immediate, pops, pushes) => ({
    mnemonic,
    opcode,
    immediate,
    pops,
    pushes,
});
export const TABLE = [
    row("i32.const", 0x41, "value", 0, 1),
    row("i32.add", 0x6a, "none", 2, 1),
    row("i32.sub", 0x6b, "none", 2, 1),
    row("i32.mul", 0x6c, "none", 2, 1),
    row("i32.and", 0x71, "none", 2, 1),
    row("i32.or", 0x72, "none", 2, 1),
    row("i32.eq", 0x46, "none", 2, 1),
    row("i32.ne", 0x47, "none", 2, 1),
    row("i32.lt_s", 0x48, "none", 2, 1),
    row("i32.gt_s", 0x4a, "none", 2, 1),
    row("i32.le_s", 0x4c, "none", 2, 1),
    row("i32.ge_s", 0x4e, "none", 2, 1),
    row("i32.load", 0x28, "offset", 1, 1),
    row("i32.store", 0x36, "offset", 2, 0),
    row("local.get", 0x20, "local", 0, 1),
    row("local.set", 0x21, "local", 1, 0),
    row("local.tee", 0x22, "local", 1, 1),
    row("fd_open", 0xf0, "none", 1, 1),
    row("fd_read", 0xf1, "none", 1, 1),
    row("fd_write", 0xf2, "none", 2, 0),
    row("fd_close", 0xf3, "none", 1, 0),
    row("loop", 0x03, "none", 0, 0),
    row("end_loop", 0x0b, "none", 0, 0),
    row("br_if", 0x0d, "depth", 1, 0),
    row("output", 0xf8, "none", 1, 0),
    row("halt", 0x0f, "none", 0, 0),
];
const BY_MNEMONIC = new Map(TABLE.map((instruction) => [instruction.mnemonic, instruction]));
const BY_OPCODE = new Map(TABLE.map((instruction) => [instruction.opcode, instruction]));
/** The opcode byte of a mnemonic of the table. */
export function opcode(mnemonic) {
    const instruction = BY_MNEMONIC.get(mnemonic);
    if (instruction === undefined)
        throw new Error(`${mnemonic} is not in the profile`);
    return instruction.opcode;
}
/** One instruction as text, in the spelling of `wasmformer`. */
export function show([op, arg]) {
    const instruction = BY_OPCODE.get(op);
    if (instruction === undefined)
        return `0x${op.toString(16)} ${arg}`;
    const { mnemonic, immediate } = instruction;
    if (immediate === "none")
        return mnemonic;
    if (immediate === "offset")
        return arg === 0 ? mnemonic : `${mnemonic} offset=${arg}`;
    return `${mnemonic} ${arg}`;
}
/**
 * Parses a line: one instruction in the spelling of traces, or nothing. `;;` begins a comment. A pc before
 * the instruction is ignored.
 */
export function parseLine(line) {
    const words = line.replace(/;;.*/, "").trim().split(/\s+/);
    if (/^\d+$/.test(words[0] ?? ""))
        words.shift();
    const mnemonic = words.shift() ?? "";
    if (mnemonic === "")
        return undefined;
    const fail = (what) => {
        throw new Error(`${mnemonic} ${what}`);
    };
    const { opcode: op, immediate } = BY_MNEMONIC.get(mnemonic) ?? fail("is not in the profile");
    let operand = words.shift();
    if (words.length > 0 || (immediate === "none" && operand !== undefined))
        fail("has too many operands");
    if (immediate === "offset")
        operand = operand === undefined ? "0" : /^offset=(.*)$/.exec(operand)?.[1];
    if (immediate === "none")
        operand = "0";
    if (operand === undefined || !/^\d+$/.test(operand) || Number(operand) > 255) {
        fail(immediate === "offset" ? "needs offset=N, N from 0 to 255" : "needs an operand of 0 to 255");
    }
    return [op, Number(operand)];
}
/**
 * Parses a listing: one instruction per line, in the format of `parseLine`. A missing final `halt` is added.
 * Throws an Error that names the line. Only spelling and operands are checked; `check` checks the other rules
 * of the profile.
 */
export function parseListing(text) {
    const listing = [];
    text.split("\n").forEach((line, index) => {
        try {
            const instr = parseLine(line);
            if (instr !== undefined)
                listing.push(instr);
        }
        catch (error) {
            throw new Error(`line ${index + 1}: ${error instanceof Error ? error.message : String(error)}`);
        }
    });
    const last = listing.findLast(([op]) => op !== opcode("end_loop"));
    if (last === undefined || last[0] !== opcode("halt"))
        listing.push([opcode("halt"), 0]);
    return listing;
}
