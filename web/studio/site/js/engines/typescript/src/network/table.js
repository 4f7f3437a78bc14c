// Rows of keys and values, for heads that share both.
/**
 * Rows that grow in number. Each has a key, the values of some heads, and its place in the sequence or store.
 */
export class Table {
    keyWidth;
    valueWidth;
    length = 0;
    keys;
    values;
    /** The place of each row. */
    places;
    constructor(keyWidth, valueWidth) {
        this.keyWidth = keyWidth;
        this.valueWidth = valueWidth;
        this.keys = new Float64Array(64 * keyWidth);
        this.values = new Float64Array(64 * valueWidth);
        this.places = new Float64Array(64);
    }
    /**
     * The first rows, in the same memory. Both tables may be extended, as long as they are given the same rows.
     */
    first(length) {
        const view = new Table(this.keyWidth, this.valueWidth);
        [view.keys, view.values, view.places, view.length] = [this.keys, this.values, this.places, length];
        return view;
    }
    grow() {
        const twice = (old) => {
            const grown = new Float64Array(2 * old.length);
            grown.set(old);
            return grown;
        };
        [this.keys, this.values, this.places] = [twice(this.keys), twice(this.values), twice(this.places)];
    }
    /**
     * Writes a row; if `index` is the length, the row is added. Key and values begin at these places of `from`.
     */
    set(index, place, from, key, value) {
        this.setKey(index, place, from, key);
        this.setValues(index, from, value);
    }
    /** Writes the key of a row, which begins at a place of `from`; if `index` is the length, adds the row. */
    setKey(index, place, from, key) {
        if (index >= this.places.length)
            this.grow();
        const { keyWidth, keys } = this;
        for (let i = 0; i < keyWidth; i += 1)
            keys[index * keyWidth + i] = from[key + i];
        this.places[index] = place;
        if (index >= this.length)
            this.length = index + 1;
    }
    /** Writes the values of a row, which begin at this place of `from`. */
    setValues(index, from, value) {
        const { valueWidth, values } = this;
        const start = index * valueWidth;
        for (let i = 0; i < valueWidth; i += 1)
            values[start + i] = from[value + i];
    }
    /** The score of a row against the query that begins at `at`. */
    score(index, query, at) {
        let sum = 0;
        for (let i = 0; i < this.keyWidth; i += 1) {
            sum += query[at + i] * this.keys[index * this.keyWidth + i];
        }
        return sum;
    }
    /** The row with the highest score, and of rows with equal scores the latest; −1 without rows. */
    best(query, at) {
        let [best, highest, latest] = [-1, -Infinity, -1];
        for (let index = 0; index < this.length; index += 1) {
            const score = this.score(index, query, at);
            const place = this.places[index];
            if (score > highest || (score === highest && place > latest))
                [best, highest, latest] = [index, score, place];
        }
        return best;
    }
}
