// What the heads of a family remember of the rows.

import { indexOf, type Index } from "./keys.js";
import { Table } from "./table.js";

const EMPTY = new Float64Array(0);

/** The rows of a family of hard-max heads. */
export interface Memory {
  /** The rows among which `best` finds one. */
  readonly table: Table;
  /** All rows that an observer may look at: all that there were, or else those of `table`. */
  readonly seen: Table;
  /** Adds the row at a place of the sequence. Key and values begin at these places of `from`. */
  add(place: number, from: Float64Array, key: number, value: number): void;
  /** The row of `table` with the highest score; of rows with equal scores the latest; −1 without rows. */
  best(query: Float64Array, at: number): number;
}

/**
 * The latest row of each distinct key, found by an index.
 *
 * Most rows of a sequence have a key that is never sought, the same one again and again. So values may wait:
 * they are copied only if their row is found, or if the row after it has another key.
 */
export class Distinct implements Memory {
  readonly table: Table;
  private readonly index: Index;
  /** The row whose values wait, or −1; and where these values are. */
  private waiting = -1;
  private from: Float64Array = EMPTY;
  private at = 0;

  /** With `isLate`, what `add` gets must stay as it is until the next `add`. */
  constructor(
    keyWidth: number,
    valueWidth: number,
    private readonly isLate = false,
  ) {
    this.table = new Table(keyWidth, valueWidth);
    this.index = indexOf(this.table);
  }

  /** Copies the values that wait. */
  settle(): void {
    if (this.waiting >= 0) this.table.setValues(this.waiting, this.from, this.at);
    this.waiting = -1;
  }

  get seen(): Table {
    return this.table;
  }

  add(place: number, from: Float64Array, key: number, value: number): void {
    const { table, index } = this;
    const known = index.find(from, key);
    const row = known >= 0 ? known : table.length;
    // Rows of a store may come in any order.
    if (known >= 0 && place < (table.places[known] as number)) return;
    if (this.waiting !== row) this.settle();
    if (known >= 0) table.places[row] = place;
    else table.setKey(row, place, from, key);
    if (this.isLate) [this.waiting, this.from, this.at] = [row, from, value];
    else table.setValues(row, from, value);
    if (known < 0) index.added();
  }

  best(query: Float64Array, at: number): number {
    const row = this.index.best(query, at);
    if (row === this.waiting) this.settle();
    return row;
  }
}

/** The latest row of each distinct key, and a log of all rows. */
export class Logged extends Distinct {
  constructor(private readonly log: Table) {
    super(log.keyWidth, log.valueWidth);
  }

  override get seen(): Table {
    return this.log;
  }

  override add(place: number, from: Float64Array, key: number, value: number): void {
    super.add(place, from, key, value);
    this.log.set(this.log.length, place, from, key, value);
  }
}

/** All rows, each of which is scored. */
export class Every implements Memory {
  constructor(readonly table: Table) {}

  get seen(): Table {
    return this.table;
  }

  add(place: number, from: Float64Array, key: number, value: number): void {
    this.table.set(this.table.length, place, from, key, value);
  }

  best(query: Float64Array, at: number): number {
    return this.table.best(query, at);
  }
}

/** The rows of an external store, which may be replaced. */
export class Store {
  readonly rows: Table;
  private distinct: Distinct;

  constructor(keyWidth: number, valueWidth: number) {
    this.rows = new Table(keyWidth, valueWidth);
    this.distinct = new Distinct(keyWidth, valueWidth);
  }

  get table(): Table {
    return this.distinct.table;
  }

  get seen(): Table {
    return this.rows;
  }

  /** Replaces row `index`, or adds it at the end. */
  add(index: number, from: Float64Array, key: number, value: number): void {
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

  best(query: Float64Array, at: number): number {
    return this.distinct.best(query, at);
  }
}

/** The running sums of a family of sum heads. */
export class Sums {
  readonly totals: Float64Array;

  /** `log` keeps the totals after each row. A log with rows goes on where its last row ended. */
  constructor(
    readonly width: number,
    private readonly log?: Table,
  ) {
    const last = log === undefined ? 0 : log.length * width;
    this.totals = log === undefined || last === 0 ? new Float64Array(width) : log.values.slice(last - width, last);
  }

  /** Adds values, which begin at this place of `from`. */
  add(place: number, from: Float64Array, value: number): void {
    for (let i = 0; i < this.width; i += 1) this.totals[i] = (this.totals[i] as number) + (from[value + i] as number);
    this.log?.set(this.log.length, place, this.totals, 0, 0);
  }

  /** The log, for a sequence that ends after some of its rows. */
  first(length: number): Table | undefined {
    return this.log?.first(length);
  }
}
