use std::collections::HashSet;

use super::{Code, Functions, Needs, Number, Op, Piece, Row, Sum};

/// A generator of numbers that look random (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb) % limit
    }

    fn integer(&mut self, magnitude: u64) -> f64 {
        self.below(2 * magnitude + 1) as f64 - magnitude as f64
    }

    fn sum(&mut self) -> Sum {
        let constant = if self.below(2) == 0 { 0.0 } else { self.integer(9) };
        let most = if self.below(4) == 0 { 24 } else { 5 };
        let count = self.below(most);
        Sum { constant, terms: (0..count).map(|_| (self.below(NUMBERS as u64) as u16, self.integer(2))).collect() }
    }

    fn pieces(&mut self) -> Vec<Piece> {
        let mut from = -20.0;
        let mut piece = || {
            from += 1.0 + self.below(9) as f64;
            Piece { from, slope: self.integer(2), height: self.integer(50) }
        };
        (0..8).map(|_| piece()).collect()
    }

    /// A load, or any operation.
    fn op(&mut self, is_load: bool) -> Op {
        let (to, sum) = (self.below(NUMBERS as u64) as u16, self.sum());
        match if is_load { 4 } else { self.below(7) } {
            0 => Op::Sum { to, sum },
            1 => Op::Positive { to, sum },
            2 => Op::Product { to, factor: self.below(NUMBERS as u64) as u16, sum },
            3 => {
                let pieces = self.pieces();
                let count = self.below(9) as usize;
                Op::Pieces { to, sum, pieces: pieces[..count].to_vec() }
            }
            // Numbers that nothing reads: bits of an integer are no number.
            5 => Op::Integer { to: NUMBERS as u16 + to % 2, sum },
            4 => Op::Input { to, row: self.below(ROWS as u64) as u16, from: self.below(ROW as u64) as u16 },
            _ => Op::Output { to: self.below(ROW as u64) as u16, sum },
        }
    }
}

const NUMBERS: usize = 40;
/// With the two that have the bits of integers.
const ALL_NUMBERS: usize = NUMBERS + 2;
const ROW: usize = 7;
const ROWS: usize = 3;

type Compile<N> = fn(Vec<Vec<Op>>, &dyn Fn(u16) -> bool) -> Code<N>;

/// The numbers that some function reads before it computes them.
fn exposed(functions: &[Vec<Op>]) -> HashSet<u16> {
    let of_function = |function: &Vec<Op>| {
        let (mut computed, mut exposed) = (HashSet::new(), Vec::new());
        for op in function {
            exposed.extend(op.read().filter(|number| !computed.contains(number)));
            computed.extend(op.computed());
        }
        exposed
    };
    functions.iter().flat_map(of_function).collect()
}

/// Runs functions of random operations, as machine code and interpreted. Returns how many give other bits.
/// The numbers stay integers that `f32` has, too.
fn differing<N: Number>(seed: u64, compile: Compile<N>) -> usize {
    let mut random = Random(seed);
    // Few operations on few numbers stay small integers; many of them run out of registers.
    let length = if seed.is_multiple_of(4) { 40 } else { 4 };
    let functions: Vec<Vec<Op>> = (0..20).map(|_| (0..length).map(|at| random.op(length > 9 && at < 30)).collect()).collect();
    let exposed = exposed(&functions);
    let kept: Vec<bool> =
        (0..ALL_NUMBERS as u16).map(|number| exposed.contains(&number) || usize::from(number) >= NUMBERS || random.below(3) == 0).collect();
    let is_kept = |number: u16| kept[usize::from(number)];
    let oracle = Code::<N>::interpreted(functions.clone(), ALL_NUMBERS, &is_kept).unwrap();
    let code = compile(functions, &is_kept);
    let mut differing = 0;
    for function in 0..20 {
        let numbers: Vec<f64> = (0..ALL_NUMBERS).map(|_| random.integer(12)).map(|number| number.max(-3.0)).collect();
        let inputs: Vec<N> = (0..ROWS * ROW).map(|_| N::narrow(random.integer(99))).collect();
        let inputs: Vec<Row<'_, N>> = inputs.chunks(ROW).map(Row::from).collect();
        let run = |code: &Code<N>| {
            let (mut numbers, mut outputs) = (numbers.clone(), vec![N::narrow(0.0); ROW]);
            code.run(function, &mut numbers, &inputs, &mut outputs);
            let numbers = numbers.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(number, _)| number);
            numbers.chain(outputs.into_iter().map(N::widen)).map(f64::to_bits).collect::<Vec<u64>>()
        };
        let (actual, expected) = (run(&code), run(&oracle));
        assert!(expected.iter().all(|bits| *bits != (-0.0f64).to_bits()));
        differing += usize::from(actual != expected);
    }
    differing
}

#[test]
fn what_is_compiled_does_what_operations_mean() {
    for seed in 0..300 {
        let narrow = differing::<f32>(seed, |functions, is_kept| Code::new(functions, ALL_NUMBERS, is_kept).unwrap());
        let wide = differing::<f64>(seed, |functions, is_kept| Code::new(functions, ALL_NUMBERS, is_kept).unwrap());
        assert_eq!((narrow, wide), (0, 0), "seed {seed}");
    }
    assert_eq!(Code::<f32>::new(Vec::new(), 0, &|_| true).unwrap().is_machine_code(), knows_the_processor());
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_wrong_instruction_is_found() {
    use super::memory::Machine;
    use super::x86_64::Assembler;
    use super::x86_64::encoding::{
        ADD, ADD_PRODUCT, AND, BLEND, Instruction, MAXIMUM, MINIMUM, MULTIPLY, ROUND, SCALE_AND_ADD, SUBTRACT, XOR,
    };

    const FAULTS: [[Instruction; 2]; 8] = [
        [ADD, SUBTRACT],
        [SUBTRACT, ADD],
        [MULTIPLY, ADD],
        [MAXIMUM, MINIMUM],
        [AND, XOR],
        [BLEND, ROUND],
        [SCALE_AND_ADD, ADD_PRODUCT],
        [ADD_PRODUCT, SCALE_AND_ADD],
    ];
    fn faulty<const FAULT: usize>(functions: Vec<Vec<Op>>, is_kept: &dyn Fn(u16) -> bool) -> Code<f64> {
        let needs = Needs::of(&functions, ALL_NUMBERS, is_kept).unwrap();
        let assembler = Assembler::new(false).with_fault(FAULTS[FAULT]);
        Code(Functions::Machine(Machine::of(&needs, &functions, is_kept, assembler).unwrap()))
    }
    if !knows_the_processor() {
        return;
    }
    let compilers: [Compile<f64>; 8] =
        [faulty::<0>, faulty::<1>, faulty::<2>, faulty::<3>, faulty::<4>, faulty::<5>, faulty::<6>, faulty::<7>];
    for (compile, fault) in compilers.into_iter().zip(FAULTS) {
        assert!((0..100).any(|seed| differing(seed, compile) > 0), "{fault:x?}");
    }
}

#[test]
fn operations_beyond_the_numbers_are_refused() {
    let over = |index: u16| Sum { constant: 0.0, terms: vec![(index, 1.0)] };
    for op in [
        Op::Sum { to: 3, sum: Sum::default() },
        Op::Sum { to: 0, sum: over(3) },
        Op::Positive { to: 0, sum: over(3) },
        Op::Product { to: 0, factor: 3, sum: Sum::default() },
        Op::Pieces { to: 0, sum: over(3), pieces: Vec::new() },
        Op::Input { to: 3, row: 0, from: 0 },
        Op::Output { to: 0, sum: over(3) },
    ] {
        assert!(Code::<f64>::new(vec![vec![op]], 3, &|_| true).is_none());
    }
}

#[test]
fn numbers_that_are_not_kept_are_computed_before_they_are_read() {
    let copy = |to: u16, from: u16| Op::Sum { to, sum: Sum { constant: 0.0, terms: vec![(from, 1.0)] } };
    let compiled = |function: Vec<Op>| Code::<f64>::new(vec![vec![copy(1, 0)], function], 3, &|number| number != 1).is_some();
    assert!(compiled(vec![copy(1, 0), copy(2, 1)]));
    assert!(!compiled(vec![copy(2, 1)]));
}

/// Whether functions become machine code here.
fn knows_the_processor() -> bool {
    #[cfg(target_arch = "x86_64")]
    return super::x86_64::is_known();
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

#[test]
#[should_panic(expected = "a slice is too short")]
fn short_rows_are_refused() {
    let code = Code::<f32>::new(vec![vec![Op::Input { to: 0, row: 1, from: 2 }]], 1, &|_| true).unwrap();
    code.run(0, &mut [0.0], &[Row::from(&[0.0; 3][..]), Row::from(&[0.0; 2][..])], &mut []);
}

#[test]
#[should_panic(expected = "a slice is too short")]
fn missing_rows_are_refused() {
    let code = Code::<f32>::new(vec![vec![Op::Input { to: 0, row: 1, from: 2 }]], 1, &|_| true).unwrap();
    code.run(0, &mut [0.0], &[Row::from(&[0.0; 3][..])], &mut []);
}
