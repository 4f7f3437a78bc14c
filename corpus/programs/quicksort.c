/* Quicksort of n random numbers, signed: the least, middle and greatest, and a checksum that depends on their order. */
#include "host.h"

#define LIMIT 100000

static int32_t numbers[LIMIT];

static void sort(int32_t *first, int32_t *last) {
  while (first < last) {
    int32_t pivot = first[(last - first) / 2], *low = first, *high = last;
    while (low <= high) {
      while (*low < pivot) low++;
      while (*high > pivot) high--;
      if (low <= high) {
        int32_t swapped = *low;
        *low++ = *high;
        *high-- = swapped;
      }
    }
    sort(first, high);
    first = low;
  }
}

void run(uint32_t n) {
  uint32_t state = 1, checksum = 0, inversions = 0;
  if (n < 1) n = 1;
  if (n > LIMIT) n = LIMIT;
  for (uint32_t i = 0; i < n; i++) numbers[i] = (int32_t)(next_random(&state) - (1 << 23));
  sort(numbers, numbers + n - 1);
  for (uint32_t i = 0; i < n; i++) {
    checksum = checksum * 31 + (uint32_t)numbers[i];
    if (i) inversions += numbers[i - 1] > numbers[i];
  }
  print_i32(numbers[0]);
  output(' ');
  print_i32(numbers[n / 2]);
  output(' ');
  print_i32(numbers[n - 1]);
  print(", ");
  print_u32(inversions);
  print(" inversions, checksum ");
  print_hex(checksum, 8);
  output('\n');
}

PROGRAM(200, 20000)
