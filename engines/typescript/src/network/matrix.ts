// Matrices without their zeros. Almost all weights of these models are 0, and a product with 0 adds nothing.

/**
 * A row of a matrix as a linear form: the columns whose weights are not 0, in ascending order, with their
 * weights.
 */
export type Form = readonly (readonly [column: number, weight: number])[];

/**
 * A matrix of `rows` × `columns`, row by row. The terms of row i are those from `starts[i]` to `starts[i +
 * 1]`.
 */
export class Matrix {
  private turned: Matrix | undefined;

  private constructor(
    readonly rows: number,
    readonly columns: number,
    readonly starts: Int32Array,
    /** The column of each term. */
    readonly at: Int32Array,
    /** The weight of each term. */
    readonly weights: Float64Array,
  ) {}

  /** A matrix that is given row by row, zeros included. */
  static dense(rows: number, columns: number, data: ArrayLike<number>): Matrix {
    const starts = new Int32Array(rows + 1);
    const [at, weights]: [number[], number[]] = [[], []];
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const weight = data[row * columns + column] as number;
        if (weight === 0) continue;
        at.push(column);
        weights.push(weight);
      }
      starts[row + 1] = at.length;
    }
    return new Matrix(rows, columns, starts, Int32Array.from(at), Float64Array.from(weights));
  }

  /**
   * A matrix whose weights that are not 0 are given with their indices, which ascend: that of row r and
   * column c is r · columns + c.
   */
  static sparse(rows: number, columns: number, indices: Int32Array, weights: ArrayLike<number>): Matrix {
    const starts = new Int32Array(rows + 1);
    for (const index of indices) {
      const next = Math.floor(index / columns) + 1;
      starts[next] = (starts[next] as number) + 1;
    }
    for (let row = 0; row < rows; row += 1) starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number);
    return new Matrix(rows, columns, starts, indices.map((index) => index % columns), Float64Array.from(weights));
  }

  /** A matrix with these rows. */
  static of(columns: number, forms: readonly Form[]): Matrix {
    const starts = new Int32Array(forms.length + 1);
    forms.forEach((form, row) => (starts[row + 1] = (starts[row] as number) + form.length));
    const terms = forms.flat();
    return new Matrix(
      forms.length,
      columns,
      starts,
      Int32Array.from(terms, ([column]) => column),
      Float64Array.from(terms, ([, weight]) => weight),
    );
  }

  /** The same matrix with zeros in the columns from `from` to before `to`. */
  withoutColumns(from: number, to: number): Matrix {
    const keeps = (column: number): boolean => column < from || column >= to;
    const forms = Array.from({ length: this.rows }, (_, row) => this.row(row).filter(([column]) => keeps(column)));
    return Matrix.of(this.columns, forms);
  }

  /** A row as a form. */
  row(row: number): Form {
    const form: [number, number][] = [];
    for (let term = this.starts[row] as number; term < (this.starts[row + 1] as number); term += 1) {
      form.push([this.at[term] as number, this.weights[term] as number]);
    }
    return form;
  }

  /** A column as a form over the rows. */
  column(column: number): Form {
    return this.transposed().row(column);
  }

  /** The matrix with rows and columns exchanged. It is made once. */
  transposed(): Matrix {
    if (this.turned !== undefined) return this.turned;
    const starts = new Int32Array(this.columns + 1);
    for (const column of this.at) starts[column + 1] = (starts[column + 1] as number) + 1;
    for (let column = 0; column < this.columns; column += 1) {
      starts[column + 1] = (starts[column + 1] as number) + (starts[column] as number);
    }
    const next = starts.slice();
    const [at, weights] = [new Int32Array(this.at.length), new Float64Array(this.at.length)];
    for (let row = 0; row < this.rows; row += 1) {
      for (let term = this.starts[row] as number; term < (this.starts[row + 1] as number); term += 1) {
        const column = this.at[term] as number;
        const place = next[column] as number;
        next[column] = place + 1;
        at[place] = row;
        weights[place] = this.weights[term] as number;
      }
    }
    this.turned = new Matrix(this.columns, this.rows, starts, at, weights);
    this.turned.turned = this;
    return this.turned;
  }

  /** The product of a row and a vector. */
  dot(row: number, x: Float64Array): number {
    const { at, weights } = this;
    const end = this.starts[row + 1] as number;
    let sum = 0;
    for (let term = this.starts[row] as number; term < end; term += 1) {
      sum += (weights[term] as number) * (x[at[term] as number] as number);
    }
    return sum;
  }

  /** The products of all rows and a vector, written to `products`. */
  times(x: Float64Array, products: Float64Array): void {
    const { starts, at, weights, rows } = this;
    let term = 0;
    for (let row = 0; row < rows; row += 1) {
      const end = starts[row + 1] as number;
      let sum = 0;
      for (; term < end; term += 1) sum += (weights[term] as number) * (x[at[term] as number] as number);
      products[row] = sum;
    }
  }

  /** Adds a multiple of a row to a vector. */
  addRow(row: number, factor: number, x: Float64Array): void {
    const { at, weights } = this;
    const end = this.starts[row + 1] as number;
    for (let term = this.starts[row] as number; term < end; term += 1) {
      const column = at[term] as number;
      x[column] = (x[column] as number) + factor * (weights[term] as number);
    }
  }
}
