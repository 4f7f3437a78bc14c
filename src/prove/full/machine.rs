//! The weights as the proof reads them: lanes by their names in the config, tokens by what they say, heads in
//! groups that choose the same row.

use super::expr::Expr;
use super::region::{BYTES, Byte, Region};
use super::symbols::Symbols;
use crate::full::listing::MAX_LISTING;
use crate::full::listing::operation::Operation;
use crate::full::listing::token::{Event, Family, Mark, Token, Vocabulary};
use crate::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS, MAX_GLOBALS, MAX_PAGES, MAX_TABLE, PAGE};
use crate::prove::Failure;
use crate::prove::network::{Head, Linear, Network};
use crate::transformer::{Attention, Config};

/// 2^32: the upper bound (exclusive) of a half of a value.
pub(super) const HALF: i128 = 1 << 32;
/// Maximum number of rows.
pub(super) const ROWS: i128 = 1 << 40;
/// The sum of a listing's immediates, per half, is less.
const IMMEDIATES: i128 = 1 << 50;
/// Maximum magnitude of a slot offset.
pub(super) const SHIFT: i128 = 1 << 15;
/// Maximum number of slots below the current frame, with six calls that do not count.
pub(super) const FRAMES: i128 = (MAX_GLOBALS + (MAX_CALL_DEPTH + 6) * MAX_FRAME_SLOTS) as i128;
/// Maximum height in a frame, globals included.
pub(super) const HEIGHT: i128 = (MAX_GLOBALS + MAX_FRAME_SLOTS) as i128;

/// A machine's weights.
pub(super) struct Machine<'n> {
    pub network: &'n Network,
    pub vocabulary: Vocabulary,
    names: Vec<Vec<&'n str>>,
    /// The groups of heads, per layer, but those that sum up.
    pub groups: Vec<Vec<Group<'n>>>,
}

/// The heads of a layer that have the same query and the same key, so that they choose the same row.
#[derive(Clone, Debug)]
pub(super) struct Group<'n> {
    pub kind: Attention,
    pub query: &'n [Linear],
    pub key: &'n [Linear],
    /// The numbers of the heads in their layer.
    pub heads: Vec<usize>,
}

/// The running sums of a row, by the name of the embedding's lane that each one sums up.
#[derive(Clone, Debug)]
pub(super) struct Registers(pub Vec<(&'static str, Expr)>);

/// The embedding's lanes that are summed up, with the ranges of the sums.
const SUMS: [(&str, i128, i128); 22] = [
    ("one", 1, ROWS),
    ("is opcode", 0, MAX_LISTING as i128),
    ("is element", 0, MAX_TABLE as i128 + 1),
    ("immediate low", 0, IMMEDIATES),
    ("immediate high", 0, IMMEDIATES),
    ("immediate mod 4", 0, 3 * MAX_LISTING as i128),
    ("index", 0, 65535 * MAX_LISTING as i128),
    ("shift of top", -SHIFT * MAX_LISTING as i128, SHIFT * MAX_LISTING as i128),
    ("shift of second", -SHIFT * MAX_LISTING as i128, SHIFT * MAX_LISTING as i128),
    ("shift of third", -SHIFT * MAX_LISTING as i128, SHIFT * MAX_LISTING as i128),
    ("shift of result", -SHIFT * MAX_LISTING as i128, SHIFT * MAX_LISTING as i128),
    ("top is below", 0, MAX_LISTING as i128),
    ("second is below", 0, MAX_LISTING as i128),
    ("third is below", 0, MAX_LISTING as i128),
    ("result is below", 0, MAX_LISTING as i128),
    ("adds", 0, MAX_LISTING as i128),
    ("height delta", -4, HEIGHT + 4),
    ("pc delta", 0, MAX_LISTING as i128),
    ("frame delta", 0, FRAMES),
    ("depth delta", 0, MAX_CALL_DEPTH as i128 + 6),
    ("address delta", 0, (MAX_PAGES * PAGE) as i128),
    ("max pages", 0, MAX_PAGES as i128),
];

/// The names of the lanes that are summed up.
pub(super) fn summed() -> impl Iterator<Item = &'static str> {
    SUMS.iter().map(|(lane, ..)| *lane)
}

impl Registers {
    /// Sums of a row about which nothing else is known.
    pub fn unknown(symbols: &mut Symbols, of: &str) -> Registers {
        Registers(SUMS.iter().map(|(lane, low, high)| (*lane, symbols.free(format!("sum of {lane} {of}"), *low, *high))).collect())
    }

    pub fn get(&self, lane: &str) -> Option<&Expr> {
        self.0.iter().find(|(of, _)| *of == lane).map(|(_, sum)| sum)
    }

    pub fn set(&mut self, lane: &str, sum: Expr) {
        if let Some((_, of)) = self.0.iter_mut().find(|(of, _)| *of == lane) {
            *of = sum;
        }
    }
}

/// The token of a row that emits the next token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Phase {
    /// The instruction begins: the token ended the step before, or the prompt.
    Begin,
    /// A byte at this place above 0, of the instruction's result.
    Middle(u8),
    /// The call's or return's change of the frame.
    Entered,
    Left,
    /// The high digit of a jump.
    Forward,
    Back,
}

impl Phase {
    /// The families of the row's token.
    fn families(self) -> Vec<Family> {
        match self {
            Phase::Begin => [Family::Byte(0), Family::Ones(0), Family::Forward(0), Family::Back(0)]
                .into_iter()
                .chain([Family::Output, Family::Error, Family::Send])
                .collect(),
            Phase::Middle(7) => vec![Family::Byte(7)],
            Phase::Middle(place) => vec![Family::Byte(place), Family::Ones(place)],
            Phase::Entered => vec![Family::Enter],
            Phase::Left => vec![Family::Leave],
            Phase::Forward => vec![Family::Forward(1)],
            Phase::Back => vec![Family::Back(1)],
        }
    }
}

impl<'n> Machine<'n> {
    pub fn new(network: &'n Network, config: &'n Config) -> Machine<'n> {
        let mut names: Vec<Vec<&str>> = config.lanes.iter().map(|names| names.split(" / ").collect()).collect();
        names.resize(network.d_model, Vec::new());
        let groups = network.layers.iter().map(|layer| groups(&layer.heads)).collect();
        Machine { network, vocabulary: Vocabulary::new(), names, groups }
    }

    /// The lane that has this name at the embedding, or else later.
    pub fn lane(&self, name: &str) -> Result<usize, Failure> {
        let first = self.names.iter().position(|names| names.first() == Some(&name));
        let found = first.or_else(|| self.names.iter().position(|names| names.contains(&name)));
        found.ok_or_else(|| Failure::new(format!("no lane is named {name:?}")))
    }

    /// The name of a lane at the embedding.
    pub fn embedded(&self, lane: usize) -> &'n str {
        self.names[lane].first().copied().unwrap_or("without a name")
    }

    /// The identifiers of a family's tokens.
    pub fn ids(&self, family: Family) -> std::ops::Range<usize> {
        let first = self.vocabulary.id(Token { family, number: 0 });
        first..first + usize::from(family.size())
    }

    pub fn id(&self, token: Token) -> usize {
        self.vocabulary.id(token)
    }

    /// The opcodes' tokens.
    pub fn opcodes(&self) -> std::ops::Range<usize> {
        self.ids(Family::Opcode)
    }

    /// The tokens of rows in a phase.
    pub fn tokens(&self, phase: Phase) -> Vec<usize> {
        let mut tokens: Vec<usize> = phase.families().into_iter().flat_map(|family| self.ids(family)).collect();
        if phase == Phase::Begin {
            tokens.extend([Event::Step.token(), Mark::Go.token()].map(|token| self.id(token)));
        }
        tokens
    }

    /// The lanes of the embedding of one token.
    pub fn own(&self, token: usize) -> Vec<Expr> {
        let mut lanes = vec![Expr::default(); self.network.d_model];
        self.network.tokens[token].terms().for_each(|(lane, weight)| lanes[lane].constant = weight.into());
        lanes
    }

    /// The lanes of the embedding of any of these tokens: each lane for itself.
    pub fn any(&self, symbols: &mut Symbols, of: &str, tokens: impl IntoIterator<Item = usize>) -> Vec<Expr> {
        let mut ranges: Vec<Option<(i64, i64, usize)>> = vec![None; self.network.d_model];
        let mut count = 0;
        for token in tokens {
            count += 1;
            for (lane, weight) in self.network.tokens[token].terms() {
                let range = ranges[lane].get_or_insert((weight, weight, 0));
                *range = (range.0.min(weight), range.1.max(weight), range.2 + 1);
            }
        }
        let lane = |(lane, range): (usize, Option<(i64, i64, usize)>)| match range {
            None => Expr::default(),
            Some((low, high, of_them)) => {
                let (low, high) = if of_them < count { (low.min(0), high.max(0)) } else { (low, high) };
                symbols.free(format!("{} of {of}", self.embedded(lane)), low.into(), high.into())
            }
        };
        ranges.into_iter().enumerate().map(lane).collect()
    }

    /// The lanes of the embedding of a family's token whose number is this unknown byte.
    pub fn digit(&self, symbols: &mut Symbols, family: Family, byte: Byte) -> Vec<Expr> {
        let first = self.ids(family).start;
        let mut tables: Vec<Option<Vec<i64>>> = vec![None; self.network.d_model];
        for number in 0..BYTES {
            for (lane, weight) in self.network.tokens[first + number].terms() {
                tables[lane].get_or_insert_with(|| vec![0; BYTES])[number] = weight;
            }
        }
        let region = Region::default();
        let mut lane =
            |table: Option<Vec<i64>>| table.map_or(Expr::default(), |table| symbols.of_byte(&region, byte, |number| table[number].into()));
        tables.into_iter().map(&mut lane).collect()
    }

    /// The lanes of a row in a phase. The tokens of changes of the frame and of jumps' high digits are known
    /// by their number.
    pub fn row(&self, symbols: &mut Symbols, phase: Phase) -> Result<Vec<Expr>, Failure> {
        match phase.families()[..] {
            [family @ (Family::Enter | Family::Leave | Family::Forward(_) | Family::Back(_))] => self.numbered(symbols, family),
            _ => Ok(self.any(symbols, "the row", self.tokens(phase))),
        }
    }

    /// The lanes of a family's token by its number, of which each must be a linear function.
    fn numbered(&self, symbols: &mut Symbols, family: Family) -> Result<Vec<Expr>, Failure> {
        let ids = self.ids(family);
        let number = number_of_token(symbols, family);
        let at = |number: usize| &self.network.tokens[ids.start + number];
        let mut lanes = Vec::with_capacity(self.network.d_model);
        for lane in 0..self.network.d_model {
            let first = i128::from(at(0).weight(lane));
            let step = i128::from(at(1).weight(lane)) - first;
            lanes.push(number.times(step).add(first));
        }
        for (number, id) in (0..).zip(ids.clone()) {
            let token = &self.network.tokens[id];
            let linear = |(lane, of): (usize, &Expr)| {
                let step = of.terms.first().map_or(0, |(_, step)| *step);
                i128::from(token.weight(lane)) == of.constant + step * number
            };
            if !lanes.iter().enumerate().all(linear) {
                return Err(Failure::new(format!("the embedding of token {id} is not linear in its number")));
            }
        }
        Ok(lanes)
    }

    /// Passes a row's embedding through the attention of layer 0, which sums up.
    pub fn sum_up(&self, lanes: &mut [Expr], registers: &Registers) -> Result<(), Failure> {
        let summing = self.network.layers[0].heads.iter().enumerate().filter(|(_, head)| head.kind == Attention::Sum);
        for (index, head) in summing {
            for (lane, dimension, weight) in head.writes() {
                let mut sum = Expr::default();
                for (of, factor) in head.value[dimension].terms() {
                    let name = self.embedded(of);
                    let register = registers.get(name);
                    let register = register.ok_or_else(|| Failure::new(format!("layer 0, head {index} sums up the lane {name}")))?;
                    sum = sum.plus(&register.times(factor.into()));
                }
                lanes[lane] = lanes[lane].plus(&sum.times(weight.into()));
            }
        }
        Ok(())
    }

    /// Passes a row's embedding through layer 0.
    pub fn begin(&self, symbols: &mut Symbols, region: &Region, own: Vec<Expr>, registers: &Registers) -> Result<Vec<Expr>, Failure> {
        let mut lanes = own;
        self.sum_up(&mut lanes, registers)?;
        // The other heads of layer 0 find the latest call.
        let latest = latest_call(symbols, registers);
        for head in self.network.layers[0].heads.iter().filter(|head| head.kind != Attention::Sum) {
            for (lane, _, weight) in head.writes() {
                lanes[lane] = lanes[lane].plus(&latest.times(weight.into()));
            }
        }
        super::forward::pass(symbols, region, &self.network.layers[0].neurons, &mut lanes);
        Ok(lanes)
    }

    /// The token of an operation's opcode.
    pub fn opcode(&self, operation: Operation) -> usize {
        self.id(operation.token())
    }
}

/// The number of slots by which the latest call before a row moved the frame.
pub(super) fn latest_call(symbols: &mut Symbols, registers: &Registers) -> Expr {
    symbols.free(format!("latest call before {:?}", registers.get("one")), 0, MAX_FRAME_SLOTS.into())
}

/// The number of the row's token, which is of this family.
pub(super) fn number_of_token(symbols: &mut Symbols, family: Family) -> Expr {
    let first = i128::from(matches!(family, Family::Forward(1) | Family::Back(1)));
    symbols.free("number of the row's token", first, i128::from(family.size()) - 1)
}

fn groups(heads: &[Head]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (index, head) in heads.iter().enumerate() {
        if head.writes().next().is_none() {
            continue;
        }
        let same = groups.iter_mut().find(|group| group.kind == head.kind && group.query == head.query && group.key == head.key);
        match same {
            Some(group) => group.heads.push(index),
            None if head.kind == Attention::Sum => {}
            None => groups.push(Group { kind: head.kind, query: &head.query, key: &head.key, heads: vec![index] }),
        }
    }
    groups
}
