/* String search by Knuth, Morris and Pratt: the first line of the input is the pattern; its places in the rest of the input are printed,
   those that overlap included. The text is read through once, n times over. */
#include "host.h"

#define LIMIT 65536

static uint8_t pattern[256], text[LIMIT];
static uint32_t border[256];

void run(uint32_t n) {
  uint32_t length = 0, size = 0, found = 0;
  int32_t byte;
  while ((byte = input()) >= 0 && byte != '\n')
    if (length < sizeof pattern) pattern[length++] = (uint8_t)byte;
  while ((byte = input()) >= 0)
    if (size < LIMIT) text[size++] = (uint8_t)byte;
  if (length == 0) return;
  for (uint32_t i = 1, k = 0; i < length; i++) {
    while (k && pattern[i] != pattern[k]) k = border[k - 1];
    if (pattern[i] == pattern[k]) k++;
    border[i] = k;
  }
  for (uint32_t pass = 0; pass < n; pass++)
    for (uint32_t i = 0, k = 0; i < size; i++) {
      while (k && text[i] != pattern[k]) k = border[k - 1];
      if (text[i] == pattern[k]) k++;
      if (k < length) continue;
      k = border[k - 1];
      found++;
      if (pass) continue;
      print_u32(i + 1 - length);
      output('\n');
    }
  print_u32(found);
  print(" found\n");
}

PROGRAM(1, 200)
