/* Prints the primes below its argument, the greatest gap between two of them, and exits with how many there are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gap {
  int length, before, after;
};

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: %s LIMIT\n", arguments[0]);
    return 2;
  }
  int limit = atoi(arguments[1]), found = 0, latest = 0;
  char *composite = malloc(limit);
  memset(composite, 0, limit);
  struct gap greatest = {0, 0, 0};
  for (int i = 2; i < limit; i++) {
    if (composite[i]) continue;
    printf("%s%d", found++ ? " " : "", i);
    struct gap gap = {i - latest, latest, i};
    if (latest && gap.length > greatest.length) greatest = gap;
    latest = i;
    for (int j = 2 * i; j < limit; j += i) composite[j] = 1;
  }
  printf("\ngap of %d, from %d to %d\n", greatest.length, greatest.before, greatest.after);
  free(composite);
  return found;
}
