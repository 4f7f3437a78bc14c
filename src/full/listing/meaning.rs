//! What the tokens of a family are for, in words.

use super::token::{Family, Shifted};

impl Family {
    /// What a token of this family says.
    pub fn meaning(self) -> String {
        match self {
            Family::Byte(0) => "the lowest byte of a value; it ends the value and the step".to_string(),
            Family::Byte(place) => format!("byte {place} of a value; bytes above the first one given are 0"),
            Family::Ones(place) => format!("byte {place} of a value, whose bytes above are all 255"),
            Family::Forward(0) => "the last digit of a jump forward, in base 2048; it ends the step".to_string(),
            Family::Forward(place) => format!("digit {place} of a jump forward, in base 2048"),
            Family::Back(0) => "the last digit of a jump back, in base 2048; it ends the step".to_string(),
            Family::Back(place) => format!("digit {place} of a jump back, in base 2048"),
            Family::Enter => "a call; the number is the slots by which the frame rises".to_string(),
            Family::Leave => "a return; the number is the slots by which the frame falls".to_string(),
            Family::Output => "a byte of output".to_string(),
            Family::Error => "a byte of an error message".to_string(),
            Family::Send => "a byte of a question to the system".to_string(),
            Family::Exit => "the end, with a status".to_string(),
            Family::Event => "a step without a result, an end of the run, or a question for a byte of input".to_string(),
            Family::Opcode => "an instruction of the program".to_string(),
            Family::Immediate(place) => format!("byte {place} of the following instruction's immediate"),
            Family::Index(place) => format!("byte {place} of the following instruction's second immediate"),
            Family::Shift(what, place) => {
                let what = match what {
                    Shifted::Top => "top operand",
                    Shifted::Second => "second operand",
                    Shifted::Third => "third operand",
                    Shifted::Result => "result",
                };
                format!("byte {place} of the distance to the slot of the following instruction's {what}")
            }
            Family::Raise => "how much higher the following instruction's height is than the one before leaves it".to_string(),
            Family::Lower => "how much lower the following instruction's height is than the one before leaves it".to_string(),
            Family::Pages => "the memory's length in pages".to_string(),
            Family::MaxPages => "the length in pages to which the memory may grow".to_string(),
            Family::Data(residue) => format!("a byte of memory, at an address that is {residue} mod 4"),
            Family::Ahead(place) => format!("byte {place} of the number of zeros in memory before the next byte given"),
            Family::Mark => "a part of the prompt that is no instruction".to_string(),
        }
    }
}
