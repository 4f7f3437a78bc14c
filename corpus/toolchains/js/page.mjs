// The tables of README.md are those that the command prints.
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8').split('\n');

/**
 * Prints a row of a table. Returns what is wrong with it: a row that agrees must be in the page as it is
 * printed.
 */
export function print(cells, agrees) {
  const row = `| ${cells.join(' | ')} |`;
  console.log(row);
  if (!agrees || page.includes(row)) return [];
  console.log('DIFFERS: corpus/toolchains/README.md has no such row');
  return [row];
}
