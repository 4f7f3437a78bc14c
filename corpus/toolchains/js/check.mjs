// `check`, once everything is installed: node js/check.mjs PARTS… [--record]
const known = ['programs', 'four', 'libraries', 'wasi', 'generated'];
const parts = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const options = { record: process.argv.includes('--record') };

let differ = 0;
for (const part of parts.length > 0 ? parts : known) {
  if (!known.includes(part)) {
    console.error(`there is no part ${part}; the parts are ${known.join(', ')}`);
    process.exit(2);
  }
  const { main } = await import(`./${part}.mjs`);
  const counts = await main(options);
  console.log(`\n${part}: ${counts.agree} agree, ${counts.differ} differ, ${counts.skipped} skipped\n`);
  differ += counts.differ;
}
process.exitCode = differ > 0 ? 1 : 0;
