/*
 * What the kernel knows of the mount: which node it has been given under which name of which folder.
 *
 * The kernel is told to forget by node number, while the file system thinks in paths, and libfuse keeps its own table
 * to itself. All that is needed passes by in the requests and answers, so this is a second, smaller table: 40 bytes a
 * node, no names, only their hashes. It may be used from every thread.
 */
#ifndef KNOWN_NAMES_H
#define KNOWN_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROOT_NODE 1

typedef struct known_names known_names_t;

/* NULL when there is no memory. */
known_names_t *known_names_create (void);
void known_names_destroy (known_names_t *names);

/* The kernel is about to be given a node under a name: one reference more. A node has one name, the latest. */
void known_names_add (known_names_t *names, uint64_t folder, const char *name, uint64_t node, bool is_folder);

/* The kernel gave back so many references; with the last one the node is unknown. */
void known_names_forget (known_names_t *names, uint64_t node, uint64_t references);

/* The name is gone; its node may live on, open. */
void known_names_remove (known_names_t *names, uint64_t folder, const char *name);

void known_names_move (
  known_names_t *names, uint64_t folder, const char *name, uint64_t new_folder, const char *new_name
);

/* The node at a path of the mount, which begins with a slash; 0 when the kernel does not know it by that path. */
uint64_t known_names_resolve (known_names_t *names, const char *path);

/* Whether the kernel was given that node as something else than a folder. */
bool known_names_is_file (known_names_t *names, uint64_t node);

/* How many nodes are known, the root not counted. */
size_t known_names_count (known_names_t *names);

#endif
