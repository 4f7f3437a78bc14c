/* How many ways there are to place k queens on a board of k×k, for k up to n: 1 0 0 2 10 4 40 92 352 724. */
#include "host.h"

static uint32_t place(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
  if (columns == all) return 1;
  uint32_t ways = 0, free = all & ~(columns | left | right);
  while (free) {
    uint32_t queen = free & -free;
    free ^= queen;
    ways += place(all, columns | queen, (left | queen) << 1, (right | queen) >> 1);
  }
  return ways;
}

void run(uint32_t n) {
  for (uint32_t k = 1; k <= n; k++) {
    print_u32(place((1u << k) - 1, 0, 0, 0));
    output(k < n ? ' ' : '\n');
  }
}

PROGRAM(6, 9)
