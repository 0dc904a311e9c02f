/*
 * Which handles the kernel has of which node. fstat(2) comes without one, as a question about the node, for which libfuse needs a path; when the
 * folder of an open file is gone, there is none.
 */
#ifndef OPEN_HANDLES_H
#define OPEN_HANDLES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct open_handles open_handles_t;

/* NULL when there is no memory. */
open_handles_t *open_handles_create (void);
void open_handles_destroy (open_handles_t *handles);

/* Without memory for it nothing is noted: then there is a handle that nobody finds. */
void open_handles_add (open_handles_t *handles, uint64_t node, uint64_t handle);
void open_handles_remove (open_handles_t *handles, uint64_t node, uint64_t handle);

/* Any handle of the node; false when none is known. */
bool open_handles_find (open_handles_t *handles, uint64_t node, uint64_t *handle);

#endif
