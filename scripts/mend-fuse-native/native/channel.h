/*
 * The way of requests from /dev/fuse to libfuse and of answers back, in place of libfuse's own channel, which does the
 * same without looking. On its way by, a message
 * - tells known-names what the kernel knows;
 * - is answered at once if only one answer is possible: names that are not UTF-8, attributes of foreign namespaces;
 * - says that a file is another one by now, where libfuse says that there is none;
 * - may allow the kernel more: look-ups in one folder at the same time.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include "known-names.h"

#include <fuse_lowlevel.h>

/* NULL when there is no memory. Does not close the file descriptor when it is destroyed. */
struct fuse_chan *channel_create (int fd, size_t buffer_size, known_names_t *names);

#endif
