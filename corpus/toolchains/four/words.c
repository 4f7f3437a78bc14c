/* Counts the words of its input and prints them, the most frequent first. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
  char *letters;
  int count;
};

static struct word *words;
static int known;

static void meet(const char *letters) {
  for (int i = 0; i < known; i++)
    if (!strcmp(words[i].letters, letters)) {
      words[i].count++;
      return;
    }
  words = realloc(words, (size_t)(known + 1) * sizeof *words);
  words[known].letters = strdup(letters);
  words[known++].count = 1;
}

static int by_count(const void *a, const void *b) {
  const struct word *x = a, *y = b;
  return x->count != y->count ? y->count - x->count : strcmp(x->letters, y->letters);
}

int main(void) {
  char line[256];
  int lines = 0;
  while (fgets(line, sizeof line, stdin)) {
    lines++;
    for (char *at = line; *at; at++) *at = isalpha((unsigned char)*at) ? (char)tolower((unsigned char)*at) : ' ';
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) meet(word);
  }
  if (!known) {
    fprintf(stderr, "no words in %d lines\n", lines);
    return 3;
  }
  qsort(words, (size_t)known, sizeof *words, by_count);
  for (int i = 0; i < known; i++) printf("%3d %s\n", words[i].count, words[i].letters);
  printf("%d lines, %d words\n", lines, known);
  return 0;
}
