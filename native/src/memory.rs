//! Machine code in memory that can be executed: the crate's only unsafe code.

use std::marker::PhantomData;

use super::{Number, Op};

/// A function of machine code: it is given numbers, inputs, outputs and its constants.
#[cfg(target_arch = "x86_64")]
type Function<N> = unsafe extern "sysv64" fn(*mut f64, *const N, *mut N, *const f64);

/// Functions of machine code.
#[derive(Debug)]
pub(super) struct Machine<N> {
    #[cfg(target_arch = "x86_64")]
    memory: memmap2::Mmap,
    starts: Vec<usize>,
    constants: Vec<f64>,
    of: PhantomData<fn(N)>,
}

impl<N: Number> Machine<N> {
    /// Assembles functions. `None` if the processor is not known, or the system gives no such memory.
    #[cfg(target_arch = "x86_64")]
    pub fn new(functions: &[Vec<Op>], is_kept: &dyn Fn(u16) -> bool) -> Option<Machine<N>> {
        let assembler = super::x86_64::is_known().then(|| super::x86_64::Assembler::new(N::IS_NARROW));
        assembler.and_then(|assembler| Machine::of(assembler.functions(functions, is_kept)))
    }

    /// Makes assembled functions executable. They must have been assembled for this type.
    #[cfg(target_arch = "x86_64")]
    pub fn of(assembled: super::x86_64::Assembled) -> Option<Machine<N>> {
        let super::x86_64::Assembled { bytes, starts, constants } = assembled;
        let mut memory = memmap2::MmapMut::map_anon(bytes.len().max(1)).ok()?;
        memory[..bytes.len()].copy_from_slice(&bytes);
        let memory = memory.make_exec().ok()?;
        Some(Machine { memory, starts, constants, of: PhantomData })
    }

    /// Assembles functions. `None`, since the processor is not known.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn new(_: &[Vec<Op>], _: &dyn Fn(u16) -> bool) -> Option<Machine<N>> {
        None
    }

    /// Runs a function. The slices must be as long as its operations need.
    #[inline]
    #[cfg(target_arch = "x86_64")]
    pub fn run(&self, function: usize, numbers: &mut [f64], inputs: &[N], outputs: &mut [N]) {
        let start = self.memory[self.starts[function]..].as_ptr();
        // SAFETY: a function begins at this place, and `memory` can be executed as long as it is borrowed.
        // The function is of this type: the assembler was told whether N is f32. It reaches no number, input or
        // output that its operations do not name; these are within the slices, which `Code::run` has checked,
        // and no constants but `constants`.
        unsafe {
            let function = std::mem::transmute::<*const u8, Function<N>>(start);
            function(numbers.as_mut_ptr(), inputs.as_ptr(), outputs.as_mut_ptr(), self.constants.as_ptr());
        }
    }

    /// There are no functions to run.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn run(&self, _: usize, _: &mut [f64], _: &[N], _: &mut [N]) {}
}
