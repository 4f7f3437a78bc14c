//! Sorts numbers and records by the library's sort; how many numbers is an argument.

struct Random(u32);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1664525).wrapping_add(1013904223);
        (self.0 >> 8) % limit
    }
}

fn main() {
    let size = std::env::args().nth(1).map_or(16, |word| word.parse().expect("a number"));
    let mut random = Random(42);
    let mut numbers: Vec<u32> = (0..size).map(|_| random.below(1000)).collect();
    numbers.sort();
    println!("{}", numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" "));
    let sum: u32 = numbers.iter().zip(1..).map(|(number, place)| number * place).sum();
    let mut records: Vec<(String, u32)> = (0..6).map(|i| (format!("r{i}"), random.below(5))).collect();
    records.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    println!("{}", records.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "));
    println!("sum {sum}");
}
