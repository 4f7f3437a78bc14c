// What the heads of a family remember of the rows.
import { indexOf } from "./keys.js";
import { Table } from "./table.js";
const EMPTY = new Float64Array(0);
/**
 * The latest row of each distinct key, found by an index.
 *
 * Most rows of a sequence have a key that is never sought, the same one again and again. So values may wait:
 * they are copied only if their row is found, or if the row after it has another key.
 */
export class Distinct {
    isLate;
    table;
    index;
    /** The row whose values wait, or −1; and where these values are. */
    waiting = -1;
    from = EMPTY;
    at = 0;
    /** With `isLate`, what `add` gets must stay as it is until the next `add`. */
    constructor(keyWidth, valueWidth, isLate = false) {
        this.isLate = isLate;
        this.table = new Table(keyWidth, valueWidth);
        this.index = indexOf(this.table);
    }
    /** Copies the values that wait. */
    settle() {
        if (this.waiting >= 0)
            this.table.setValues(this.waiting, this.from, this.at);
        this.waiting = -1;
    }
    get seen() {
        return this.table;
    }
    add(place, from, key, value) {
        const { table, index } = this;
        const known = index.find(from, key);
        const row = known >= 0 ? known : table.length;
        // Rows of a store may come in any order.
        if (known >= 0 && place < table.places[known])
            return;
        if (this.waiting !== row)
            this.settle();
        if (known >= 0)
            table.places[row] = place;
        else
            table.setKey(row, place, from, key);
        if (this.isLate)
            [this.waiting, this.from, this.at] = [row, from, value];
        else
            table.setValues(row, from, value);
        if (known < 0)
            index.added();
    }
    best(query, at) {
        const row = this.index.best(query, at);
        if (row === this.waiting)
            this.settle();
        return row;
    }
}
/** The latest row of each distinct key, and a log of all rows. */
export class Logged extends Distinct {
    log;
    constructor(log) {
        super(log.keyWidth, log.valueWidth);
        this.log = log;
    }
    get seen() {
        return this.log;
    }
    add(place, from, key, value) {
        super.add(place, from, key, value);
        this.log.set(this.log.length, place, from, key, value);
    }
}
/** All rows, each of which is scored. */
export class Every {
    table;
    constructor(table) {
        this.table = table;
    }
    get seen() {
        return this.table;
    }
    add(place, from, key, value) {
        this.table.set(this.table.length, place, from, key, value);
    }
    best(query, at) {
        return this.table.best(query, at);
    }
}
/** The rows of an external store, which may be replaced. */
export class Store {
    rows;
    distinct;
    constructor(keyWidth, valueWidth) {
        this.rows = new Table(keyWidth, valueWidth);
        this.distinct = new Distinct(keyWidth, valueWidth);
    }
    get table() {
        return this.distinct.table;
    }
    get seen() {
        return this.rows;
    }
    /** Replaces row `index`, or adds it at the end. */
    add(index, from, key, value) {
        const { rows } = this;
        const row = Math.min(index, rows.length);
        const width = rows.keyWidth;
        const isNew = row === rows.length;
        const isSame = !isNew && from.subarray(key, key + width).every((x, i) => x === rows.keys[row * width + i]);
        rows.set(row, row, from, key, value);
        if (isNew || isSame) {
            this.distinct.add(row, from, key, value);
            return;
        }
        // The old key must not be found any more, unless another row has it too. So all rows are added anew.
        this.distinct = new Distinct(width, rows.valueWidth);
        const whole = new Float64Array(width + rows.valueWidth);
        for (let other = 0; other < rows.length; other += 1) {
            whole.set(rows.keys.subarray(other * width, (other + 1) * width));
            whole.set(rows.values.subarray(other * rows.valueWidth, (other + 1) * rows.valueWidth), width);
            this.distinct.add(other, whole, 0, width);
        }
    }
    best(query, at) {
        return this.distinct.best(query, at);
    }
}
/** The running sums of a family of sum heads. */
export class Sums {
    width;
    log;
    totals;
    /** `log` keeps the totals after each row. A log with rows goes on where its last row ended. */
    constructor(width, log) {
        this.width = width;
        this.log = log;
        const last = log === undefined ? 0 : log.length * width;
        this.totals = log === undefined || last === 0 ? new Float64Array(width) : log.values.slice(last - width, last);
    }
    /** Adds values, which begin at this place of `from`. */
    add(place, from, value) {
        for (let i = 0; i < this.width; i += 1)
            this.totals[i] = this.totals[i] + from[value + i];
        this.log?.set(this.log.length, place, this.totals, 0, 0);
    }
    /** The log, for a sequence that ends after some of its rows. */
    first(length) {
        return this.log?.first(length);
    }
}
