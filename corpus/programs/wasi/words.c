/* Counts lines, words and bytes of its input, and lists the words in order with how often they occur. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
  char *letters;
  unsigned count;
};

static struct word *words;
static size_t known;

static void meet(const char *letters) {
  for (size_t i = 0; i < known; i++)
    if (!strcmp(words[i].letters, letters)) {
      words[i].count++;
      return;
    }
  words = realloc(words, (known + 1) * sizeof *words);
  words[known].letters = malloc(strlen(letters) + 1);
  strcpy(words[known].letters, letters);
  words[known++].count = 1;
}

static int by_letters(const void *a, const void *b) {
  return strcmp(((const struct word *)a)->letters, ((const struct word *)b)->letters);
}

int main(void) {
  unsigned lines = 0, total = 0, bytes = 0;
  char word[64];
  size_t length = 0;
  int byte;
  do {
    byte = getchar();
    bytes += byte != EOF;
    lines += byte == '\n';
    if (byte != EOF && isalpha(byte)) {
      if (length < sizeof word - 1) word[length++] = (char)tolower(byte);
    } else if (length) {
      word[length] = 0;
      length = 0;
      total++;
      meet(word);
    }
  } while (byte != EOF);
  qsort(words, known, sizeof *words, by_letters);
  printf("%u lines, %u words, %u bytes\n", lines, total, bytes);
  for (size_t i = 0; i < known; i++) printf("%4u %s\n", words[i].count, words[i].letters);
  return 0;
}
