/* The sieve of Eratosthenes: how many primes are below n, and the greatest. There are 168 below 1,000 and 9,592 below 100,000. */
#include "host.h"

#define LIMIT 1000000

static uint8_t composite[LIMIT];

void run(uint32_t n) {
  uint32_t count = 0, greatest = 0;
  if (n > LIMIT) n = LIMIT;
  for (uint32_t i = 0; i < n; i++) composite[i] = i < 2;
  for (uint32_t i = 2; i < n; i++) {
    if (composite[i]) continue;
    count++;
    greatest = i;
    if (i < n / i + 1)
      for (uint32_t j = i * i; j < n; j += i) composite[j] = 1;
  }
  print_u32(count);
  print(" primes below ");
  print_u32(n);
  print(", greatest ");
  print_u32(greatest);
  output('\n');
}

PROGRAM(1000, 100000)
