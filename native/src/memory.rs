//! Machine code in memory that can be executed: the crate's only unsafe code.

use std::marker::PhantomData;
#[cfg(target_arch = "x86_64")]
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Needs, Number, Op};

/// A row of inputs.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Row<'r, N> {
    /// The start of the row. Machine code reads this field, which is the first.
    start: *const N,
    len: usize,
    of: PhantomData<&'r [N]>,
}

impl<'r, N> From<&'r [N]> for Row<'r, N> {
    #[inline(always)]
    fn from(row: &'r [N]) -> Row<'r, N> {
        Row { start: row.as_ptr(), len: row.len(), of: PhantomData }
    }
}

impl<'r, N> Row<'r, N> {
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn numbers(&self) -> &'r [N] {
        // SAFETY: these are the start and the length of a slice, which is borrowed for 'r.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

/// A function of machine code: it is given numbers, inputs, outputs and its constants.
#[cfg(target_arch = "x86_64")]
type Function<N> = unsafe extern "sysv64" fn(*mut f64, *const Row<'_, N>, *mut N, *const f64);

/// Size of a page, and of a line of a processor's caches, in bytes.
#[cfg(target_arch = "x86_64")]
const PAGE: usize = 4096;
#[cfg(target_arch = "x86_64")]
const LINE: usize = 64;

/// Where the next functions begin in their first page: after the last ones in theirs. If all began with a
/// page, they would displace each other from a processor's caches, which place lines by these bits.
#[cfg(target_arch = "x86_64")]
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Functions of machine code.
#[derive(Debug)]
pub(super) struct Machine<N> {
    #[cfg(target_arch = "x86_64")]
    memory: memmap2::Mmap,
    needs: Needs,
    /// Per function, its start in the memory.
    starts: Vec<usize>,
    constants: Vec<f64>,
    of: PhantomData<fn(N)>,
}

impl<N: Number> Machine<N> {
    /// Assembles functions. `None` if the processor is not known, or the system gives no such memory.
    #[cfg(target_arch = "x86_64")]
    pub fn new(needs: &Needs, functions: &[Vec<Op>], is_kept: &dyn Fn(u16) -> bool) -> Option<Machine<N>> {
        let assembler = super::x86_64::is_known().then(|| super::x86_64::Assembler::new(N::IS_NARROW));
        assembler.and_then(|assembler| Machine::of(needs, functions, is_kept, assembler))
    }

    /// Makes what an assembler assembles executable. The assembler must be for this type, and `needs` what
    /// the functions need.
    #[cfg(target_arch = "x86_64")]
    pub fn of(
        needs: &Needs,
        functions: &[Vec<Op>],
        is_kept: &dyn Fn(u16) -> bool,
        assembler: super::x86_64::Assembler,
    ) -> Option<Machine<N>> {
        let super::x86_64::Assembled { bytes, starts, constants } = assembler.functions(functions.iter().map(Vec::as_slice), is_kept);
        let first = NEXT.fetch_add(bytes.len().next_multiple_of(LINE), Ordering::Relaxed) % PAGE;
        let mut memory = memmap2::MmapMut::map_anon((first + bytes.len()).max(1)).ok()?;
        memory[first..][..bytes.len()].copy_from_slice(&bytes);
        let memory = memory.make_exec().ok()?;
        let starts = starts.into_iter().map(|start| first + start).collect();
        Some(Machine { memory, needs: needs.clone(), starts, constants, of: PhantomData })
    }

    /// Assembles functions. `None`, since the processor is not known.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn new(_: &Needs, _: &[Vec<Op>], _: &dyn Fn(u16) -> bool) -> Option<Machine<N>> {
        None
    }

    /// Runs a function.
    ///
    /// # Panics
    ///
    /// If there is no such function, or a slice is shorter than the function needs.
    #[inline(always)]
    #[cfg(target_arch = "x86_64")]
    pub fn run(&self, function: usize, numbers: &mut [f64], inputs: &[Row<'_, N>], outputs: &mut [N]) {
        self.needs.check(function, numbers, inputs, outputs);
        let start = self.memory[self.starts[function]..].as_ptr();
        // SAFETY: a function begins at this place, and `memory` can be executed as long as it is borrowed.
        // The function is of this type: the assembler was told whether N is f32. It reaches no number, input
        // or output that its operations do not name; these are within the slices, which has been checked, and
        // no constants but `constants`.
        unsafe {
            let function = std::mem::transmute::<*const u8, Function<N>>(start);
            function(numbers.as_mut_ptr(), inputs.as_ptr(), outputs.as_mut_ptr(), self.constants.as_ptr());
        }
    }

    /// There are no functions to run.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn run(&self, _: usize, _: &mut [f64], _: &[Row<'_, N>], _: &mut [N]) {}
}
