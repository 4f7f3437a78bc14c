//! A calculator: one expression a line, with variables of one letter; exits with the number of lines that it
//! could not compute.
use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::process::ExitCode;

type Value = Result<i64, &'static str>;

struct Parser<'a> {
    rest: &'a [u8],
    variables: &'a BTreeMap<u8, i64>,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.first().copied()
    }

    fn takes(&mut self, wanted: &[u8]) -> Option<u8> {
        let found = self.next().filter(|byte| wanted.contains(byte))?;
        self.rest = &self.rest[1..];
        Some(found)
    }

    fn unit(&mut self) -> Value {
        if self.takes(b"-").is_some() {
            return self.unit().map(i64::wrapping_neg);
        }
        if self.takes(b"(").is_some() {
            let value = self.sum()?;
            return self.takes(b")").map(|_| value).ok_or("a bracket is open");
        }
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest.split_at(digits);
        match rest.first() {
            _ if digits > 0 => {
                self.rest = rest;
                Ok(number.iter().fold(0i64, |value, digit| value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'))))
            }
            Some(name @ b'a'..=b'z') => {
                self.rest = &rest[1..];
                Ok(self.variables.get(name).copied().unwrap_or(0))
            }
            Some(_) => Err("not a number"),
            None => Err("it ends too early"),
        }
    }

    fn product(&mut self) -> Value {
        let mut value = self.unit()?;
        while let Some(operation) = self.takes(b"*/") {
            let right = self.unit()?;
            value = match operation {
                b'*' => value.wrapping_mul(right),
                _ => value.checked_div(right).ok_or("division by zero")?,
            };
        }
        Ok(value)
    }

    fn sum(&mut self) -> Value {
        let mut value = self.product()?;
        while let Some(operation) = self.takes(b"+-") {
            let right = self.product()?;
            value = if operation == b'+' { value.wrapping_add(right) } else { value.wrapping_sub(right) };
        }
        Ok(value)
    }

    fn all(&mut self) -> Value {
        let value = self.sum()?;
        self.next().map_or(Ok(value), |_| Err("something follows"))
    }
}

fn main() -> ExitCode {
    let mut variables = BTreeMap::new();
    let mut faults = 0;
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let line = line.expect("text").into_bytes();
        let (name, rest) = match &line[..] {
            [name @ b'a'..=b'z', b' ', b'=', rest @ ..] => (Some(*name), rest),
            all => (None, all),
        };
        match (Parser { rest, variables: &variables }.all(), name) {
            (Err(fault), _) => {
                faults += 1;
                eprintln!("line {}: {fault}", number + 1);
            }
            (Ok(value), Some(name)) => {
                variables.insert(name, value);
                println!("{} = {value}", name as char);
            }
            (Ok(value), None) => println!("{value}"),
        }
    }
    ExitCode::from(faults)
}
