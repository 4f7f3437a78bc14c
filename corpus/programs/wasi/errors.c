/* What WASI's functions answer where they cannot do what is asked: the errno of each, by name of the call. */
#include <stdio.h>
#include <stdlib.h>
#include <wasi/api.h>

static void answer(const char *call, __wasi_errno_t error) { printf("%s: %d\n", call, error); }

int main(void) {
  uint8_t byte = '!';
  __wasi_ciovec_t out[2] = {{&byte, 0}, {&byte, 1}};
  __wasi_iovec_t in = {&byte, 1};
  __wasi_filesize_t position;
  __wasi_prestat_t folder;
  __wasi_fdstat_t status;
  __wasi_size_t count = 0;

  answer("fd_write to 1", __wasi_fd_write(1, out, 2, &count));
  printf("%zu written\n", count);
  answer("fd_write to 9", __wasi_fd_write(9, out, 2, &count));
  answer("fd_write to -1", __wasi_fd_write(-1, out, 2, &count));
  answer("fd_read from 9", __wasi_fd_read(9, &in, 1, &count));
  answer("fd_read at the end", __wasi_fd_read(0, &in, 1, &count));
  printf("%zu read\n", count);
  answer("fd_read at the end again", __wasi_fd_read(0, &in, 1, &count));
  answer("fd_seek in 0", __wasi_fd_seek(0, 0, __WASI_WHENCE_SET, &position));
  answer("fd_seek in 1", __wasi_fd_seek(1, 0, __WASI_WHENCE_CUR, &position));
  answer("fd_seek in 9", __wasi_fd_seek(9, 0, __WASI_WHENCE_SET, &position));
  answer("fd_fdstat_get of 9", __wasi_fd_fdstat_get(9, &status));
  answer("fd_prestat_get of 9", __wasi_fd_prestat_get(9, &folder));
  fflush(stdout);
  fputs("to the standard error stream\n", stderr);
  answer("fd_close of 2", __wasi_fd_close(2));
  answer("fd_write to 2", __wasi_fd_write(2, out, 2, &count));
  answer("fd_close of 2", __wasi_fd_close(2));
  answer("fd_close of 9", __wasi_fd_close(9));
  fflush(stdout);
  exit(70);
}
