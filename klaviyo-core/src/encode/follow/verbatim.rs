//! Rows whose item is their text, but for what stands around it: only looked at, and copied in one go.

use super::Captures;
use super::scan::{Scan, Scanned};
use crate::encode::given::{Given, Rule};
use crate::encode::key;
use crate::encode::shape::{Expected, Opening, Step};
use crate::encode::state::Capture;

/// A shape of which each object of the row is one of the item, in the same place under the same name. A
/// text of this shape that is written as it is to be sent, without a null and an empty object, is sent as it
/// is.
#[derive(Debug)]
pub(super) struct Verbatim {
    /// What stands around the row's members in the item.
    before: Vec<u8>,
    after: Vec<u8>,
    pieces: Vec<Piece>,
}

/// What may come next in a text. Every `lead` begins with a comma.
#[derive(Debug)]
enum Piece {
    Value {
        lead: Vec<u8>,
        rule: Rule,
        capture: Option<Capture>,
    },
    /// An object begins, which ends with the piece at `leave`.
    Enter {
        lead: Vec<u8>,
        leave: usize,
    },
    Leave,
    /// An object that takes every name.
    Properties {
        lead: Vec<u8>,
    },
}

impl Verbatim {
    /// The pieces of what these steps make; none when they do more than to copy.
    pub(super) fn of(steps: &[Step]) -> Option<Self> {
        let around = steps.iter().map_while(|step| match step {
            Step::Open(opening) => Some(opening.lead.as_slice()),
            _ => None,
        });
        let around: Vec<&[u8]> = around.collect();
        let mut rest = &steps[around.len()..];
        let (mut pieces, mut entered) = (Vec::new(), Vec::new());
        while !rest.iter().all(|step| matches!(step, Step::Close)) {
            rest = match rest {
                [Step::Value(expected), behind @ ..] if keeps_name(expected) => {
                    pieces.push(Piece::of(expected));
                    behind
                }
                [Step::Enter(name), Step::Open(opening), behind @ ..] if is_of(opening, name) => {
                    entered.push(pieces.len());
                    let lead = behind_another(&opening.lead);
                    pieces.push(Piece::Enter { lead, leave: 0 });
                    behind
                }
                [Step::Leave, Step::Close, behind @ ..] => {
                    let enter = entered.pop()?;
                    let end = pieces.len();
                    if let Piece::Enter { leave, .. } = &mut pieces[enter] {
                        *leave = end;
                    }
                    pieces.push(Piece::Leave);
                    behind
                }
                [
                    Step::Open(opening),
                    Step::Properties(name, _),
                    Step::Close,
                    behind @ ..,
                ] if is_of(opening, name) => {
                    let lead = behind_another(&opening.lead);
                    pieces.push(Piece::Properties { lead });
                    behind
                }
                _ => return None,
            };
        }
        let is_even = entered.is_empty() && rest.len() == around.len();
        is_even.then(|| Verbatim {
            before: around.concat(),
            after: vec![b'}'; around.len()],
            pieces,
        })
    }

    /// Writes the item of a text of this shape; none when it has another one: nothing is written then, but
    /// some values may be captured.
    pub(super) fn write(
        &self,
        scan: Scan<'_>,
        item: &mut Vec<u8>,
        captures: &mut Captures,
    ) -> Option<()> {
        let members = self.members(scan, captures)?;
        item.extend_from_slice(&self.before);
        item.extend_from_slice(members.as_bytes());
        item.extend_from_slice(&self.after);
        Some(())
    }

    /// The members of the row.
    pub(super) fn members<'t>(&self, scan: Scan<'t>, captures: &mut Captures) -> Option<&'t str> {
        const FIRST: usize = 1;
        if scan.byte(0)? != b'{' {
            return None;
        }
        let (mut at, mut piece) = (FIRST, 0);
        let mut is_first = true;
        while let Some(next) = self.pieces.get(piece) {
            piece += 1;
            let lead = next.lead(is_first);
            if !scan.has(at, lead) {
                piece = next.without(piece)?;
                continue;
            }
            at += lead.len();
            match next {
                Piece::Value { rule, capture, .. } => {
                    let end = value_end(scan, at, *rule)?;
                    if let Some(capture) = capture {
                        let moved = |place| place - FIRST + self.before.len();
                        captures[*capture as usize] = Some(moved(at)..moved(end));
                    }
                    at = end;
                    is_first = false;
                }
                Piece::Enter { .. } => is_first = true,
                // Empty, it is not sent.
                Piece::Leave if is_first => return None,
                Piece::Leave => {}
                Piece::Properties { .. } => {
                    at = scan.properties_end(at)?;
                    is_first = false;
                }
            }
        }
        let is_whole = !is_first && scan.has(at, b"}") && scan.byte(at + 1).is_none();
        is_whole.then(|| scan.part(FIRST..at))
    }
}

impl Piece {
    fn of(expected: &Expected) -> Self {
        Piece::Value {
            lead: behind_another(&expected.lead),
            rule: expected.rule,
            capture: expected.capture,
        }
    }

    /// The piece that comes next in a row that does not give this one, `behind` being the one behind it.
    #[inline]
    fn without(&self, behind: usize) -> Option<usize> {
        match self {
            Piece::Value { .. } | Piece::Properties { .. } => Some(behind),
            Piece::Enter { leave, .. } => Some(leave + 1),
            Piece::Leave => None,
        }
    }

    /// What it begins with.
    #[inline]
    fn lead(&self, is_first: bool) -> &[u8] {
        match self {
            Piece::Value { lead, .. } | Piece::Enter { lead, .. } | Piece::Properties { lead } => {
                &lead[usize::from(is_first)..]
            }
            Piece::Leave => b"}",
        }
    }
}

/// Whether the item has the value under the name that the row gives it.
fn keeps_name(expected: &Expected) -> bool {
    expected.lead == in_json(&expected.name)
}

/// Whether the object has that name in the item, and nothing else if the row does not fill it.
fn is_of(opening: &Opening, name: &str) -> bool {
    !opening.required && opening.lead == [in_json(name).as_slice(), b"{"].concat()
}

/// The name as JSON has it, with its colon.
fn in_json(name: &str) -> Vec<u8> {
    let mut json = Vec::new();
    key::write(name, &mut json);
    json
}

fn behind_another(lead: &[u8]) -> Vec<u8> {
    [b",", lead].concat()
}

/// Behind the value that begins there, if it may be sent as it is.
#[inline]
fn value_end(scan: Scan<'_>, start: usize, rule: Rule) -> Option<usize> {
    let Scanned { end, given } = scan.value(start, 0)?;
    let given = given?;
    let is_fine = rule.takes_as_it_stands(given)
        || given == Given::Text && {
            let text = scan.part(start + 1..end - 1);
            matches!(rule.check_text(scan.limits(), text), Ok(None))
        };
    is_fine.then_some(end)
}
