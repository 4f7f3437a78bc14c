// What an observer sees of heads.

import type { Heads, Search } from "./heads.js";
import type { Observer } from "./rows.js";
import type { Table } from "./table.js";

/** The rows of one head. */
export class HeadRows {
  /**
   * `values` says which of the table's values each value of the head is; −1 stands for a value that is always
   * 0.
   */
  constructor(
    private readonly table: Table,
    private readonly values: readonly number[],
  ) {}

  get length(): number {
    return this.table.length;
  }

  /** The place of a row in the sequence or store. */
  place(row: number): number {
    return this.table.places[row] as number;
  }

  key(row: number): Float64Array {
    const { keys, keyWidth } = this.table;
    return keys.subarray(row * keyWidth, (row + 1) * keyWidth);
  }

  value(row: number): Float64Array {
    const { values, valueWidth } = this.table;
    return Float64Array.from(this.values, (value) => (value < 0 ? 0 : (values[row * valueWidth + value] as number)));
  }

  /** The row with the highest score, and of rows with equal scores the latest; −1 without rows. */
  best(query: ArrayLike<number>): number {
    return this.table.best(Float64Array.from(query), 0);
  }

  /** A row's score against a query. */
  score(row: number, query: ArrayLike<number>): number {
    return this.key(row).reduce((sum, key, i) => sum + key * (query[i] as number), 0);
  }
}

/** Tells an observer what the heads of a search found. */
export function showFound(
  layer: number,
  { heads }: Heads,
  search: Search,
  table: Table,
  row: number,
  projected: Float64Array,
  observer: Observer,
): void {
  const query = projected.slice(search.query, search.query + table.keyWidth);
  for (const head of search.heads) {
    const rows = new HeadRows(table, heads[head]?.values ?? []);
    const found = { row: rows.place(row), key: rows.key(row), value: rows.value(row), score: rows.score(row, query) };
    observer.attended?.(layer, head, query, found);
  }
}

/** Tells an observer the totals of a family's sum heads. */
export function showSums(layer: number, { heads }: Heads, family: number, totals: Float64Array, observer: Observer): void {
  heads.forEach((head, index) => {
    if (head.family !== family) return;
    const total = Float64Array.from(head.values, (value) => (value < 0 ? 0 : (totals[value] as number)));
    observer.summed?.(layer, index, total);
  });
}
