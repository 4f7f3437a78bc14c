#!/usr/bin/env bash
# Builds the fuzz targets as ClusterFuzzLite and OSS-Fuzz expect: each target, and its seeds as a zip, in $OUT.
set -euo pipefail
: "${OUT:?the folder for the results}"

cargo +nightly fuzz build --release --debug-assertions
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
for target in diff parse weights full; do
  cp "${CARGO_TARGET_DIR:-target}/$host/release/$target" "$OUT/"
  if [ -d "fuzz/corpus/$target" ]; then
    (cd "fuzz/corpus/$target" && python3 -m zipfile -c "$OUT/${target}_seed_corpus.zip" seed-*)
  fi
done
