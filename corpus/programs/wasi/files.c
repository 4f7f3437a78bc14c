/* Files: reads one, writes another with its lines numbered, looks back into it, renames and deletes, and
   lists the folder. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void answer(const char *call, int result) { printf("%s: %s\n", call, result == 0 ? "done" : strerror(errno)); }

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

static void list(const char *path) {
  char names[16][64];
  size_t found = 0;
  DIR *folder = opendir(path);
  for (struct dirent *entry; (entry = readdir(folder)) && found < 16;)
    if (entry->d_name[0] != '.') snprintf(names[found++], sizeof *names, "%s%s", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
  closedir(folder);
  qsort(names, found, sizeof *names, by_name);
  for (size_t i = 0; i < found; i++) printf("%s%s", names[i], i + 1 < found ? " " : "\n");
}

int main(void) {
  char line[128];
  int lines = 0;
  FILE *poem = fopen("/poem.txt", "r");
  if (!poem) {
    perror("/poem.txt");
    return 1;
  }
  answer("mkdir", mkdir("/made", 0777));
  FILE *numbered = fopen("/made/numbered.txt", "w+");
  while (fgets(line, sizeof line, poem)) fprintf(numbered, "%d %s", ++lines, line);
  printf("%d lines, the place is %ld\n", lines, ftell(numbered));
  fseek(numbered, -6, SEEK_END);
  printf("the end is %s", fgets(line, sizeof line, numbered));
  rewind(numbered);
  fputs("ONE", numbered);
  rewind(numbered);
  printf("the beginning is now %s", fgets(line, sizeof line, numbered));
  fclose(numbered);
  fclose(poem);

  FILE *longer = fopen("/made/numbered.txt", "a");
  fputs("the last\n", longer);
  fclose(longer);
  struct stat status;
  answer("stat", stat("/made/numbered.txt", &status));
  printf("%lld bytes, %s\n", (long long)status.st_size, S_ISREG(status.st_mode) ? "a file" : "no file");
  answer("truncate", truncate("/made/numbered.txt", 10));
  answer("rename", rename("/made/numbered.txt", "/made/short.txt"));
  answer("stat of the old name", stat("/made/numbered.txt", &status));
  list("/");
  list("/made");
  answer("rmdir of a folder that is not empty", rmdir("/made"));
  answer("unlink", unlink("/made/short.txt"));
  answer("rmdir", rmdir("/made"));
  answer("unlink of nothing", unlink("/made/short.txt"));
  list("/");
  return 0;
}
