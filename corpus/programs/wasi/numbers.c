/* Reads numbers by strtod, and prints each with as many of 15 to 17 digits as it takes to read back as the
   same bits; the end of a line that is no number is shown. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int same(double a, double b) { return !memcmp(&a, &b, sizeof a); }

int main(void) {
  char line[128], shortest[64];
  while (fgets(line, sizeof line, stdin)) {
    char *end;
    line[strcspn(line, "\n")] = 0;
    errno = 0;
    double number = strtod(line, &end);
    int out_of_range = errno == ERANGE, digits = 14;
    do snprintf(shortest, sizeof shortest, "%.*g", ++digits, number);
    while (digits < 17 && !same(strtod(shortest, NULL), number));
    printf("%s%s", shortest, out_of_range ? ", out of range" : "");
    if (*end || end == line) printf(", then \"%s\"", end);
    putchar('\n');
  }
  return 0;
}
