//! Weights with a program in them, and the proof that such weights are exact.

use super::engine::Case;
use super::machine::{Held, Machine, MachineError, program_digest};
use crate::circuit::{Bounds, Circuit, Form, Lane};
use crate::transformer::specialized::rows_digest;
use crate::transformer::{Matrix, Model, Number, Specialized};

/// A machine with a program in its weights.
pub struct Specialization<L: Machine> {
    /// The weights.
    pub model: Model<L::Number>,
    /// The proof that their arithmetic is exact.
    pub bounds: Bounds,
    /// The circuit that they were made of.
    pub circuit: Circuit,
    /// What each row that holds the program is.
    pub rows: Vec<String>,
}

impl<L: Machine> Specialization<L> {
    /// The machine with this case's program in its weights, in this form. The program's name is `name`.
    ///
    /// # Errors
    /// Where a limit of the machine is exceeded, or where a number may leave the exact integers.
    pub fn of(case: Case<'_, L>, form: L::Form, name: &str) -> Result<Specialization<L>, MachineError> {
        let lowered = L::lower(case.shorten(), form)?;
        let Held { circuit, tokens, prompt, stores, rows, host } = L::specialized(case.shorten(), &lowered);
        let (mut model, bounds) = circuit.compile::<L::Number>()?;
        let mut specialized = Specialized {
            program: name.to_string(),
            digest: program_digest(case, &lowered, &L::Vocabulary::default()),
            form: L::form_name(form).unwrap_or_default().to_string(),
            prompt,
            tokens,
            stores,
            rows: String::new(),
            host,
        };
        specialized.rows = rows_digest(&model.embedding, specialized.own_rows(model.embedding.rows()));
        model.config.specialized = Some(specialized.into());
        Ok(Specialization { model, bounds, circuit, rows })
    }
}

/// The proven bounds of specialised weights, if they are weights that [`Specialization::of`] made. The
/// circuit is built and the bounds are derived anew, with the rows of the embedding that are in the weights.
/// These rows are those of a program if they have the digest that the config names.
pub(super) fn bounds<L: Machine>(model: &Model<L::Number>, specialized: &Specialized) -> Option<Bounds> {
    let embedding = &model.embedding;
    let rows = || specialized.own_rows(embedding.rows());
    if rows_digest(embedding, rows()) != specialized.rows {
        return None;
    }
    let mut circuit = L::without_program(&model.config);
    let forms = forms(embedding, rows())?;
    rows().zip(forms).for_each(|(row, form)| circuit.set_embedding(row, form));
    let (mut compiled, bounds) = circuit.compile::<L::Number>().ok()?;
    compiled.config.specialized.clone_from(&model.config.specialized);
    (compiled == *model).then_some(bounds)
}

/// Rows of a matrix as forms over the lanes; `None` if a number is no integer.
fn forms<T: Number>(matrix: &Matrix<T>, rows: impl Iterator<Item = usize>) -> Option<Vec<Form>> {
    let terms = matrix.row_terms();
    let form = |row: usize| {
        let terms = terms[row].iter().map(|(lane, number)| {
            let integer = number.to_integer();
            (T::from_integer(integer) == *number).then(|| Lane(*lane) * integer)
        });
        terms.sum::<Option<Form>>()
    };
    rows.map(form).collect()
}
