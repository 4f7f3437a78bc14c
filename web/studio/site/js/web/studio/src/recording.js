// A run of a program by the network, which can be looked into at any step; and beside it the reference VM's.
import { Host, Session, Vm, argmax, show } from "../../../engines/typescript/src/index.js";
import { expose } from "./xray.js";
/** Steps that a page records before it cuts a run off; each keeps its row, so that its pass can be made again. */
export const LIMIT = 200_000;
/** How a run ended, in words: those of the terminal REPL. */
export function ending({ end, trap }) {
    return end === "trap" && trap !== undefined ? `trap: ${trap}` : end;
}
/** A run that is made step by step. */
export class Recording {
    machine;
    listing;
    files;
    pcs = [];
    tokens = [];
    host;
    vm;
    difference;
    /** Rows before the one that executes step 0. */
    before;
    /** How often each pc was executed, and its latest token. */
    visits = new Map();
    session;
    rows = [];
    next;
    constructor(machine, listing, files) {
        this.machine = machine;
        this.listing = listing;
        this.files = files;
        this.host = new Host(listing, files, machine.model.config);
        this.vm = new Vm(listing, files);
        this.session = new Session(machine.model);
        this.next = this.host.begin();
        this.before = this.next.rows.length - 1;
    }
    /** Steps made so far. */
    get length() {
        return this.pcs.length;
    }
    /** How the run ended, once it has. */
    get end() {
        return this.host.end;
    }
    /** Makes one step: one forward pass, or for the first one a pass for each row of the prompt. */
    step() {
        if (this.next === undefined)
            return;
        this.rows.push(this.next.rows.at(-1));
        const token = argmax(this.session.logits(this.next));
        const pc = this.host.pc;
        const count = (this.visits.get(pc)?.count ?? 0) + 1;
        this.visits.set(pc, { count, token });
        this.pcs.push(pc);
        this.tokens.push(token);
        this.compare(pc, token);
        this.next = this.host.accept(token);
    }
    /** Makes steps until the run ends, the limit of steps is reached, or the time is over (as of performance.now). */
    advance(until, limit) {
        for (let i = 1; this.end === undefined && this.length < limit; i += 1) {
            this.step();
            if (i % 16 === 0 && performance.now() > until)
                return;
        }
    }
    compare(pc, token) {
        const vm = this.vm.step();
        if (this.difference !== undefined)
            return;
        const [network, other] = [this.nameOf(token), String(vm?.report ?? "the end")];
        if (vm === undefined || vm.pc !== pc || network !== other) {
            this.difference = { step: this.length - 1, network: `${network} at pc ${pc}`, vm: `${other} at pc ${vm?.pc ?? "none"}` };
        }
    }
    /** A token as text: a byte, or the special's name. */
    nameOf(token) {
        if (token < 256)
            return String(token);
        for (const [name, id] of this.machine.model.config.specialTokens)
            if (id === token)
                return name;
        return `token ${token}`;
    }
    /** The instruction of a step as text. */
    instruction(step) {
        return show(this.listing[this.pcs[step]]);
    }
    /** The forward pass of a step, made once more and looked into; and the sequence with its row. */
    examine(step) {
        const session = this.session.rewound(this.before + step);
        const row = this.rows[step];
        if (row === undefined)
            throw new RangeError(`there is no step ${step}`);
        const pass = expose(this.machine, session, row);
        const [pc, token] = [this.pcs[step], this.tokens[step]];
        return { xray: { step, row: this.before + step, pc, instruction: this.instruction(step), token, ...pass }, session };
    }
    /**
     * The network after the steps made so far: at the row that comes next, or at the last one where its step ended the run,
     * for such a step changes no state.
     */
    latest() {
        if (this.next === undefined) {
            const { xray, session } = this.examine(this.length - 1);
            return { pass: xray, session };
        }
        const session = this.session.rewound(this.before + this.length);
        for (const row of this.next.stores)
            session.writeStore(row);
        return { pass: expose(this.machine, session, this.next.rows.at(-1)), session };
    }
    /** What a row of the sequence is. */
    place(row) {
        if (row > this.before)
            return `step ${row - this.before - 1}'s token`;
        if (row === 0)
            return "start";
        const pc = Math.floor((row - 1) / 2);
        const instr = this.listing[pc];
        const text = instr === undefined ? "" : show(instr);
        return row % 2 === 1 ? `opcode at pc ${pc}, ${text}` : `operand at pc ${pc}, ${text}`;
    }
}
