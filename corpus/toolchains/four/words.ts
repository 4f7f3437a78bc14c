// Counts the words of its input and prints them, the most frequent first.

const counts = new Map<string, i32>();
let word = "";
let lines = 0;
let ended = true;
const buffer = new ArrayBuffer(64);

function isLetter(byte: u8): bool {
  const lower = byte | 32;
  return lower >= 97 && lower <= 122;
}

for (let length = process.stdin.read(buffer); length > 0; length = process.stdin.read(buffer)) {
  const bytes = Uint8Array.wrap(buffer, 0, <i32>length);
  for (let i = 0; i < bytes.length; i++) {
    ended = bytes[i] == 10;
    if (ended) lines++;
    if (isLetter(bytes[i])) {
      word += String.fromCharCode(bytes[i] | 32);
    } else if (word.length > 0) {
      counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1);
      word = "";
    }
  }
}
if (word.length > 0) counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1);
if (!ended) lines++;
const words = counts.keys();
if (words.length == 0) {
  process.stderr.write("no words in " + lines.toString() + " lines\n");
  process.exit(3);
}
words.sort((a, b) => (counts.get(a) != counts.get(b) ? counts.get(b) - counts.get(a) : a < b ? -1 : 1));
for (let i = 0; i < words.length; i++) console.log(counts.get(words[i]).toString().padStart(3) + " " + words[i]);
console.log(lines.toString() + " lines, " + words.length.toString() + " words");
