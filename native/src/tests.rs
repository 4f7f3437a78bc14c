use super::{Code, Functions, Number, Op, Piece, Sum};

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
        let count = self.below(5);
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

    fn op(&mut self) -> Op {
        let (to, sum) = (self.below(NUMBERS as u64) as u16, self.sum());
        match self.below(6) {
            0 => Op::Sum { to, sum },
            1 => Op::Positive { to, sum },
            2 => Op::Product { to, factor: self.below(NUMBERS as u64) as u16, sum },
            3 => {
                let pieces = self.pieces();
                let count = self.below(9) as usize;
                Op::Pieces { to, sum, pieces: pieces[..count].to_vec() }
            }
            4 => Op::Input { to, from: self.below(ROW as u64) as u16 },
            _ => Op::Output { to: self.below(ROW as u64) as u16, sum },
        }
    }
}

const NUMBERS: usize = 40;
const ROW: usize = 7;

/// Runs functions of random operations, as machine code and interpreted. Returns how many give other bits.
/// The numbers stay integers that `f32` has, too.
fn differing<N: Number>(seed: u64, compile: fn(&[Vec<Op>]) -> Functions<N>) -> usize {
    let mut random = Random(seed);
    let functions: Vec<Vec<Op>> = (0..20).map(|_| (0..3).map(|_| random.op()).collect()).collect();
    let oracle = Code::<N>::interpreted(functions.clone(), NUMBERS).unwrap();
    let code = Code { numbers: NUMBERS, needs: oracle.needs.clone(), functions: compile(&functions) };
    let mut differing = 0;
    for function in 0..20 {
        let numbers: Vec<f64> = (0..NUMBERS).map(|_| random.integer(12)).map(|number| number.max(-3.0)).collect();
        let inputs: Vec<N> = (0..ROW).map(|_| N::narrow(random.integer(99))).collect();
        let run = |code: &Code<N>| {
            let (mut numbers, mut outputs) = (numbers.clone(), vec![N::narrow(0.0); ROW]);
            code.run(function, &mut numbers, &inputs, &mut outputs);
            numbers.into_iter().chain(outputs.into_iter().map(N::widen)).map(f64::to_bits).collect::<Vec<u64>>()
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
        let narrow = differing::<f32>(seed, |functions| Code::new(functions.to_vec(), NUMBERS).unwrap().functions);
        let wide = differing::<f64>(seed, |functions| Code::new(functions.to_vec(), NUMBERS).unwrap().functions);
        assert_eq!((narrow, wide), (0, 0), "seed {seed}");
    }
    assert_eq!(Code::<f32>::new(Vec::new(), 0).unwrap().is_machine_code(), cfg!(target_arch = "x86_64"));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_wrong_instruction_is_found() {
    use super::memory::Machine;
    use super::x86_64::{ADD, AND, AND_NOT, Assembler, MAXIMUM, MINIMUM, MULTIPLY, OR, Opcode, SUBTRACT};

    const FAULTS: [[Opcode; 2]; 8] =
        [[ADD, SUBTRACT], [SUBTRACT, ADD], [MULTIPLY, ADD], [MAXIMUM, MINIMUM], [AND, OR], [AND_NOT, AND], [OR, AND], [OR, AND_NOT]];
    fn faulty<const FAULT: usize>(functions: &[Vec<Op>]) -> Functions<f64> {
        let mut assembler = Assembler::new(false);
        assembler.fault = Some(FAULTS[FAULT]);
        Functions::Machine(Machine::of(assembler.functions(functions)).unwrap())
    }
    let compilers = [faulty::<0>, faulty::<1>, faulty::<2>, faulty::<3>, faulty::<4>, faulty::<5>, faulty::<6>, faulty::<7>];
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
        Op::Input { to: 3, from: 0 },
        Op::Output { to: 0, sum: over(3) },
    ] {
        assert!(Code::<f64>::new(vec![vec![op]], 3).is_none());
    }
}

#[test]
#[should_panic(expected = "a slice is too short")]
fn short_slices_are_refused() {
    let code = Code::<f32>::new(vec![vec![Op::Input { to: 0, from: 2 }]], 1).unwrap();
    code.run(0, &mut [0.0], &[0.0; 2], &mut []);
}
