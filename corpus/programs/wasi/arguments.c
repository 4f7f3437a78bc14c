/* Prints its arguments and environment, and exits with the number of arguments. */
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

int main(int count, char **arguments) {
  for (int i = 0; i < count; i++) printf("%d: [%s]\n", i, arguments[i]);
  for (char **variable = environ; *variable; variable++) printf("%s\n", *variable);
  const char *name = getenv("NAME");
  printf("NAME is %s\n", name ? name : "not set");
  return count;
}
