// A calculator: one expression a line, with variables of one letter; exits with the number of lines that it
// could not compute.

const variables = new StaticArray<i64>(26);
let text = "";
let at = 0;
let fault = "";

function next(): i32 {
  while (at < text.length && text.charCodeAt(at) == 32) at++;
  return at < text.length ? text.charCodeAt(at) : -1;
}

function unit(): i64 {
  if (fault.length > 0) return 0;
  const code = next();
  let value: i64 = 0;
  if (code == 45) {
    at++;
    return -unit();
  }
  if (code == 40) {
    at++;
    value = sum();
    if (fault.length == 0 && next() != 41) fault = "a bracket is open";
    at++;
  } else if (code >= 48 && code <= 57) {
    for (; at < text.length && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57; at++) value = value * 10 + (text.charCodeAt(at) - 48);
  } else if (code >= 97 && code <= 122) {
    value = variables[code - 97];
    at++;
  } else {
    fault = code < 0 ? "it ends too early" : "not a number";
  }
  return value;
}

function product(): i64 {
  let value = unit();
  while (fault.length == 0 && (next() == 42 || next() == 47)) {
    const operation = text.charCodeAt(at++);
    const right = unit();
    if (fault.length > 0) break;
    if (operation == 47 && right == 0) fault = "division by zero";
    else value = operation == 42 ? value * right : value / right;
  }
  return value;
}

function sum(): i64 {
  let value = product();
  while (fault.length == 0 && (next() == 43 || next() == 45)) value = text.charCodeAt(at++) == 43 ? value + product() : value - product();
  return value;
}

let input = "";
const buffer = new ArrayBuffer(64);
for (let length = process.stdin.read(buffer); length > 0; length = process.stdin.read(buffer)) input += String.UTF8.decode(buffer.slice(0, <i32>length));
const lines = input.split("\n");
let faults = 0;
for (let i = 0; i < lines.length; i++) {
  text = lines[i];
  if (i == lines.length - 1 && text.length == 0) break;
  fault = "";
  const named = text.length > 2 && text.charCodeAt(0) >= 97 && text.charCodeAt(0) <= 122 && text.substr(1, 2) == " =";
  at = named ? 3 : 0;
  const value = sum();
  if (fault.length == 0 && next() >= 0) fault = "something follows";
  if (fault.length > 0) {
    faults++;
    process.stderr.write("line " + (i + 1).toString() + ": " + fault + "\n");
  } else {
    if (named) variables[text.charCodeAt(0) - 97] = value;
    console.log((named ? text.charAt(0) + " = " : "") + value.toString());
  }
}
process.exit(faults);
