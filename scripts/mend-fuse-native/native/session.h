/*
 * One mount from libfuse's side: from the option string to the last trace of it, without a word on stderr and without
 * anything half done.
 */
#ifndef SESSION_H
#define SESSION_H

#include "invalidator.h"
#include "known-names.h"

#include <fuse.h>

typedef struct session session_t;

/*
 * Mounts. On failure NULL, with nothing left behind and what libfuse and fusermount had to say in `words`.
 * `option` is one argument for libfuse, "-o…".
 */
session_t *session_open (
  const char *mountpoint,
  const char *option,
  const struct fuse_operations *operations,
  void *private_data,
  char *words,
  size_t words_size
);

/* From now on, `session_invalidate` works. Returns 0, or -1 without memory. */
int session_allow_invalidations (session_t *session, invalidation_done_t done, void *context);

/*
 * Serves until the mount is gone, in threads of its own beside this one; then ends invalidations, unmounts what is
 * still mounted and frees what is libfuse's. Returns 0 after an unmount, -1 when the connection was cut.
 */
int session_run (session_t *session);

/* In place of `session_run`: unmounts and frees everything. */
void session_abandon (session_t *session);

/*
 * Takes the invalidation if the kernel knows its place: `path` is the node's, or that of the folder of `name`.
 * Returns 0, or a negative errno: -ENOENT when there is nothing to forget.
 */
int session_invalidate (session_t *session, const char *path, invalidation_t *invalidation);

/*
 * Cuts the connection, so that nobody waits for an answer any more; for the end of the process. Only root may do it in
 * this way. Returns 0 or a negative errno.
 */
int session_cut (session_t *session);

size_t session_known_nodes (session_t *session);

/* Frees what is left after `session_run`. */
void session_destroy (session_t *session);

#endif
