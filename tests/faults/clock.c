/* A wall clock that is wrong by CLOCK_IS_WRONG_BY seconds, for processes of `cairn` itself and no server. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift;

__attribute__((constructor)) static void begin(void) {
  char line[4096];
  int file = open("/proc/self/cmdline", O_RDONLY);
  ssize_t size = file < 0 ? 0 : read(file, line, sizeof line - 1);
  if (file >= 0) close(file);
  for (ssize_t i = 0; i < size; i++)
    if (!line[i]) line[i] = ' ';
  line[size > 0 ? size : 0] = 0;
  const char *says = getenv("CLOCK_IS_WRONG_BY");
  if (says && (strstr(line, " serve ") || strstr(line, " token "))) shift = atol(says);
}

int clock_gettime(clockid_t which, struct timespec *into) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(which, into);
  if (!result && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) into->tv_sec += shift;
  return result;
}

int gettimeofday(struct timeval *restrict into, void *restrict zone) {
  static int (*real)(struct timeval *restrict, void *restrict);
  if (!real) real = dlsym(RTLD_NEXT, "gettimeofday");
  int result = real(into, zone);
  if (!result) into->tv_sec += shift;
  return result;
}

time_t time(time_t *into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (into) *into = now.tv_sec;
  return now.tv_sec;
}
