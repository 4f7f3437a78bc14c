// What the heads of a family remember of the rows.
import { indexOf } from "./keys.js";
import { Table } from "./table.js";
/** The latest row of each distinct key, found by an index. */
export class Distinct {
    table;
    index;
    constructor(keyWidth, valueWidth) {
        this.table = new Table(keyWidth, valueWidth);
        this.index = indexOf(this.table);
    }
    get seen() {
        return this.table;
    }
    add(place, from, key, value) {
        const { table, index } = this;
        const row = index.find(from, key);
        if (row >= 0) {
            // Rows of a store may come in any order.
            if (place >= table.places[row])
                table.set(row, place, from, key, value);
            return;
        }
        table.set(table.length, place, from, key, value);
        index.added();
    }
    best(query, at) {
        return this.index.best(query, at);
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
