#define _GNU_SOURCE
#define FUSE_USE_VERSION 29

#include "session.h"

#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

struct session {
  char *mountpoint;
  struct fuse *fuse;
  /* libfuse's own channel, which owns the file descriptor; ours stands in its place. */
  struct fuse_chan *kernel_channel;
  struct fuse_chan *channel;
  seen_t seen;
  invalidator_t *invalidator;
};

typedef struct {
  int stderr_copy;
  int file;
} capture_t;

/* A file in memory takes any length at once; a pipe would block when it is full. */
static capture_t capture_begin (void) {
  capture_t capture = { .stderr_copy = -1, .file = memfd_create("libfuse-words", MFD_CLOEXEC) };
  fflush(stderr);
  if (capture.file != -1) capture.stderr_copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (capture.stderr_copy != -1) dup2(capture.file, STDERR_FILENO);
  return capture;
}

static void capture_end (capture_t capture, char *words, size_t words_size) {
  words[0] = 0;
  fflush(stderr);
  if (capture.stderr_copy != -1) {
    dup2(capture.stderr_copy, STDERR_FILENO);
    close(capture.stderr_copy);
    ssize_t length = pread(capture.file, words, words_size - 1, 0);
    words[length > 0 ? length : 0] = 0;
  }
  if (capture.file != -1) close(capture.file);
}

/* Puts our channel in the place of libfuse's. */
static int look_in (session_t *session) {
  struct fuse_session *fuse_session = fuse_get_session(session->fuse);
  int fd = fuse_chan_fd(session->kernel_channel);
  session->seen = (seen_t) { .names = known_names_create(), .handles = open_handles_create() };
  if (session->seen.names == NULL || session->seen.handles == NULL) return -1;
  session->channel = channel_create(fd, fuse_chan_bufsize(session->kernel_channel), &session->seen);
  if (session->channel == NULL) return -1;
  fuse_session_remove_chan(session->kernel_channel);
  fuse_session_add_chan(fuse_session, session->channel);
  /* libfuse leaves it open to every program that we start, which would keep the mount alive beyond us. */
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  return 0;
}

static void leave (session_t *session) {
  if (session->channel != NULL) fuse_chan_destroy(session->channel);
  if (session->kernel_channel != NULL) {
    fuse_session_remove_chan(session->kernel_channel);
    fuse_unmount(session->mountpoint, session->kernel_channel);
  }
  if (session->fuse != NULL) fuse_destroy(session->fuse);
  session->channel = NULL;
  session->kernel_channel = NULL;
  session->fuse = NULL;
}

session_t *session_open (
  const char *mountpoint,
  const char *option,
  const struct fuse_operations *operations,
  void *private_data,
  char *words,
  size_t words_size
) {
  session_t *session = calloc(1, sizeof(session_t));
  if (session != NULL) session->mountpoint = strdup(mountpoint);
  if (session == NULL || session->mountpoint == NULL) {
    free(session);
    snprintf(words, words_size, "out of memory");
    return NULL;
  }
  char *arguments[] = { "fuse", (char *) option };
  struct fuse_args args = FUSE_ARGS_INIT(option[0] == 0 ? 1 : 2, arguments);

  capture_t capture = capture_begin();
  session->kernel_channel = fuse_mount(mountpoint, &args);
  if (session->kernel_channel != NULL) {
    session->fuse = fuse_new(session->kernel_channel, &args, operations, sizeof(*operations), private_data);
  }
  int failed = session->fuse == NULL || look_in(session) != 0;
  if (failed) leave(session);
  capture_end(capture, words, words_size);
  fuse_opt_free_args(&args);

  if (failed) {
    session_destroy(session);
    return NULL;
  }
  if (words[0] != 0) fprintf(stderr, "%s", words);
  return session;
}

int session_allow_invalidations (session_t *session, invalidation_done_t done, void *context) {
  session->invalidator = invalidator_create(fuse_chan_fd(session->kernel_channel), done, context);
  return session->invalidator == NULL ? -1 : 0;
}

int session_run (session_t *session) {
  int result = fuse_loop_mt(session->fuse);
  if (session->invalidator != NULL) invalidator_stop(session->invalidator);
  leave(session);
  return result;
}

void session_abandon (session_t *session) {
  leave(session);
  session_destroy(session);
}

int session_invalidate (session_t *session, const char *path, invalidation_t *invalidation) {
  invalidation->node = known_names_resolve(session->seen.names, path);
  if (invalidation->node == 0) return -ENOENT;
  if (session->invalidator == NULL) return -ENODEV;
  return invalidator_submit(session->invalidator, invalidation);
}

int session_cut (session_t *session) {
  /* It is cut first and then found to be busy, or not. */
  if (umount2(session->mountpoint, MNT_FORCE) == -1 && errno != EBUSY) return -errno;
  return 0;
}

size_t session_known_nodes (session_t *session) {
  return known_names_count(session->seen.names);
}

void session_destroy (session_t *session) {
  if (session->invalidator != NULL) invalidator_destroy(session->invalidator);
  if (session->seen.names != NULL) known_names_destroy(session->seen.names);
  if (session->seen.handles != NULL) open_handles_destroy(session->seen.handles);
  free(session->mountpoint);
  free(session);
}
