/*
 * Tells the kernel to forget, from threads of its own. Such a message waits in the kernel for locks, and so for
 * requests that we have not answered yet: neither Node's main thread nor its pool may stand in it.
 */
#ifndef INVALIDATOR_H
#define INVALIDATOR_H

#include <stdint.h>

/* So many messages stand in the kernel at most. */
#define INVALIDATOR_THREADS 4

typedef struct invalidator invalidator_t;

typedef struct invalidation {
  /* The node whose attributes and pages are to go; or the folder of `name`. */
  uint64_t node;
  /* Empty: the node itself. */
  char name[256];
  /* Pages to drop. A negative offset drops none, a length of 0 all from there on. */
  int64_t offset;
  int64_t length;
  /* 0, or a negative errno: -ENOENT when the kernel knew nothing of it, -ENODEV when the mount is gone. */
  int result;
  void *data;
  struct invalidation *next;
} invalidation_t;

/* Called in a thread of its own, or in that of `invalidator_stop`. */
typedef void (*invalidation_done_t) (invalidation_t *invalidation, void *context);

/* NULL when there is no memory. */
invalidator_t *invalidator_create (int fd, invalidation_done_t done, void *context);

/* Takes the invalidation until `done`. Returns 0, or a negative errno; it stays the caller's then. */
int invalidator_submit (invalidator_t *invalidator, invalidation_t *invalidation);

/* Sends no more, waits for those that stand in the kernel, and ends the threads. */
void invalidator_stop (invalidator_t *invalidator);

void invalidator_destroy (invalidator_t *invalidator);

#endif
