//! The theorem, what it assumes, and the arguments that put the machine-checked obligations together.
//!
//! An argument is not checked by machine. Each names its premises, which are: obligations by their names, and
//! what the host and the validation of programs do.

pub(super) const THEOREM: &str = "For every program of the byte language, all contents of its files, and every step of its run: if the \
     tokens so far are the reference VM's, the next token that these weights give is the reference VM's token. \
     By induction over the steps, every token of every run is the reference VM's, for as long as the run takes.";

pub(super) const ASSUMPTIONS: &[&str] = &[
    "The program passed validation (src/byte/profile.rs): at most 2,048 instructions, operand bytes, one stack \
     height for each pc, i32.const 0..=3 before each descriptor's use.",
    "The host gives the rows and positional encodings that src/byte/machine/host.rs describes, and tracks \
     branches, cursors, files and faults from the emitted tokens as the reference VM does. The host is code, not \
     weights: tests hold it, this proof does not.",
    "The forward pass is the one of src/transformer: hard-max attention, the latest of equal scores wins; the \
     lowest of equal logits wins. Numbers are f32, sums in any order.",
    "The reference VM is the specification. Whether it means WebAssembly is another claim (wasmformer suite, \
     diff, soak).",
];

pub(super) const ARGUMENTS: &[(&str, &str)] = &[
    (
        "rows that exist",
        "The rows before a step are: the start token's (index -1, both marks); an opcode's and an operand's row \
         for each instruction (its index, one mark), the opcode first; and one row for each step so far (index 0, \
         no mark), with the token of the step before. The last row of the prompt executes the first step: its \
         previous pc is -1, its token 0. Tokens of rows are bytes, or the start token. Rows that execute nothing \
         have pc and previous pc -1. The instruction at pc 0 is executed by the first step or never, since a \
         branch goes to the instruction after a loop. Premise: the host.",
    ),
    (
        "operands",
        "A value on the stack at height h was pushed by a step whose next row has depth h and that value as its \
         token, and every later push at height h replaced it. So the latest row that pushed at depth h has the \
         value that lies there now, if the stack is that high; local.tee and fd_open push the value they pop, so \
         the row before theirs at that depth has the same byte. Validation gives every instruction the operands \
         that it pops. Premises: layer 1 and 2 obligations, layer 0: values, layer 3 retrieval and values.",
    ),
    (
        "place of a store",
        "After a store at depth d + 2 the next row has depth d. The address was at height d + 1, pushed there \
         before the store, and nothing was pushed at that height since. So the latest row that pushed at depth d \
         + 1 has the address. Premises: as for operands; layer 4 retrieval, values and squares.",
    ),
    (
        "locals and cells",
        "A row whose previous instruction wrote a local has that instruction's operand, and as its token the byte \
         written; likewise cells. If a row wrote what is asked for, the head chooses the latest such row, and its \
         byte is the VM's; it matches, so the byte counts once. If none did, whatever row is chosen does not \
         match, so the result is 0, as in the VM. Premises: layer 5 and 6 obligations, the computation of \
         local.get and i32.load.",
    ),
    (
        "files",
        "The rows of a file are the bytes of the VM's file, then zeros, up to 33 rows; the offset is the VM's \
         cursor, or 32 if the descriptor is closed. So the row found has the byte that fd_read reports, or 0 at \
         the end. Premises: the host; layer 7 obligations.",
    ),
    (
        "induction",
        "If all tokens so far are the VM's, the host's pc, cursors, files and fault are the VM's. Then the row's \
         flags and operand are those of the VM's instruction, its operands are the VM's, and the token is the \
         VM's: by independence nothing else counts, by computation the operands give the token; where the VM \
         traps, the fault gives trap. By exactness, f32 computes the integers that the proof is about.",
    ),
];
