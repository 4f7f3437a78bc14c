// A program of the full machine, as the server describes it (src/studio/program.rs).
/** The pc of the first line of a listing. */
export const FIRST_PC = 3;
/** The base of the digits of a jump. */
export const RADIX = 2048;
/** The bytes of a page of memory. */
export const PAGE = 65536;
/** The index of the function whose code holds a pc; −1 if none does. */
export function functionAt(functions, pc) {
    let [low, high] = [0, functions.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (functions[middle].end <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    const found = functions[low];
    return found !== undefined && found.entry <= pc ? low : -1;
}
