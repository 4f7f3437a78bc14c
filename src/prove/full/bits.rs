//! Layer 3: the bits of the operands' bytes, found by the byte, and elements of the table.

use super::expr::Expr;
use super::fetch::number;
use super::given::TOP;
use super::machine::{Group, Machine, Registers};
use super::region::{BYTES, Region};
use super::site::OPERANDS;
use super::symbols::{Meaning, Symbols};
use crate::full::listing::MAX_LISTING;
use crate::full::listing::token::{Family, Mark};
use crate::full::program::limits::MAX_TABLE;
use crate::prove::Failure;
use crate::prove::network::{Linear, Neuron};
use crate::prove::obligation::Tally;
use crate::transformer::Attention;

/// What a group of heads of layer 3 finds.
#[derive(Clone, Debug)]
pub(super) enum Bits {
    /// A row whose token is the byte that is asked for, plus 1: per head and dimension, what is retrieved by
    /// the byte.
    Byte { query: Linear, tables: Vec<Vec<Vec<i128>>> },
    /// The element of the table with the number that is asked for: per head and dimension, what is retrieved.
    Element { query: Linear, values: Vec<Vec<Part>> },
}

/// What is retrieved of an element of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Nothing,
    Number,
    /// The sums of the functions' pcs, and of their types, up to the element.
    Pcs,
    Types,
}

/// An element of the table: its number, its function's pc, and its type, which is 0 if the place is empty.
pub(super) fn element(symbols: &mut Symbols) -> [Expr; 3] {
    let number = symbols.free("number of the element found", 0, i128::from(MAX_TABLE) + 1);
    [number, symbols.free("pc in the table", 0, MAX_LISTING as i128), symbols.free("type in the table", 0, 65535)]
}

/// Whether attention or neurons of these layers write any of these lanes.
fn is_written(machine: &Machine<'_>, layers: std::ops::Range<usize>, lanes: &[usize]) -> bool {
    let is_one = |lane: usize| lanes.contains(&lane);
    let by_neuron = |neuron: &Neuron| neuron.output.terms().any(|(lane, _)| is_one(lane));
    machine.network.layers[layers]
        .iter()
        .any(|layer| layer.heads.iter().any(|head| head.writes().any(|(lane, ..)| is_one(lane))) || layer.neurons.iter().any(by_neuron))
}

fn read<'f>(forms: impl IntoIterator<Item = &'f Linear>) -> Vec<usize> {
    forms.into_iter().flat_map(|form| form.terms().map(|(lane, _)| lane).collect::<Vec<_>>()).collect()
}

/// Checks a group of heads of layer 3.
pub(super) fn bits(machine: &Machine<'_>, symbols: &mut Symbols, group: &Group<'_>, tally: &mut Tally) -> Result<Bits, Failure> {
    if group.kind != Attention::HardMax {
        return Err(Failure::new(format!("it is of the kind {}", group.kind)));
    }
    let keys = read(group.key);
    if is_written(machine, 0..3, &keys) {
        return of_table(machine, symbols, group, tally);
    }
    let heads = &machine.network.layers[3].heads;
    let values = read(group.heads.iter().flat_map(|head| &heads[*head].value));
    if is_written(machine, 0..3, &values) {
        return Err(Failure::new("it retrieves lanes that are not as the embedding made them"));
    }
    let region = Region::default();
    let mut tables: Vec<Vec<Vec<Option<i128>>>> =
        group.heads.iter().map(|head| vec![vec![None; BYTES]; heads[*head].value.len()]).collect();
    for token in 0..machine.network.tokens.len() {
        let own = machine.own(token);
        let number = number(symbols, &region, group.key, &own)?.as_constant().unwrap_or(-1);
        tally.cases += 1;
        if number == 0 {
            continue;
        }
        let Some(byte) = usize::try_from(number - 1).ok().filter(|byte| *byte < BYTES) else {
            return Err(Failure::new(format!("token {token} has the number {number}")));
        };
        for (tables, head) in tables.iter_mut().zip(&group.heads) {
            for (table, value) in tables.iter_mut().zip(&heads[*head].value) {
                let value = Expr::of(value, &own).constant;
                if *table[byte].get_or_insert(value) != value {
                    return Err(Failure::new(format!("tokens of the byte {byte} have different values")));
                }
            }
        }
    }
    // Every byte of an operand was a token of the run, but those that are all 0 or all 1 above a value.
    let exists = |byte: usize| machine.own(machine.id(if byte == 0 { Mark::Zero.token() } else { Mark::AllOnes.token() }));
    for byte in [0, BYTES - 1] {
        if number(symbols, &region, group.key, &exists(byte))? != Expr::constant(byte as i128 + 1) {
            return Err(Failure::new(format!("the mark for the byte {byte} is not found by it")));
        }
    }
    for number_of in 0..BYTES {
        let token = machine.ids(Family::Byte(0)).start + number_of;
        if number(symbols, &region, group.key, &machine.own(token))? != Expr::constant(number_of as i128 + 1) {
            return Err(Failure::new(format!("the token of the byte {number_of} is not found by it")));
        }
    }
    let whole = |table: Vec<Option<i128>>| table.into_iter().map(|value| value.unwrap_or_default()).collect();
    let tables = tables.into_iter().map(|head| head.into_iter().map(whole).collect()).collect();
    is_one(machine, group)?;
    Ok(Bits::Byte { query: group.query[0].clone(), tables })
}

/// Checks that the second dimension of the query is the lane that is 1 in every token's embedding, and stays
/// so.
fn is_one(machine: &Machine<'_>, group: &Group<'_>) -> Result<(), Failure> {
    let one = machine.lane("one")?;
    if group.query[1].terms().ne([(one, 1)]) || is_written(machine, 0..3, &[one]) {
        return Err(Failure::new("the second dimension of its query is not 1"));
    }
    Ok(())
}

/// Checks that rows are found by the number of the table's element that ends there.
fn of_table(machine: &Machine<'_>, symbols: &mut Symbols, group: &Group<'_>, tally: &mut Tally) -> Result<Bits, Failure> {
    let heads = &machine.network.layers[3].heads;
    let values = || group.heads.iter().map(|head| &heads[*head].value);
    if is_written(machine, 1..3, &read(group.key.iter().chain(values().flatten()))) {
        return Err(Failure::new("its key, or what it retrieves, is not as layer 0 made it"));
    }
    let region = Region::default();
    let registers = Registers::unknown(symbols, "in any row");
    let sum = |lane: &str| registers.get(lane).cloned().unwrap_or_default();
    let mark = machine.id(Mark::Element.token());
    for token in 0..machine.network.tokens.len() {
        let lanes = machine.begin(symbols, &region, machine.own(token), &registers)?;
        let number = number(symbols, &region, group.key, &lanes)?;
        tally.cases += 1;
        if number != if token == mark { sum("is element") } else { Expr::default() } {
            return Err(Failure::new(format!("token {token} has the number {}", symbols.shown(&number))));
        }
    }
    let lanes = machine.begin(symbols, &region, machine.own(mark), &registers)?;
    let parts = [(Part::Nothing, Expr::default()), (Part::Number, sum("is element")), (Part::Pcs, sum("immediate low"))];
    let parts = [&parts[..], &[(Part::Types, sum("index"))]].concat();
    let part = |value: &Linear| {
        let held = Expr::of(value, &lanes);
        let part = parts.iter().find(|(_, wanted)| *wanted == held).map(|(part, _)| *part);
        part.ok_or_else(|| Failure::new("it retrieves what is no part of an element"))
    };
    is_one(machine, group)?;
    let values = values().map(|head| head.iter().map(part).collect::<Result<_, _>>()).collect::<Result<_, _>>()?;
    Ok(Bits::Element { query: group.query[0].clone(), values })
}

impl Bits {
    /// What the group retrieves, where lanes hold this.
    pub fn value(
        &self,
        symbols: &mut Symbols,
        region: &Region,
        (head, dimension): (usize, usize),
        lanes: &[Expr],
    ) -> Result<Expr, Failure> {
        let (query, tables) = match self {
            Bits::Byte { query, tables } => (query, tables),
            Bits::Element { query, values } => return in_table(symbols, region, query, values[head][dimension], lanes),
        };
        let table = &tables[head][dimension];
        let asked = symbols.normal(region, &Expr::of(query, lanes));
        let unknown = || Failure::new("it asks for what is not a byte plus 1");
        let at = |number: i128| usize::try_from(number - 1).ok().and_then(|byte| table.get(byte)).copied();
        if let Some(number) = asked.as_constant() {
            return at(number).map(Expr::constant).ok_or_else(unknown);
        }
        let [(symbol, coefficient)] = asked.terms[..] else { return Err(unknown()) };
        let Meaning::Of(byte, of) = symbols.meaning(symbol).clone() else { return Err(unknown()) };
        let can_be = |value: &usize| region.values(byte).is_none_or(|values| values[*value]);
        let number = |value: usize| of[value] * coefficient + asked.constant;
        if !(0..BYTES).filter(can_be).all(|value| at(number(value)).is_some()) {
            return Err(unknown());
        }
        Ok(symbols.of_byte(region, byte, |value| at(number(value)).unwrap_or_default()))
    }
}

/// A part of the element whose place is top, or of the element before: the elements are numbered from 1 on,
/// and the first is before the table.
fn in_table(symbols: &mut Symbols, region: &Region, query: &Linear, part: Part, lanes: &[Expr]) -> Result<Expr, Failure> {
    let bytes: Vec<Expr> = (0..4).map(|place| symbols.byte(OPERANDS[TOP] + place)).collect();
    let top = Expr::sum((0..).zip(&bytes).map(|(place, byte)| (byte, 1 << (8 * place))));
    let asked = symbols.normal(region, &Expr::of(query, lanes).minus(&top));
    let [number, pc, ty] = element(symbols);
    let sums = Registers::unknown(symbols, "at the element before");
    let before = |lane: &str| sums.get(lane).cloned().unwrap_or_default();
    match (asked.as_constant(), part) {
        (Some(1 | 2), Part::Nothing) => Ok(Expr::default()),
        (Some(2), Part::Number) => Ok(number),
        (Some(2), Part::Pcs) => Ok(before("immediate low").plus(&pc)),
        (Some(2), Part::Types) => Ok(before("index").plus(&ty)),
        (Some(1), Part::Pcs) => Ok(before("immediate low")),
        (Some(1), Part::Types) => Ok(before("index")),
        _ => Err(Failure::new("it asks for no element of the table")),
    }
}
