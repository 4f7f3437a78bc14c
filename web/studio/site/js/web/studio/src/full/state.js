// The state of a full program, as its tokens have left it: slots of locals and operands, memory, and the
// calls in progress. Of each value it also holds the step that wrote it.
import { PAGE } from "./described.js";
function grown(array, length, make) {
    if (length <= array.length)
        return array;
    const larger = make(Math.max(length, 2 * array.length));
    larger.set(array);
    return larger;
}
export class State {
    low = new Int32Array(256);
    high = new Int32Array(256);
    bits = new Uint8Array(256);
    writers = new Int32Array(256);
    pages = new Map();
    /** The memory's length in pages. */
    length = 0;
    calls = [];
    globals = [];
    /** The bytes of memory that the latest store of a step wrote. */
    stored;
    /** The state before a run. */
    static of({ memory, globals }) {
        const state = new State();
        state.length = memory?.pages ?? 0;
        for (const [address, hex] of memory?.data ?? []) {
            for (let i = 0; 2 * i < hex.length; i += 1)
                state.store(address + i, parseInt(hex.slice(2 * i, 2 * i + 2), 16), -1);
        }
        state.globals = globals.map(([type, low, high]) => ({ low: low | 0, high: high | 0, bits: type.endsWith("64") ? 64 : 32, writer: -1 }));
        return state;
    }
    copy() {
        const copy = new State();
        [copy.low, copy.high, copy.bits, copy.writers] = [this.low.slice(), this.high.slice(), this.bits.slice(), this.writers.slice()];
        copy.pages = new Map([...this.pages].map(([at, { bytes, writers }]) => [at, { bytes: bytes.slice(), writers: writers.slice() }]));
        copy.length = this.length;
        copy.calls = this.calls.map((call) => ({ ...call }));
        copy.globals = this.globals.map((global) => ({ ...global }));
        copy.stored = this.stored;
        return copy;
    }
    /** The value in a slot; 0 if nothing was written there. */
    slot(slot) {
        const bits = this.bits[slot] ?? 0;
        if (bits === 0)
            return { low: 0, high: 0, bits: 32, writer: -2 };
        return { low: this.low[slot], high: this.high[slot], bits, writer: this.writers[slot] };
    }
    /** Makes a slot one that nothing was written to. */
    clear(slot) {
        if (slot < this.bits.length)
            this.bits[slot] = 0;
    }
    put(slot, { low, high, bits, writer }) {
        this.low = grown(this.low, slot + 1, (length) => new Int32Array(length));
        this.high = grown(this.high, slot + 1, (length) => new Int32Array(length));
        this.bits = grown(this.bits, slot + 1, (length) => new Uint8Array(length));
        this.writers = grown(this.writers, slot + 1, (length) => new Int32Array(length));
        this.low[slot] = low;
        this.high[slot] = bits === 64 ? high : 0;
        this.bits[slot] = bits;
        this.writers[slot] = writer;
    }
    /** A byte of memory, and the step that wrote it. */
    byte(address) {
        const page = this.pages.get(Math.floor(address / PAGE));
        if (page === undefined)
            return { byte: 0, writer: -2 };
        return { byte: page.bytes[address % PAGE], writer: page.writers[address % PAGE] };
    }
    store(address, byte, writer) {
        const at = Math.floor(address / PAGE);
        let page = this.pages.get(at);
        if (page === undefined) {
            page = { bytes: new Uint8Array(PAGE), writers: new Int32Array(PAGE).fill(-2) };
            this.pages.set(at, page);
        }
        page.bytes[address % PAGE] = byte;
        page.writers[address % PAGE] = writer;
    }
    /** Runs of bytes that are not 0, by address. */
    *written() {
        for (const [at, { bytes }] of [...this.pages].sort(([a], [b]) => a - b)) {
            for (let i = 0; i < PAGE; i += 1)
                if (bytes[i] !== 0)
                    yield [at * PAGE + i, bytes[i]];
        }
    }
}
