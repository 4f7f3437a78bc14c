/* A calculator: one expression a line, with variables of one letter; exits with the number of lines that
   it could not compute. */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>

static int64_t variables[26];
static const char *at;
static const char *fault;

static int64_t sum(void);

static char next(void) {
  while (*at == ' ') at++;
  return *at;
}

static int64_t unit(void) {
  int64_t value = 0;
  if (fault) return 0;
  if (next() == '-') return at++, -unit();
  if (*at == '(') {
    at++;
    value = sum();
    if (!fault && next() != ')') fault = "a bracket is open";
    at++;
  } else if (isdigit((unsigned char)*at)) {
    while (isdigit((unsigned char)*at)) value = value * 10 + (*at++ - '0');
  } else if (*at >= 'a' && *at <= 'z') {
    value = variables[*at++ - 'a'];
  } else {
    fault = *at ? "not a number" : "it ends too early";
  }
  return value;
}

static int64_t product(void) {
  int64_t value = unit();
  while (!fault && (next() == '*' || *at == '/')) {
    char operation = *at++;
    int64_t right = unit();
    if (fault) break;
    if (operation == '/' && !right) fault = "division by zero";
    else value = operation == '*' ? value * right : value / right;
  }
  return value;
}

static int64_t sum(void) {
  int64_t value = product();
  while (!fault && (next() == '+' || *at == '-')) value = *at++ == '+' ? value + product() : value - product();
  return value;
}

int main(void) {
  char line[256];
  int number = 0, faults = 0;
  while (fgets(line, sizeof line, stdin)) {
    char *end = line;
    while (*end && *end != '\n') end++;
    *end = 0;
    number++;
    at = line;
    fault = NULL;
    char name = line[0] >= 'a' && line[0] <= 'z' && line[1] == ' ' && line[2] == '=' ? line[0] : 0;
    if (name) at += 3;
    int64_t value = sum();
    if (!fault && next()) fault = "something follows";
    if (fault) {
      faults++;
      fprintf(stderr, "line %d: %s\n", number, fault);
    } else if (name) {
      printf("%c = %lld\n", name, (long long)(variables[name - 'a'] = value));
    } else {
      printf("%lld\n", (long long)value);
    }
  }
  return faults;
}
