/* Put between a process and its C library (LD_PRELOAD): a disk that fails, and a clock that is moved.
   FAULT_ERRNO names a file: while it holds a number, every write and sync of a regular file fails with that error.
   FAULT_CLOCK names a file: the wall clock is moved by the number of seconds in it.
   FAULT_STORE and FAULT_SYNCED name directories: each file under the first is copied under the second as it is at each sync of it, so
   that the second holds what a power cut leaves for certain. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
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

static pthread_mutex_t keeping = PTHREAD_MUTEX_INITIALIZER;

/* A directory was synced: what is not in it any more is gone for certain. Until then a deleted file may come back. */
static void forget(const char *from, const char *to) {
  DIR *copies = opendir(to);
  char path[PATH_MAX + 300];
  struct stat found;
  for (struct dirent *entry; copies && (entry = readdir(copies));) {
    snprintf(path, sizeof path, "%s/%s", from, entry->d_name);
    if (!lstat(path, &found) || strstr(entry->d_name, ".part")) continue;
    snprintf(path, sizeof path, "%s/%s", to, entry->d_name);
    unlink(path);
  }
  if (copies) closedir(copies);
}

/* Copy a file that was synced just now; whole or not at all. A copy that fails ends the process: it would prove nothing. */
static void keep(int file) {
  const char *store = getenv("FAULT_STORE"), *synced = getenv("FAULT_SYNCED");
  char link[64], from[PATH_MAX], to[PATH_MAX + 8], part[PATH_MAX + 16];
  struct stat found;
  if (!store || !synced || fstat(file, &found)) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, from, sizeof from - 1);
  if (length < 0) return;
  from[length] = 0;
  if (strncmp(from, store, strlen(store))) return;
  snprintf(to, sizeof to, "%s%s", synced, from + strlen(store));
  snprintf(part, sizeof part, "%s.part", to);
  if (S_ISDIR(found.st_mode)) return forget(from, to);
  if (!S_ISREG(found.st_mode)) return;
  pthread_mutex_lock(&keeping);
  /* Through the descriptor that is there: to open the file and close it would give up the process's locks on it. */
  int target = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (target < 0) abort();
  off_t at = 0;
  ssize_t sent;
  do sent = sendfile(target, file, &at, 1 << 20);
  while (sent > 0);
  if (sent < 0 || rename(part, to)) abort();
  close(target);
  pthread_mutex_unlock(&keeping);
}

int fsync(int file) {
  int done = fails(file) ? -1 : NEXT(fsync)(file);
  if (!done) keep(file);
  return done;
}
int fdatasync(int file) {
  int done = fails(file) ? -1 : NEXT(fdatasync)(file);
  if (!done) keep(file);
  return done;
}
int ftruncate64(int file, off64_t length) { return fails(file) ? -1 : NEXT(ftruncate64)(file, length); }
int ftruncate(int file, off_t length) { return fails(file) ? -1 : NEXT(ftruncate)(file, length); }

int clock_gettime(clockid_t clock, struct timespec *now) {
  int done = (int)syscall(SYS_clock_gettime, clock, now);
  if (!done && clock == CLOCK_REALTIME) now->tv_sec += number_in("FAULT_CLOCK");
  return done;
}
