//! Every number of every page is held: computed ([`facts`](super::facts)), measured and kept
//! ([`figures`](super::figures)), or in one of the lists here, which say where it comes from.

use std::fmt::Write;
use std::path::Path;

use rayon::prelude::*;

use super::facts::{BENCHES, BYTE, COMPARISON, ENGINES, FULL, Fact, MUTATE, README};
use super::text::{Place, command, is_clone, page, pages, places, spans};
use super::{facts, figures};

const ANY: &str = "";
const CORPUS_CHECK: &str = "corpus/toolchains/README.md";
const FUZZ: &str = "fuzz/README.md";
const PAGE_OF_TYPESCRIPT: &str = "engines/typescript/README.md";
const STOCK: &str = "engines/stock/README.md";
const V8: &str = "engines/v8/README.md";
const WEB: &str = "web/README.md";
const WRITING: &str = "engines/writing.md";

/// Numbers that a file states: page, words of the page, file, words of the file.
const STATED: &[(&str, &str, &str, &str)] = &[
    ("CONTRIBUTING.md", "within 110 columns", "tests/all/comments.rs", "const COLUMNS: usize = 110;"),
    ("snapshots/README.md", "over 80 lines the first 40 and the last 40", "tests/all/snapshots.rs", "const SHOWN: usize = 40;"),
    (FUZZ, "one case in 128", "src/harness/byte/fuzz.rs", "const DENSE_SHARE: u64 = 128;"),
    (FUZZ, "one case in 4", "src/harness/byte/fuzz.rs", "const COMPILED_SHARE: u64 = 4;"),
    (FUZZ, "one case in 16", "src/harness/full/fuzz.rs", "const COMPILED_SHARE: u64 = 16;"),
    (FUZZ, "first 100 steps", "src/harness/full/fuzz.rs", "const COMPILED_STEPS: usize = 100;"),
    (BENCHES, "the 32 rows of a tile", "src/transformer/indexed/tile.rs", "const TILE: usize = 32;"),
    (BYTE, "30,000 steps of a program", "src/cli/engines.rs", "(30_000, usize::MAX)"),
    (FULL, "one\nprogram in 16", "src/cli/soak.rs", "const SHARE: u64 = 16;"),
    (FULL, "win by less than 1.", "tests/all/harness/margins.rs", "margins.smallest_gap() >= Some(1.0)"),
    (ENGINES, "after 2^34 of wasmtime's units", "src/harness/full/wasmtime/mod.rs", "const FUEL: u64 = 1 << 34;"),
    (ENGINES, "more than\n65,536 distinct numbers", "src/transformer/folder/sparse.rs", "const MAX_VALUES: usize = 1 << 16;"),
    (ENGINES, "has less than 5 MB.", "tests/all/cli/folders.rs", "bytes <= 5_000_000,"),
    (ENGINES, "0 if all agree, 1 if any diverges", "tests/all/cli/external.rs", "assert_eq!(status, 1);"),
    ("engines/c/README.md", "one file of 400 lines", "engines/c/check", "-le 400 ]"),
    ("engines/c/README.md", "1 after a trap, 2 where a file", "engines/c/check", "[ \"$expected\" = \"$status\" ]"),
    ("engines/python/README.md", "reach 2^50 with margins of 1.", "tests/all/harness/margins.rs", "margins.smallest_gap() >= Some(1.0)"),
    (FULL, "files have 256 MiB at most", "src/full/wasi/world/files/folder.rs", "pub const MAX_FILE: u64 = 1 << 28;"),
    (MUTATE, "programs of up to 400 rows", "src/cli/mutate.rs", "const ABLATION_ROWS: usize = 400;"),
    (MUTATE, "then 1,000 generated ones", "src/harness/mutate/byte/mod.rs", "pub const GENERATED: u64 = 1000;"),
    (MUTATE, "and 100 generated\nones", "src/harness/mutate/full/mod.rs", "pub const GENERATED: u64 = 100;"),
    (WEB, "on 20 programs", "web/studio/test/pages.test.ts", "assert.equal(ran, 20);"),
    (CORPUS_CHECK, "`COUNT=1000 SEED=1`", "corpus/toolchains/js/generated.mjs", "process.env.COUNT"),
    (
        CORPUS_CHECK,
        "0 all that ran agrees; 1 something differs",
        "corpus/toolchains/js/check.mjs",
        "process.exitCode = differ > 0 ? 1 : 0;",
    ),
    (CORPUS_CHECK, "`NETWORK=0` leaves it out", "corpus/toolchains/js/four.mjs", "process.env.NETWORK"),
    (CORPUS_CHECK, "2 npm could not install", "corpus/toolchains/check", "exit 2;"),
    (CORPUS_CHECK, "It needs Node 20 or later", "corpus/toolchains/check", "-lt 20 ]"),
    (WEB, "It needs Node 20,", "web/check", "-lt 20 ]"),
    (PAGE_OF_TYPESCRIPT, "for Node 20", "engines/typescript/package.json", ">=20"),
    (PAGE_OF_TYPESCRIPT, "and 500 generated modules", "engines/typescript/check", "modules=500"),
    ("engines/python/README.md", "500 generated modules, traces", "engines/python/check", "modules=500"),
    (STOCK, "integers below 2^24", "src/transformer/number.rs", "number!(f32, 1 << 24"),
    (STOCK, "up to 32,000 words", "src/byte/stock/mod.rs", "pub const MAX_ROWS: usize = 32_000;"),
    (STOCK, "quantised to 8 bits", "engines/stock/check", "in 8 bits it was still right"),
    (V8, "It needs Node 20 and", "engines/typescript/package.json", "\"node\": \">=20\""),
    (WRITING, "four, of 32 bytes at most", "engines/typescript/src/byte/host.ts", "const CAPACITY = 32;"),
    (WRITING, "count is above 256 then", "engines/typescript/src/byte/host.ts", "const ITERATIONS = 256;"),
    ("engines/typescript/README.md", "for Node 20", "engines/typescript/package.json", "\"node\": \">=20\""),
    (BYTE, "multiples of 4096, then of 256", "web/studio/src/exhibits-ffn.ts", "multiples of 4096"),
    (BYTE, "keys reach 3·pc²", "src/byte/profile.rs", "const MAX_INSTRUCTIONS: usize = 2048;"),
    (MUTATE, "fit 1,000 rows.", "src/harness/mutate/full/mod.rs", "const ROWS: usize = 1000;"),
    (MUTATE, "Both make the command exit with 1.", "src/cli/mutate.rs", "{ Outcome::Good } else { Outcome::Bad }"),
    (MUTATE, "Its status is 1 only where a kill refutes", "src/cli/mutate.rs", "(Some(_), class) => class.is_none(),"),
];

/// Rows that a command prints and compares with the page: page, last words of the rows, file that compares.
const PRINTED: &[(&str, &str, &str)] = &[(CORPUS_CHECK, "| agrees |", "corpus/toolchains/js/page.mjs")];

/// Numbers that cannot be computed: why, page, words of the page.
const GIVEN: &[(&str, &str, &[&str])] = &[
    (NAME, ANY, &["WebAssembly 1.0", "WebAssembly 2.0", "127.0.0.1", "version 1", "version 2", "versions 1 and 2", "preview 1"]),
    (NAME, CORPUS_CHECK, &["EINVAL (28)", "EBADF (8)", "EOVERFLOW (61)", "ENOTCAPABLE (76)"]),
    (NAME, "CHANGELOG.md", &["## 0.1.0, not yet released"]),
    (DEFINITION, README, &["query `(i, 1)`"]),
    (DEFINITION, BYTE, &["mod 256, memory", "`(2j, −j²) · (i, 1)`", "`relu(x) − relu(x − 1) = [x > 0]`"]),
    (
        DEFINITION,
        FULL,
        &[
            "the next byte, or −1 at the end",
            "answer, or −1 at its end",
            "but −2 where",
            "`memory.grow` gives −1",
            "`table.grow` gives −1",
            "WASI preview 1",
            "byte of\nmemory that is not 0",
        ],
    ),
    (DEFINITION, FULL, &["added up by 32-bit halves", "types (from 1)", "− 2^38", "bound is 99 % of 2^53"]),
    (
        DEFINITION,
        ENGINES,
        &[
            "`[1 + 2 · layers][d_model]`",
            "last byte that is not 0",
            "the next byte, or -1 at the end",
            "it gives -2 and takes nothing",
            "are, or -1 at its end",
        ],
    ),
    (
        DEFINITION,
        MUTATE,
        &["top is 0 to 3, so its six high bits are 0", "the lane is 1 in every row", "the value counts 0 times or fewer; a result below 0"],
    ),
    (DEFINITION, MUTATE, &["has the token of 0", "−128 or +128 for top's high bit", "mod 256, for all 65,536 pairs"]),
    (DEFINITION, COMPARISON, &["250 + 10", "R = 260 gives 255 | 4: sums wrap mod 256", "do mod 2^32", "shifts of 32 and more"]),
    (
        DEFINITION,
        ENGINES,
        &["two sums mod 2^32", "lower and upper 32 bits", "all mod 2^32: h ^= h >> 16", "h ^= h >> 13", "h *= 0xc2b2ae35, h ^= h >> 16"],
    ),
    (
        DEFINITION,
        ENGINES,
        &["A zero is +0, as a sum that begins with 0", "the numbers that are not 0", "or -1 at its end or where nothing"],
    ),
    (DEFINITION, FULL, &["answer, or −1 at its end"]),
    (DEFINITION, MUTATE, &["all that it writes becomes 0", "0 means that these programs"]),
    (
        DEFINITION,
        WRITING,
        &[
            "`(i + 1) · d_head − 1`; left",
            "no factor 1/√d.",
            "head finds 0. Of",
            "`start` (256), then",
            "name are 0.",
            "`start` | 1 | −1, 1 | 1 | 1 | −1, −1 | 0 |",
        ],
    ),
    (
        DEFINITION,
        WRITING,
        &[
            "i | 1 | i, i² | 1 | 0 | −1, −1 | 0 |",
            "i | 1 | i, i² | 0 | 1 | −1, −1 | 0 |",
            "prompt | 1 | as an operand | 0 | 1 | the first step's pc, −1 |",
            "token | 1 | 0, 0 | 0 | 0 |",
            "i | 1 | i, i² | 0 | 0 | 0, 0 | 0 |",
            "`halt` (257); or `trap` (258).",
        ],
    ),
    (
        DEFINITION,
        WRITING,
        &[
            "pc + 1. `loop`",
            "count to 1. `br_if",
            "is not 0 goes",
            "counted from 0, and adds 1 to",
            "has `fault` 1. That",
            "are stores 0 to 3. At",
        ],
    ),
    (
        DEFINITION,
        WRITING,
        &[
            "store gets 33 rows, offsets 0 to 32: the",
            "the contents 0. The",
            "n, and 32 while",
            "| cursor 0; the",
            "cursor + 1, not",
            "cursor + 1 |",
        ],
    ),
    (
        DEFINITION,
        WRITING,
        &[
            "has `fault` 1 if",
            "at cursor 32, or",
            "input `X0:255`, which is −1; after `poll`, `X0:254` (−2) where",
            "is not 0 down",
            "place 0: `V1:2 V0:188` is 2 · 256 + 188 = 700. `X{m}:b`",
            "are all 255: `X0:255` is −1. Of an i32 the low 32 bits",
        ],
    ),
    (
        DEFINITION,
        WRITING,
        &[
            "the base 2048, place 0 the",
            "with frame 0. `F:n`",
            "frame + 1 +",
            "to slot 1 +",
            "frame is 0 again,",
            "already. Adding 2 and 3 by",
        ],
    ),
    (DEFINITION, WRITING, &["i32) local.get 0 local.get 1 i32.add)`:", "its answer, `X0:255` at its end"]),
    (
        TRACED,
        WRITING,
        &[
            "when step 2 is",
            "`offset_0`). Row 10 executed `i32.const 2`, row 11",
            "`i32.const 3`; row 12, which carries the token 3, executes",
            "In layer 0, heads",
            "are (2 ·",
            "is (pc, 1): so",
        ],
    ),
    (
        TRACED,
        WRITING,
        &["below by 1. The", "in row 5, the", "In layer 1, a", "depth of 1; a", "off again: 2. In layer 3, heads", "at depth 2, and"],
    ),
    (TRACED, WRITING, &["In layer 5, a", "is below 0:", "above −1:", "after layer 0's attention,"]),
    (EXAMPLE, ENGINES, &["`{\"i32\":-1}` or `{\"i64\":\"-1\"}`"]),
    (
        EXAMPLE,
        FUZZ,
        &[
            "`-entropic=0`",
            "`-max_total_time=60` | ends after 60 seconds",
            "`-jobs=2 -workers=2`",
            "`-max_len=4096`",
            "`FUZZ_SECONDS=3600`",
        ],
    ),
    (EXAMPLE, STOCK, &["`p:17`", "`i32.const:5`", "`h:3`", "`l:5`", "`f:2:0` `b:104`", "`v:44`", "`a:7`", "`c:2`", "`o:3`"]),
    (DEFINITION, STOCK, &["last word is `p:0`", "`--temp 0`"]),
    (EXAMPLE, WEB, &["`ssh -L 9000:localhost:8024 HOST`"]),
    (EXAMPLE, "tests/cases/README.md", &["| `? 2` | the exit status, where it is not 0 |"]),
    (NODE, CORPUS_CHECK, &["| `environ_get` without any variable | EINVAL (28) | 0 |", "`fd_prestat_get` of 0, 1 or 2"]),
    (NODE, CORPUS_CHECK, &["`fd_read` of 1 or 2, `fd_write` to 0, with a count of 0 | 0: the system"]),
    (SOURCE, COMPARISON, &["as of 28 November 2026", "Read on 28 November 2026", "card of 5 October 2026"]),
    (
        SOURCE,
        COMPARISON,
        &["26 byte instructions", "35 WebAssembly opcodes", "MicroPython 1.28", "lists 35 opcodes", "counts of 32 and more"],
    ),
    (
        SOURCE,
        COMPARISON,
        &["| 316,000, set", "fewer than 100,000", "its own tests: 112, later 115", "112 of 112 programs, in a later version 115 of 115"],
    ),
    (SOURCE, COMPARISON, &["about 30,000 tokens/s", "about 120,000 tokens/s", "at token 1,671,695", "245 million tokens"]),
    (SOURCE, COMPARISON, &["(29 layers, d = 1024)", "(38 layers, d = 2048)"]),
];
const NAME: &str = "part of a name";
const DEFINITION: &str = "part of a definition";
const EXAMPLE: &str = "an example";
const TRACED: &str = "of the pass that engines/typescript/test/writing.test.ts computes";
const NODE: &str = "what Node does, checked by corpus/toolchains/check";
const SOURCE: &str = "from a source that the page names";

/// The ranges of a text at which the words stand.
fn ranges(text: &str, words: &str) -> Vec<(usize, usize)> {
    text.match_indices(words).map(|(start, words)| (start, start + words.len())).collect()
}

/// The numbers in the prose of a page, as ranges of its text. No number: part of a name (`i32`, `sha256`), a
/// list's own, part of a command line or of a link's target.
fn numbers(path: &str, text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (place, line) in places(text) {
        if place != Place::Prose {
            continue;
        }
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        let within = |part: &str| (part.as_ptr() as usize - line.as_ptr() as usize, part.len());
        let mut skipped: Vec<(usize, usize)> = spans(line).filter(|span| command(path, span).is_some()).map(within).collect();
        skipped.extend(line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(within));
        let item = line.trim_start();
        if let Some((number, _)) = item.split_once(". ").filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit())) {
            skipped.push(within(number));
        }
        let is_skipped = |at: usize| skipped.iter().any(|(start, length)| (*start..start + length).contains(&at));
        found.extend(numbers_of(line).into_iter().filter(|(at, _)| !is_skipped(*at)).map(|(from, to)| (start + from, start + to)));
    }
    found
}

/// The numbers of a line: digits with commas, points and powers, that are not part of a word.
fn numbers_of(line: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = line[from..].find(|c: char| c.is_ascii_digit()).map(|at| from + at) {
        let rest = &line[at..];
        let length = rest.find(|c: char| !c.is_ascii_digit() && !",.^".contains(c)).unwrap_or(rest.len());
        let number = rest[..length].trim_end_matches([',', '.']);
        let after = line[at + number.len()..].chars().next();
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut before = line[..at].chars().rev();
        let of_word = match before.next() {
            Some('-' | '.' | '@' | '/') => before.next().is_some_and(is_word),
            other => other.is_some_and(is_word),
        };
        if !of_word && !after.is_some_and(is_word) {
            found.push((at, at + number.len()));
        }
        from = at + length;
    }
    found
}

#[test]
fn every_number_of_the_pages_is_held() {
    let all: Vec<fn() -> Vec<Fact>> = [facts::ALL, figures::ALL].concat();
    let mut held: Vec<Fact> = all.par_iter().flat_map(|facts| facts()).collect();
    let computed = held.len();
    let is_there = |file: &str| is_clone() || Path::new(file).exists();
    let mut wrong = String::new();
    for (path, words, file, line) in STATED {
        if is_there(file) && !page(file).contains(line) {
            writeln!(wrong, "{file} should state: {line}").unwrap();
        }
        held.push((path, (*words).to_string()));
    }
    for (_, path, words) in GIVEN {
        held.extend(words.iter().map(|words| (*path, (*words).to_string())));
    }
    for (path, words) in &held {
        if path.is_empty() || !is_there(path) {
            continue;
        }
        if !page(path).contains(words) {
            writeln!(wrong, "{path} should say: {words}").unwrap();
        }
    }
    let (mut numbers_found, mut loose) = (0, 0);
    for path in pages() {
        let text = page(path);
        let mut covered: Vec<(usize, usize)> = Vec::new();
        for (_, words) in held.iter().filter(|(page, _)| page.is_empty() || *page == path) {
            covered.extend(ranges(&text, words));
        }
        for (_, ending, file) in PRINTED.iter().filter(|(page, ..)| *page == path) {
            assert!(!is_clone() || Path::new(file).exists(), "{file}");
            for line in text.lines().filter(|line| line.ends_with(ending)) {
                let start = line.as_ptr() as usize - text.as_ptr() as usize;
                covered.push((start, start + line.len()));
            }
        }
        for (from, to) in numbers(path, &text) {
            numbers_found += 1;
            if !covered.iter().any(|(start, end)| *start <= from && to <= *end) {
                loose += 1;
                let line = text[..from].lines().count();
                let end = text[from..].find('\n').map_or(text.len(), |end| from + end);
                let start = text[..from].rfind('\n').map_or(0, |start| start + 1);
                writeln!(wrong, "{path}:{line}: {} is held by nothing: {}", &text[from..to], &text[start..end]).unwrap();
            }
        }
    }
    println!("{numbers_found} numbers: {computed} facts computed or measured, {} stated by files, {} given", STATED.len(), GIVEN.len());
    assert!(
        wrong.is_empty(),
        "{loose} numbers are loose:\n{wrong}Compute them in facts.rs, measure them by benches/measure, or name their origin in numbers.rs."
    );
}

#[test]
fn numbers_are_found() {
    let found = |line: &'static str| numbers_of(line).into_iter().map(|(from, to)| &line[from..to]).collect::<Vec<_>>();
    assert_eq!(found("| 1,000 | 2^24, 3.5 % | i32 sha256 4n CRC-32 5.3.2 -6 |"), ["1,000", "2^24", "3.5", "5.3.2", "6"]);
    assert_eq!(numbers("README.md", "1. A list's `wasmformer xray --step 34` and [2](3.md)\n").len(), 1);
}
