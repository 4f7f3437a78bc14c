// A program of the full machine, as the server describes it (src/studio/program.rs).

/** A number: its type, and its lower and upper 32 bits. */
export type Constant = [type: string, low: number, high: number];

/** A line of the listing. Slots count from the frame's first, 1; below 0 they are slots below all frames. */
export interface Line {
  /** The pc of the program's instruction that begins here. */
  b?: number;
  /** The height before the program's instruction. */
  h: number;
  /** The slot of the value that the line writes. */
  w: number;
  /** The bits of the value's type; 0 if it has the type of the value in slot `s`. */
  t: number;
  s?: number;
  /** A second slot that gets the value, and the pc of the instruction that puts it there. */
  r?: number;
  a?: number;
  /** The pcs of instructions before this line that have no line. */
  f?: number[];
  /** The operation, if the line is a part of an instruction or of a routine. */
  o?: string;
}

/** An instruction of the program. */
export interface Code {
  /** The instruction as text. */
  x: string;
  w?: "push" | "grow" | "local" | "global" | "memory" | "out" | "err" | "send";
  /** The number of operands popped, the index of a local or global, or the offset of an access. */
  n: number;
  /** The number of bytes of a store. */
  l?: number;
  /** The type of the value written, if it is known. */
  t?: string;
  /** For an instruction that only fetches a value: its slot, or the value. */
  s?: number;
  v?: Constant;
  /** The height of the stack before it, with the locals. */
  h: number;
}

export interface FunctionOf {
  name: string;
  entry: number;
  end: number;
  /** The pc of the first line of the listing. */
  line: number;
  params: number;
  locals: string[];
}

/** The reference VM's state before the last step of a run, as `wasmformer trace --at` prints it. */
export interface Reference {
  step: number;
  calls: { function: string; locals: string[]; operands: string[] }[];
  globals: string[];
  /** The memory's length in pages. */
  pages: number;
  memory: [address: number, hex: string][];
  outputs: number[];
  end: string | null;
}

export interface Described {
  machine: "full";
  name: string;
  form: "plain" | "fused";
  about: string | null;
  tokens: number[];
  input: number[];
  lines: Line[];
  code: Code[];
  functions: FunctionOf[];
  globals: Constant[];
  memory: { pages: number; data: [address: number, hex: string][] } | null;
  results: string[];
  /** If it was asked for, and the reference VM has come to an end. */
  reference?: Reference;
}

/** The pc of the first line of a listing. */
export const FIRST_PC = 3;
/** The base of the digits of a jump. */
export const RADIX = 2048;
/** The bytes of a page of memory. */
export const PAGE = 65536;

/** The index of the function whose code holds a pc; −1 if none does. */
export function functionAt(functions: readonly FunctionOf[], pc: number): number {
  let [low, high] = [0, functions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((functions[middle] as FunctionOf).end <= pc) low = middle + 1;
    else high = middle;
  }
  const found = functions[low];
  return found !== undefined && found.entry <= pc ? low : -1;
}
