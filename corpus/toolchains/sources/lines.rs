//! Reads lines and prints them in the order of their lengths. Lines that cannot be used are reported on the
//! error stream.
use std::io::{self, BufRead};

fn main() {
    let mut lines = Vec::new();
    for line in io::stdin().lock().lines() {
        match line {
            Ok(line) if line.is_empty() => eprintln!("line {} is empty", lines.len() + 1),
            Ok(line) => lines.push(line),
            Err(error) => {
                eprintln!("{error}");
                break;
            }
        }
    }
    lines.sort_by_key(|line| (line.len(), line.clone()));
    for line in &lines {
        println!("{:>3} {}", line.len(), line.to_uppercase());
    }
    std::process::exit(lines.len() as i32);
}
