#!/usr/bin/env bash
# Builds the fuzz targets as ClusterFuzzLite and OSS-Fuzz expect: each target, and its seeds as a zip, in $OUT.
set -euo pipefail
: "${OUT:?the folder for the results}"

cargo +nightly fuzz build --release --debug-assertions "$@"
built=$(find fuzz/target target -path '*release/diff' -type f -printf '%T@ %h\n' 2>/dev/null | sort -n | tail -n 1 | cut -d ' ' -f 2)
for target in diff parse weights; do
  cp "$built/$target" "$OUT/"
  if [ -d "fuzz/corpus/$target" ]; then
    python3 -m zipfile -c "$OUT/${target}_seed_corpus.zip" fuzz/corpus/"$target"/seed-*
  fi
done
