// A run of a full program on record: its tokens, its steps, and its state before any of them. Only tokens are
// kept, with a few states on the way; the state before a step is read from the tokens since the state before.
import { Decoder } from "./decoder.js";
import { State } from "./state.js";
/** The most states that are kept on the way. */
const KEPT = 24;
class Numbers {
    values = new Uint32Array(1 << 14);
    length = 0;
    push(value) {
        if (this.length === this.values.length) {
            const larger = new Uint32Array(2 * this.length);
            larger.set(this.values);
            this.values = larger;
        }
        this.values[this.length] = value;
        this.length += 1;
    }
    at(index) {
        return this.values[index];
    }
    slice(from, to) {
        return Array.from(this.values.subarray(from, to));
    }
}
export class Tape {
    program;
    /** The rows after the prompt. */
    rows = new Numbers();
    /** Per step: its pc, the row that completes it, and the number of calls in progress before it. */
    pcs = new Numbers();
    ends = new Numbers();
    depths = new Numbers();
    outs = [];
    deepest = 0;
    nextDepth = 1;
    found;
    head;
    kept = [];
    interval = 1 << 13;
    /** A decoder that follows the reader. */
    follower;
    constructor(program, tokens) {
        this.program = program;
        this.head = new Decoder(program, tokens, State.of(program), (pc, effect) => this.completed(pc, effect));
        this.kept.push({ rows: 0, decoder: this.head.copy(ignore) });
        this.follower = { rows: 0, decoder: this.head.copy(ignore) };
    }
    /** The number of steps recorded. */
    get length() {
        return this.pcs.length;
    }
    /** The pc of the instruction that would be next; −1 if the run has ended or not begun. */
    get next() {
        return this.head.ended ? -1 : this.head.running;
    }
    take(rows) {
        for (const row of rows) {
            this.rows.push(row);
            this.head.take(row);
            if (this.rows.length % this.interval === 0)
                this.keep();
        }
    }
    keep() {
        this.kept.push({ rows: this.rows.length, decoder: this.head.copy(ignore) });
        if (this.kept.length <= KEPT)
            return;
        this.interval *= 2;
        this.kept = this.kept.filter(({ rows }) => rows % this.interval === 0);
    }
    completed(pc, effect) {
        const step = this.pcs.length;
        // A call has been entered, and a return been left, when the step is complete.
        const depth = this.nextDepth;
        this.pcs.push(pc);
        this.ends.push(this.rows.length - 1);
        this.depths.push(depth);
        this.nextDepth = this.head.state.calls.length;
        this.deepest = Math.max(this.deepest, depth);
        if (effect.kind === "out" || effect.kind === "err")
            this.outs.push({ step, byte: effect.byte, isError: effect.kind === "err" });
    }
    pc(step) {
        return step < this.length ? this.pcs.at(step) : this.next;
    }
    depth(step) {
        return step < this.length ? this.depths.at(step) : this.nextDepth;
    }
    /** The rows of a step, counted from the row after the prompt. */
    span(step) {
        const from = step === 0 ? 0 : this.ends.at(step - 1) + 1;
        return [from, Math.max(from, this.ends.at(step) + 1)];
    }
    /** The step that a row belongs to; −1 for the rows before the first, or one that is not complete. */
    stepOf(row) {
        let [low, high] = [0, this.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.ends.at(middle) < row)
                low = middle + 1;
            else
                high = middle;
        }
        return low < this.length && row >= this.entered ? low : -1;
    }
    /** The number of rows before a step. */
    rowsBefore(step) {
        if (step > 0)
            return this.ends.at(step - 1) + 1;
        // The rows before the first step set up globals and call the function.
        return this.entered;
    }
    /** The number of rows before the first instruction of the program. */
    get entered() {
        if (this.found !== undefined)
            return this.found;
        const { decoder } = this.kept[0];
        const probe = decoder.copy(ignore);
        let rows = 0;
        while (probe.running < 0 && rows < this.rows.length)
            probe.take(this.rows.at(rows++));
        if (probe.running >= 0)
            this.found = rows;
        return rows;
    }
    /** The state before a step. It is only good until the next call. */
    before(step) {
        return this.decodedTo(this.rowsBefore(Math.min(step, this.length))).state;
    }
    decodedTo(rows) {
        if (this.follower.rows > rows) {
            const from = this.kept.findLast((kept) => kept.rows <= rows);
            this.follower = { rows: from.rows, decoder: from.decoder.copy(ignore) };
        }
        else {
            const nearer = this.kept.findLast((kept) => kept.rows <= rows);
            if (nearer !== undefined && nearer.rows > this.follower.rows)
                this.follower = { rows: nearer.rows, decoder: nearer.decoder.copy(ignore) };
        }
        for (; this.follower.rows < rows; this.follower.rows += 1)
            this.follower.decoder.take(this.rows.at(this.follower.rows));
        return this.follower.decoder;
    }
    /** What a step wrote. */
    effect(step) {
        let found = { kind: "none" };
        if (step >= this.length)
            return found;
        // In the fused form one row may complete several steps.
        const rows = Math.min(this.rowsBefore(step), this.ends.at(step));
        const decoder = this.decodedTo(rows);
        const reader = decoder.copy((_, effect) => {
            if (reader.steps === step)
                found = effect;
        });
        for (let row = rows; row <= this.ends.at(step); row += 1)
            reader.take(this.rows.at(row));
        return found;
    }
    /** The bytes output before a step. */
    outputBefore(step) {
        let [low, high] = [0, this.outs.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.outs[middle].step < step)
                low = middle + 1;
            else
                high = middle;
        }
        return this.outs.slice(0, low);
    }
    /** The first step from `from` on, in a direction, of which `is` holds; −1 if there is none on record. */
    find(from, by, is) {
        for (let step = from; step >= 0 && step < this.length; step += by)
            if (is(step))
                return step;
        return -1;
    }
}
const ignore = () => undefined;
