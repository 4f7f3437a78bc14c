// Distinct keys, and which of them scores highest against a query. An index only finds the same row sooner.
//
// Rows with equal keys have equal scores against every query, and the latest of them wins. So only the latest
// row of each distinct key can ever be found, and memory grows with the number of distinct keys, not with the
// sequence.
//
// Keys of two numbers (2j, −j² − p), with p ≥ 0, score q² − (j − q)² − p against a query (q, 1). So if the
// key (2q, −q²) is there, it alone is best, and it is looked up: in a list by j, or where j is large, among
// all keys. Otherwise the hull of the keys is searched. What it has found is remembered until a key is added.
import { Hull } from "./hull.js";
/** The highest integer of which every smaller one is exact too. */
const EXACT = Number.MAX_SAFE_INTEGER;
/** The j below which keys (2j, −j²) are in a list. */
const LISTED = 1 << 16;
/** The number of answers that are remembered; a power of two. */
const ANSWERS = 64;
/** The index for keys of this table's width. */
export function indexOf(table) {
    return table.keyWidth === 2 ? new Pairs(table) : new Scan(table);
}
/** Keys of any width: all of them are scored. */
class Scan {
    table;
    constructor(table) {
        this.table = table;
    }
    find(key, at) {
        const { keyWidth, keys, length } = this.table;
        for (let row = 0; row < length; row += 1) {
            let i = 0;
            while (i < keyWidth && keys[row * keyWidth + i] === key[at + i])
                i += 1;
            if (i === keyWidth)
                return row;
        }
        return -1;
    }
    added() { }
    best(query, at) {
        return this.table.best(query, at);
    }
}
/** Whether a key's number is a small one. */
const isListed = (j) => j >= 0 && j < LISTED && Math.floor(j) === j;
/** Keys of two numbers. */
class Pairs {
    table;
    /** A hash table with open addressing: rows plus 1; 0 is a free place. Its length is a power of two. */
    places = new Int32Array(128);
    hull = new Hull();
    /** The number of keys that are in the hull. It is brought up to date when it is needed. */
    inHull = 0;
    /** Whether all keys are (2j, −j² − p) with p ≥ 0. */
    belowParabola = true;
    /** The row found last. It is tried first, because the same key often comes again and again. */
    last = -1;
    /** For small j, the row of the key (2j, −j²) plus 1; 0 if there is none. */
    byNumber = new Int32Array(64);
    /**
     * What was found for queries (q, 1), by the low bits of q: the query, the number of keys then, and the row.
     * An answer with 0 keys is none.
     */
    answered = new Float64Array(ANSWERS);
    keysThen = new Int32Array(ANSWERS);
    answers = new Int32Array(ANSWERS);
    constructor(table) {
        this.table = table;
    }
    /** The place of a key in the hash table: that of its row, or the free place for it. */
    place(a, b) {
        const { places } = this;
        const { keys } = this.table;
        const mask = places.length - 1;
        let hash = Math.imul(a | 0, 0x9e3779b1) ^ Math.imul(b | 0, 0x85ebca6b);
        hash = (hash ^ (hash >>> 15)) & mask;
        for (;;) {
            const row = places[hash] - 1;
            if (row < 0 || (keys[2 * row] === a && keys[2 * row + 1] === b))
                return hash;
            hash = (hash + 1) & mask;
        }
    }
    find(key, at) {
        const a = key[at];
        const b = key[at + 1];
        const { last, table } = this;
        if (last >= 0 && table.keys[2 * last] === a && table.keys[2 * last + 1] === b)
            return last;
        const j = a / 2;
        const row = isListed(j) && b === -(j * j) ? (this.byNumber[j] ?? 0) - 1 : this.places[this.place(a, b)] - 1;
        if (row >= 0)
            this.last = row;
        return row;
    }
    added() {
        const { keys, length } = this.table;
        if (2 * length > this.places.length) {
            this.places = new Int32Array(2 * this.places.length);
            for (let row = 0; row < length - 1; row += 1)
                this.enter(row);
        }
        this.enter(length - 1);
        this.last = length - 1;
        const [j, b] = [keys[2 * this.last] / 2, keys[2 * this.last + 1]];
        this.belowParabola &&= Number.isInteger(j) && j * j <= EXACT && b <= -(j * j);
        if (isListed(j) && b === -(j * j)) {
            if (j >= this.byNumber.length) {
                const larger = new Int32Array(Math.max(j + 1, 2 * this.byNumber.length));
                larger.set(this.byNumber);
                this.byNumber = larger;
            }
            this.byNumber[j] = length;
        }
    }
    enter(row) {
        const { keys } = this.table;
        this.places[this.place(keys[2 * row], keys[2 * row + 1])] = row + 1;
    }
    best(query, at) {
        const q = query[at];
        const r = query[at + 1];
        if (r !== 1)
            return r > 0 ? this.searchHull(q, r) : this.table.best(query, at);
        if (this.belowParabola && q * q <= EXACT) {
            const row = isListed(q) ? (this.byNumber[q] ?? 0) - 1 : this.places[this.place(2 * q, -(q * q))] - 1;
            if (row >= 0)
                return row;
        }
        const place = q & (ANSWERS - 1);
        const { length } = this.table;
        if (length > 0 && this.keysThen[place] === length && this.answered[place] === q)
            return this.answers[place];
        this.isTied = false;
        const row = this.searchHull(q, 1);
        // Of keys that tie the latest row wins, and which that is changes without a new key.
        if (this.isTied || row < 0)
            return row;
        this.answered[place] = q;
        this.keysThen[place] = length;
        this.answers[place] = row;
        return row;
    }
    /** Whether several keys had the highest score when the hull was searched last. */
    isTied = false;
    searchHull(q, r) {
        const { table, hull } = this;
        const { keys, places } = table;
        for (; this.inHull < table.length; this.inHull += 1) {
            hull.insert(keys[2 * this.inHull], keys[2 * this.inHull + 1], this.inHull);
        }
        const first = hull.best(q, r);
        if (first < 0)
            return -1;
        const highest = hull.score(first, q, r);
        let best = hull.slot(first);
        for (let place = first + 1; place < hull.length && hull.score(place, q, r) === highest; place += 1) {
            this.isTied = true;
            const row = hull.slot(place);
            if (places[row] > places[best])
                best = row;
        }
        return best;
    }
}
