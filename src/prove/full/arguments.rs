//! What the proof of the full machine states, what it assumes, and the arguments that put its obligations
//! together.
//!
//! An argument is not checked by machine. Each names its premises: obligations by their names, and what
//! listings and the host do.

pub(super) const THEOREM: &str = "For every listing within the limits, and every step of its run whose instructions are said to be proved \
     below: if the tokens so far are those of the reference VM's run, the next token that these weights give is one that this run can have. \
     So the values, jumps, calls, traps and outputs of these instructions are the reference VM's.";

pub(super) const ASSUMPTIONS: &[&str] = &[
    "The listing is one that src/full/listing makes of a validated program, within the limits of src/full/README.md: what a line does, \
     its height and its slots follow from the program, and so that jumps stay within the listing, that the pc called by value is on the \
     stack, that a byte of data is in the family of its address, and that no address in the bank is beyond the bank or has an addend. The \
     lowering is code, not weights: tests hold it, this proof does not.",
    "The host appends the token with the highest logit, and after a question the byte of the answer (src/full/machine/host.rs).",
    "The forward pass is the one of src/transformer: hard-max attention, the latest of equal scores wins. Numbers are f64.",
    "All sums are exact in f64: the compiler derives that for the circuit (wasmformer info); this proof does not derive it again.",
    "What an instruction means is stated in src/prove/full/spec.rs, control.rs and memory.rs, as in the WebAssembly specification. That \
     the reference VM means the same is sampled below for integer arithmetic, and for nothing else.",
];

pub(super) const ARGUMENTS: &[(&str, &str)] = &[
    (
        "registers",
        "The running sums of the embedding's lanes are pc, frame and call depth after the tokens so far, since each token adds what its \
         step changes; in the middle of a jump the pc of the instruction is the sum minus the high digit. The sum of marks of opcodes is \
         the number of an opcode. The difference of two sums at neighbouring opcodes is what stands between them. Premise: the tokens' \
         changes.",
    ),
    (
        "nearest",
        "Every key is (2x, −x²) and every query (y, 1), so the score is y² − (x − y)²: the chosen row has the number nearest to y, and \
         is the latest with that number. If any row has the number y, the chosen row is the latest of these. Premise: retrieval.",
    ),
    (
        "rows that exist",
        "An opcode's number is asked for by a pc within the listing, which starts with two opcodes that do nothing, so the opcodes at pc, \
         pc − 1 and pc − 2 exist. A byte of each place above 0 exists: the listing starts with a mark for each place. The marks end \
         before the run, and a value's tokens are consecutive, so the position of a byte plus its place is at most that of the row's own \
         token, and equal only for bytes of the same value. The token of the call that made the frame exists wherever a return is \
         executed. A byte of an operand was emitted, or fills a value up: the listing has the bytes 0 and 255.",
    ),
    (
        "operands",
        "The row that ends a value has pc of the next instruction. Its number is the slot that the instruction before writes. Validation \
         gives each instruction operands in its slots, and the latest row with a slot's number has the value that the slot holds. All \
         slots are different numbers: those of a frame lie above those of frames below, and globals lie below all frames. The operands \
         of a value in progress do not change. An access without an addend asks for the slot 0: the rows with this number write no slot, the \
         listing has such rows, and 0 is retrieved of all of them. Premises: the slots asked for and written; the bytes of a value.",
    ),
    (
        "ranges",
        "The sums over rows, immediates, indices, shifts, heights and the depth of calls are within the ranges that src/prove/full/machine.rs \
         and fetch.rs give them: the limits of listings and runs. Premise: the tokens' changes.",
    ),
    (
        "memory",
        "An address is the sum of top and the addend modulo 2^32, plus the offset. A byte's number is its address plus 1, in the family \
         of the address modulo 4; in the bank it is the address plus 2, which is the number of no byte of memory in that family. The \
         latest row with the number has the byte. If none has it, the byte is 0: the nearest row has another number, and the number found \
         is compared. Rows of the listing and of stores have numbers, if the store does not trap. Premises: retrieval of layer 4.",
    ),
    (
        "growing",
        "GrowFix follows GrowTry, so that its operands are what GrowTry gave, and the number of pages that the memory grew by: the length \
         is not less than this number, or is −1. The memory's length is at most the limit, by GrowTry and by the listing. Premise: \
         computation of GrowTry.",
    ),
    (
        "table",
        "The elements of the table are numbered from 1 on, the first is before the table, and the sums of pcs and of types at an element \
         minus those at the element before are the element's own. If no element has the number sought, the one found has another number. \
         Premise: the tokens' changes.",
    ),
    (
        "digits",
        "A value is written from its first byte down. If the first token is at place p, the bytes above are all 0, or all 255. At place 7 \
         the number 256 stands for a byte 0. If the bytes so far are those of the value, what is left of the half that the next byte \
         belongs to, ⌊half / unit⌋ minus the bytes emitted, is less than 256 times the worth of the next place; the best token's number is \
         the half's next byte. At place 0 the value ends, and pc rises by 1. Premises: computation, what has been emitted, the \
         unembedding.",
    ),
    (
        "jumps",
        "The distance of a jump within a listing has at most two digits in base 2048. The high digit is the best number of its family; \
         in the next row the distance that is left is less than 2048. A call and a return first move the frame. Premises: computation of \
         the control instructions.",
    ),
    (
        "induction",
        "If all tokens so far are those of the reference VM's run, the registers, the operands, the memory and the bytes emitted are the \
         run's. Then the next token is right, by the computation of the instruction at pc, if it is proved. If it is not proved, the \
         proof says nothing of the steps after it, except where its tokens are right all the same.",
    ),
];
