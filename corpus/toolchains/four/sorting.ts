// Sorts numbers and records by the library's sort; how many numbers is an argument.

class Entry {
  constructor(public name: string, public value: u32) {}
}

let state: u32 = 42;

function below(limit: u32): u32 {
  state = state * 1664525 + 1013904223;
  return (state >> 8) % limit;
}

const size = process.argv.length > 1 ? <u32>parseInt(process.argv[1]) : 16;
const numbers = new Array<u32>();
for (let i: u32 = 0; i < size; i++) numbers.push(below(1000));
numbers.sort((a, b) => <i32>a - <i32>b);
console.log(numbers.join(" "));
let sum: u32 = 0;
for (let i = 0; i < numbers.length; i++) sum += <u32>(i + 1) * numbers[i];
const entries = new Array<Entry>();
for (let i = 0; i < 6; i++) entries.push(new Entry("r" + i.toString(), below(5)));
entries.sort((a, b) => (a.value != b.value ? <i32>b.value - <i32>a.value : a.name < b.name ? -1 : 1));
console.log(entries.map<string>((entry) => entry.name + "=" + entry.value.toString()).join(" "));
console.log("sum " + sum.toString());
