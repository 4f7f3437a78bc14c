/* Sorts numbers and records by the library's sort; how many numbers is an argument. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct record {
  char name[8];
  unsigned value;
};

static uint32_t state = 42;

static unsigned below(unsigned limit) {
  state = state * 1664525 + 1013904223;
  return (state >> 8) % limit;
}

static int by_size(const void *a, const void *b) {
  unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
  return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b) {
  const struct record *x = a, *y = b;
  return x->value != y->value ? (x->value < y->value) - (x->value > y->value) : strcmp(x->name, y->name);
}

int main(int count, char **arguments) {
  unsigned size = count > 1 ? (unsigned)atoi(arguments[1]) : 16, sum = 0;
  unsigned *numbers = malloc(size * sizeof *numbers);
  for (unsigned i = 0; i < size; i++) numbers[i] = below(1000);
  qsort(numbers, size, sizeof *numbers, by_size);
  for (unsigned i = 0; i < size; i++) {
    printf("%u%s", numbers[i], i + 1 < size ? " " : "\n");
    sum += (i + 1) * numbers[i];
  }
  struct record records[6];
  for (unsigned i = 0; i < 6; i++) {
    snprintf(records[i].name, sizeof records[i].name, "r%u", i);
    records[i].value = below(5);
  }
  qsort(records, 6, sizeof *records, by_value);
  for (unsigned i = 0; i < 6; i++) printf("%s=%u%s", records[i].name, records[i].value, i < 5 ? " " : "\n");
  printf("sum %u\n", sum);
  free(numbers);
  return 0;
}
