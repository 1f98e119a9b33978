/* Put between a process and its C library (LD_PRELOAD): a disk that fails, and a clock that is moved.
   FAULT_ERRNO names a file: while it holds a number, every write and sync of a regular file fails with that error.
   FAULT_CLOCK names a file: the wall clock is moved by the number of seconds in it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The number in the file that this variable names; 0 where there is none. */
static long number_in(const char *variable) {
  const char *path = getenv(variable);
  char text[32];
  if (!path) return 0;
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  long length = syscall(SYS_read, file, text, sizeof text - 1);
  syscall(SYS_close, file);
  if (length <= 0) return 0;
  text[length] = 0;
  return strtol(text, NULL, 10);
}

static int fails(int file) {
  struct stat found;
  if (fstat(file, &found) || !S_ISREG(found.st_mode)) return 0;
  long error = number_in("FAULT_ERRNO");
  if (error) errno = (int)error;
  return error != 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  return fails(file) ? -1 : NEXT(pwrite64)(file, bytes, count, at);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  return fails(file) ? -1 : NEXT(pwrite)(file, bytes, count, at);
}
int fsync(int file) { return fails(file) ? -1 : NEXT(fsync)(file); }
int fdatasync(int file) { return fails(file) ? -1 : NEXT(fdatasync)(file); }
int ftruncate64(int file, off64_t length) { return fails(file) ? -1 : NEXT(ftruncate64)(file, length); }
int ftruncate(int file, off_t length) { return fails(file) ? -1 : NEXT(ftruncate)(file, length); }

int clock_gettime(clockid_t clock, struct timespec *now) {
  int done = (int)syscall(SYS_clock_gettime, clock, now);
  if (!done && clock == CLOCK_REALTIME) now->tv_sec += number_in("FAULT_CLOCK");
  return done;
}
