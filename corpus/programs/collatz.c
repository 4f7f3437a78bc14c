/* The longest Collatz sequence that starts below n, and the steps of all. Below 10,000 it is known to start at 6171, with 261 steps. */
#include "host.h"

void run(uint32_t n) {
  uint32_t best = 1, most = 0, total = 0;
  for (uint32_t start = 1; start < n; start++) {
    uint32_t steps = 0;
    for (uint32_t x = start; x != 1; steps++) x = x & 1 ? 3 * x + 1 : x / 2;
    total += steps;
    if (steps > most) {
      most = steps;
      best = start;
    }
  }
  print_u32(best);
  print(" takes ");
  print_u32(most);
  print(" steps, all ");
  print_u32(total);
  output('\n');
}

PROGRAM(200, 10000)
