//! Counts the words of its input and prints them, the most frequent first.
use std::collections::HashMap;
use std::io::{self, BufRead};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut lines = 0;
    for line in io::stdin().lock().lines() {
        lines += 1;
        for word in line.expect("text").split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()) {
            *counts.entry(word.to_lowercase()).or_default() += 1;
        }
    }
    if counts.is_empty() {
        eprintln!("no words in {lines} lines");
        return ExitCode::from(3);
    }
    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    for (word, count) in &words {
        println!("{count:3} {word}");
    }
    println!("{lines} lines, {} words", words.len());
    ExitCode::SUCCESS
}
