/* A wall clock that is wrong by CLOCK_IS_WRONG_BY seconds and runs CLOCK_RUNS times as fast from the start of a
   process on (backwards where that is negative), for processes of `cairn` itself and no server. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift;
static double rate = 1;
static struct timespec begun;

static int (*real_time(void))(clockid_t, struct timespec *) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  return real;
}

__attribute__((constructor)) static void begin(void) {
  char line[4096];
  int file = open("/proc/self/cmdline", O_RDONLY);
  ssize_t size = file < 0 ? 0 : read(file, line, sizeof line - 1);
  if (file >= 0) close(file);
  for (ssize_t i = 0; i < size; i++)
    if (!line[i]) line[i] = ' ';
  line[size > 0 ? size : 0] = 0;
  const char *wrong = getenv("CLOCK_IS_WRONG_BY"), *runs = getenv("CLOCK_RUNS");
  if (!strstr(line, " serve ") && !strstr(line, " token ")) return;
  real_time()(CLOCK_REALTIME, &begun);
  if (wrong) shift = atol(wrong);
  if (runs) rate = atof(runs);
}

static double told(double now) {
  double since = begun.tv_sec + begun.tv_nsec / 1e9;
  return since + (now - since) * rate + shift;
}

int clock_gettime(clockid_t which, struct timespec *into) {
  int result = real_time()(which, into);
  if (!result && begun.tv_sec && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
    double moment = told(into->tv_sec + into->tv_nsec / 1e9);
    into->tv_sec = (time_t)moment;
    into->tv_nsec = (long)((moment - (time_t)moment) * 1e9);
  }
  return result;
}

int gettimeofday(struct timeval *restrict into, void *restrict zone) {
  struct timespec now;
  (void)zone;
  int result = clock_gettime(CLOCK_REALTIME, &now);
  into->tv_sec = now.tv_sec;
  into->tv_usec = now.tv_nsec / 1000;
  return result;
}

time_t time(time_t *into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (into) *into = now.tv_sec;
  return now.tv_sec;
}
