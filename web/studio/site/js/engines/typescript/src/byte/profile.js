// The rules of the profile, which say which listings are programs. The rules and their messages are those of
// src/byte/profile.rs.
import { opcode, TABLE } from "./isa.js";
const MAX_INSTRUCTIONS = 2048;
const FILES = 4;
const ROWS = new Map(TABLE.map((row) => [row.opcode, row]));
const [CONST, LOOP, END_LOOP, BR_IF, HALT] = ["i32.const", "loop", "end_loop", "br_if", "halt"].map(opcode);
const DESCRIPTORS = new Set(["fd_open", "fd_read", "fd_write", "fd_close"].map(opcode));
/** A rule that a listing breaks, and the pc at which the listing breaks it, if there is one. */
export class Refusal extends Error {
    pc;
    constructor(reason, pc) {
        super(reason);
        this.pc = pc;
    }
}
/** Throws a Refusal for the first rule that a listing breaks. */
export function check(listing) {
    if (listing.length > MAX_INSTRUCTIONS)
        throw new Refusal(`the program has ${listing.length} instructions; at most ${MAX_INSTRUCTIONS} fit`);
    const last = listing.findLastIndex(([op]) => op !== END_LOOP);
    const open = [];
    let height = 0;
    listing.forEach(([op, arg], pc) => {
        const refuse = (reason) => {
            throw new Refusal(reason, pc);
        };
        const { mnemonic, pops, pushes } = ROWS.get(op) ?? refuse(`0x${op.toString(16)} is not in the profile`);
        const floor = open.at(-1)?.entry ?? 0;
        if (height < floor + pops)
            refuse(`${mnemonic} needs ${pops} operand(s) here, but the stack of this block holds ${height - floor}`);
        const [before, descriptor] = listing[pc - 1] ?? [0, 0];
        if (DESCRIPTORS.has(op) && (before !== CONST || descriptor >= FILES)) {
            refuse(`the descriptor of ${mnemonic} must be an i32.const 0..=${FILES - 1} directly before it`);
        }
        height += pushes - pops;
        if (op === LOOP)
            open.push({ pc, entry: height });
        if (op === END_LOOP) {
            const { entry } = open.pop() ?? refuse("end_loop without loop");
            // An end_loop after the last halt cannot be reached, so the stack may have any height there.
            if (pc > last)
                height = entry;
            else if (height > entry + 1)
                refuse(`this loop leaves ${height - entry} values; a loop may leave one at most`);
        }
        if (op === BR_IF) {
            const { entry } = open.at(-1 - arg) ?? refuse(`br_if ${arg} has no enclosing loop of that depth`);
            if (height !== entry)
                refuse(`this br_if, when taken, would unwind ${height - entry} value(s) from the operand stack`);
        }
    });
    const unclosed = open.at(-1);
    if (unclosed !== undefined)
        throw new Refusal("loop without end_loop", unclosed.pc);
    if (listing[last]?.[0] !== HALT)
        throw new Refusal("the listing ends without halt");
}
/**
 * A listing that is still being written, with a halt added and its open loops closed. A listing that ends
 * with a halt already is not changed.
 */
export function soFar(listing) {
    if (listing.findLast(([op]) => op !== END_LOOP)?.[0] === HALT)
        return [...listing];
    const count = (op) => listing.filter(([other]) => other === op).length;
    const open = Math.max(0, count(LOOP) - count(END_LOOP));
    return [...listing, [HALT ?? 0, 0], ...Array.from({ length: open }, () => [END_LOOP ?? 0, 0])];
}
