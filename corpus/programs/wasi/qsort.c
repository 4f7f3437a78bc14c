/* qsort and bsearch of the library: numbers, strings and records, by comparisons that are called through
   pointers. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct record {
  const char *name;
  int64_t key;
  int place;
};

static unsigned compared;

static int by_number(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  compared++;
  return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b) {
  compared++;
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Greatest key first, equal ones in their order before. */
static int by_key(const void *a, const void *b) {
  const struct record *x = a, *y = b;
  compared++;
  return x->key != y->key ? (x->key < y->key) - (x->key > y->key) : x->place - y->place;
}

int main(void) {
  int numbers[60];
  const char *words[] = {"pear", "fig", "apple", "quince", "plum", "figs", "", "lime", "cherry"};
  struct record records[] = {{"mercury", 88, 0}, {"mars", 687, 1}, {"earth", 365, 2}, {"year", 365, 3}, {"never", INT64_MIN, 4}, {"ever", INT64_MAX, 5}};
  uint32_t state = 11;
  for (int i = 0; i < 60; i++) numbers[i] = (int)((state = state * 1664525 + 1013904223) >> 22) - 512;
  qsort(numbers, 60, sizeof *numbers, by_number);
  int ordered = 1;
  for (int i = 1; i < 60; i++) ordered &= numbers[i - 1] <= numbers[i];
  printf("%s, from %d over %d to %d, %u compared\n", ordered ? "in order" : "OUT OF ORDER", numbers[0], numbers[30], numbers[59], compared);
  const int *found = bsearch(&numbers[37], numbers, 60, sizeof *numbers, by_number), none = 5000;
  printf("%d is there, %d is %s\n", *found, none, bsearch(&none, numbers, 60, sizeof *numbers, by_number) ? "too" : "not");
  compared = 0;
  qsort(words, sizeof words / sizeof *words, sizeof *words, by_text);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) printf("[%s] ", words[i]);
  printf("%u compared\n", compared);
  qsort(records, sizeof records / sizeof *records, sizeof *records, by_key);
  for (size_t i = 0; i < sizeof records / sizeof *records; i++) printf("%s %lld\n", records[i].name, (long long)records[i].key);
  return 0;
}
