// Sums, a root, an integral and a chaotic sequence in floats, printed with six digits.

function circle(x: f64): f64 {
  return 4 / (1 + x * x);
}

// The library prints as many digits as a number has; it has no way to ask for six.
function fixed(x: f64): string {
  const scaled = <i64>Math.round(Math.abs(x) * 1e6);
  return (x < 0 ? "-" : "") + (scaled / 1000000).toString() + "." + (scaled % 1000000).toString().padStart(6, "0");
}

let harmonic: f64 = 0;
let rough: f32 = 0;
for (let i = 1; i <= 60; i++) {
  harmonic += 1 / <f64>i;
  rough += 1 / <f32>i;
}
console.log("harmonic " + fixed(harmonic) + ", in single precision " + fixed(rough));
let root: f64 = 1;
for (let turn = 0; turn < 6; turn++) root = (root + 2 / root) / 2;
console.log("root of 2 " + fixed(root) + ", " + fixed(Math.sqrt(2)) + " by the library");
let integral: f64 = 0;
for (let i: f64 = 0; i < 16; i++) integral += (circle(i / 16) + 4 * circle((i + 0.5) / 16) + circle((i + 1) / 16)) / 96;
console.log("integral " + fixed(integral));
let logistic: f64 = 0.3;
for (let i = 0; i < 40; i++) logistic = 3.75 * logistic * (1 - logistic);
console.log("logistic " + fixed(logistic));
let state: u32 = 42;
let sum: f64 = 0;
let squares: f64 = 0;
for (let i = 0; i < 30; i++) {
  state = state * 1664525 + 1013904223;
  const value = <f64>(state >> 8) / 16777216 - 0.5;
  sum += value;
  squares += value * value;
}
console.log("mean " + fixed(sum / 30) + ", deviation " + fixed(Math.sqrt(squares / 30 - (sum / 30) * (sum / 30))));
const parts = [<i32>-2.7, <i32>(harmonic * 1000), <i32>(rough * 1000)];
console.log("whole parts " + parts.join(" ") + ", rounded " + fixed(Math.floor(-2.5) + Math.ceil(2.2) + Math.abs(-0.25)));
