// What an observer sees of heads.
/** The rows of one head. */
export class HeadRows {
    table;
    values;
    /**
     * `values` says which of the table's values each value of the head is; −1 stands for a value that is always
     * 0.
     */
    constructor(table, values) {
        this.table = table;
        this.values = values;
    }
    get length() {
        return this.table.length;
    }
    /** The place of a row in the sequence or store. */
    place(row) {
        return this.table.places[row];
    }
    key(row) {
        const { keys, keyWidth } = this.table;
        return keys.subarray(row * keyWidth, (row + 1) * keyWidth);
    }
    value(row) {
        const { values, valueWidth } = this.table;
        return Float64Array.from(this.values, (value) => (value < 0 ? 0 : values[row * valueWidth + value]));
    }
    /** The row with the highest score, and of rows with equal scores the latest; −1 without rows. */
    best(query) {
        return this.table.best(Float64Array.from(query), 0);
    }
    /** A row's score against a query. */
    score(row, query) {
        return this.key(row).reduce((sum, key, i) => sum + key * query[i], 0);
    }
}
/** Tells an observer what the heads of a search found. */
export function showFound(layer, { heads }, search, table, row, projected, observer) {
    const query = projected.slice(search.query, search.query + table.keyWidth);
    for (const head of search.heads) {
        const rows = new HeadRows(table, heads[head]?.values ?? []);
        const found = { row: rows.place(row), key: rows.key(row), value: rows.value(row), score: rows.score(row, query) };
        observer.attended?.(layer, head, query, found);
    }
}
/** Tells an observer the totals of a family's sum heads. */
export function showSums(layer, { heads }, family, totals, observer) {
    heads.forEach((head, index) => {
        if (head.family !== family)
            return;
        const total = Float64Array.from(head.values, (value) => (value < 0 ? 0 : totals[value]));
        observer.summed?.(layer, index, total);
    });
}
