/* Loaded before libc into PostgreSQL under test: the disk does what the file CAIRN_DISK says, of which
   each call reads the first word: "ok", "slow N" (microseconds for each flush), "broken" (flushes fail
   with EIO) or "full" (writes fail with ENOSPC). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static char said(long *number) {
  static __thread char text[32];
  const char *name = getenv("CAIRN_DISK");
  int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  int file = name ? real_open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return 'o';
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  text[length > 0 ? length : 0] = 0;
  if (sscanf(text, "slow %ld", number) == 1) return 's';
  return text[0];
}

static int flushed(const char *call, int file) {
  long micros = 0;
  int (*real)(int) = dlsym(RTLD_NEXT, call);
  switch (said(&micros)) {
    case 's': usleep(micros); break;
    case 'b': errno = EIO; return -1;
  }
  return real(file);
}

int fsync(int file) { return flushed("fsync", file); }
int fdatasync(int file) { return flushed("fdatasync", file); }

static int full(int file) {
  long ignored;
  char path[64], target[256];
  if (said(&ignored) != 'f') return 0;
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  ssize_t length = readlink(path, target, sizeof target - 1);
  target[length > 0 ? length : 0] = 0;
  if (!strstr(target, "/postgres/")) return 0; /* files of the cluster only, no sockets and logs */
  errno = ENOSPC;
  return 1;
}

ssize_t pwrite(int file, const void *data, size_t size, off_t at) {
  ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
  return full(file) ? -1 : real(file, data, size, at);
}
ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  return full(file) ? -1 : real(file, data, size, at);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  ssize_t (*real)(int, const struct iovec *, int, off_t) = dlsym(RTLD_NEXT, "pwritev");
  return full(file) ? -1 : real(file, parts, count, at);
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
  ssize_t (*real)(int, const struct iovec *, int, off64_t) = dlsym(RTLD_NEXT, "pwritev64");
  return full(file) ? -1 : real(file, parts, count, at);
}
