// Matrices without their zeros. Almost all weights of these models are 0, and a product with 0 adds nothing.
/**
 * A matrix of `rows` × `columns`, row by row. The terms of row i are those from `starts[i]` to `starts[i +
 * 1]`.
 */
export class Matrix {
    rows;
    columns;
    starts;
    at;
    weights;
    turned;
    constructor(rows, columns, starts, 
    /** The column of each term. */
    at, 
    /** The weight of each term. */
    weights) {
        this.rows = rows;
        this.columns = columns;
        this.starts = starts;
        this.at = at;
        this.weights = weights;
    }
    /** A matrix that is given row by row, zeros included. */
    static dense(rows, columns, data) {
        const starts = new Int32Array(rows + 1);
        const [at, weights] = [[], []];
        for (let row = 0; row < rows; row += 1) {
            for (let column = 0; column < columns; column += 1) {
                const weight = data[row * columns + column];
                if (weight === 0)
                    continue;
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
    static sparse(rows, columns, indices, weights) {
        const starts = new Int32Array(rows + 1);
        for (const index of indices) {
            const next = Math.floor(index / columns) + 1;
            starts[next] = starts[next] + 1;
        }
        for (let row = 0; row < rows; row += 1)
            starts[row + 1] = starts[row + 1] + starts[row];
        return new Matrix(rows, columns, starts, indices.map((index) => index % columns), Float64Array.from(weights));
    }
    /** A matrix with these rows. */
    static of(columns, forms) {
        const starts = new Int32Array(forms.length + 1);
        forms.forEach((form, row) => (starts[row + 1] = starts[row] + form.length));
        const terms = forms.flat();
        return new Matrix(forms.length, columns, starts, Int32Array.from(terms, ([column]) => column), Float64Array.from(terms, ([, weight]) => weight));
    }
    /** The same matrix with zeros in the columns from `from` to before `to`. */
    withoutColumns(from, to) {
        const keeps = (column) => column < from || column >= to;
        const forms = Array.from({ length: this.rows }, (_, row) => this.row(row).filter(([column]) => keeps(column)));
        return Matrix.of(this.columns, forms);
    }
    /** A row as a form. */
    row(row) {
        const form = [];
        for (let term = this.starts[row]; term < this.starts[row + 1]; term += 1) {
            form.push([this.at[term], this.weights[term]]);
        }
        return form;
    }
    /** A column as a form over the rows. */
    column(column) {
        return this.transposed().row(column);
    }
    /** The matrix with rows and columns exchanged. It is made once. */
    transposed() {
        if (this.turned !== undefined)
            return this.turned;
        const starts = new Int32Array(this.columns + 1);
        for (const column of this.at)
            starts[column + 1] = starts[column + 1] + 1;
        for (let column = 0; column < this.columns; column += 1) {
            starts[column + 1] = starts[column + 1] + starts[column];
        }
        const next = starts.slice();
        const [at, weights] = [new Int32Array(this.at.length), new Float64Array(this.at.length)];
        for (let row = 0; row < this.rows; row += 1) {
            for (let term = this.starts[row]; term < this.starts[row + 1]; term += 1) {
                const column = this.at[term];
                const place = next[column];
                next[column] = place + 1;
                at[place] = row;
                weights[place] = this.weights[term];
            }
        }
        this.turned = new Matrix(this.columns, this.rows, starts, at, weights);
        this.turned.turned = this;
        return this.turned;
    }
    /** The product of a row and a vector. */
    dot(row, x) {
        const { at, weights } = this;
        const end = this.starts[row + 1];
        let sum = 0;
        for (let term = this.starts[row]; term < end; term += 1) {
            sum += weights[term] * x[at[term]];
        }
        return sum;
    }
    /** The products of all rows and a vector, written to `products`. */
    times(x, products) {
        const { starts, at, weights, rows } = this;
        let term = 0;
        for (let row = 0; row < rows; row += 1) {
            const end = starts[row + 1];
            let sum = 0;
            for (; term < end; term += 1)
                sum += weights[term] * x[at[term]];
            products[row] = sum;
        }
    }
    /** Adds a multiple of a row to a vector. */
    addRow(row, factor, x) {
        const { at, weights } = this;
        const end = this.starts[row + 1];
        for (let term = this.starts[row]; term < end; term += 1) {
            const column = at[term];
            x[column] = x[column] + factor * weights[term];
        }
    }
}
