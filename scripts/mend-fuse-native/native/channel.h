/*
 * The way of requests from /dev/fuse to libfuse and of answers back, in place of libfuse's own channel, which does the
 * same without looking. On its way by, a message
 * - tells known-names what the kernel knows, and open-handles what is open;
 * - asks of an open file by a handle, where the kernel names none;
 * - is answered at once if only one answer is possible: names that are not UTF-8, attributes of foreign namespaces;
 * - says that a file is another one by now, where libfuse says that there is none;
 * - may allow the kernel more: look-ups in one folder at the same time.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include "known-names.h"
#include "open-handles.h"

#include <fuse_lowlevel.h>

typedef struct {
  known_names_t *names;
  open_handles_t *handles;
} seen_t;

/* NULL when there is no memory. Does not close the file descriptor when it is destroyed; `seen` must live as long. */
struct fuse_chan *channel_create (int fd, size_t buffer_size, seen_t *seen);

#endif
