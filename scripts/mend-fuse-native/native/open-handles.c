#include "open-handles.h"

#include <pthread.h>
#include <stdlib.h>

/* A power of two. With more open files than that, chains get longer. */
#define BUCKETS 1024

typedef struct open_handle {
  uint64_t node;
  uint64_t handle;
  struct open_handle *next;
} open_handle_t;

struct open_handles {
  pthread_mutex_t lock;
  open_handle_t *buckets[BUCKETS];
};

open_handles_t *open_handles_create (void) {
  open_handles_t *handles = calloc(1, sizeof(open_handles_t));
  if (handles != NULL) pthread_mutex_init(&handles->lock, NULL);
  return handles;
}

void open_handles_destroy (open_handles_t *handles) {
  for (size_t i = 0; i < BUCKETS; i++) {
    open_handle_t *one = handles->buckets[i];
    while (one != NULL) {
      open_handle_t *next = one->next;
      free(one);
      one = next;
    }
  }
  pthread_mutex_destroy(&handles->lock);
  free(handles);
}

/* libfuse numbers its nodes one after the other. */
static open_handle_t **bucket_of (open_handles_t *handles, uint64_t node) {
  return &handles->buckets[node & (BUCKETS - 1)];
}

void open_handles_add (open_handles_t *handles, uint64_t node, uint64_t handle) {
  open_handle_t *one = malloc(sizeof(open_handle_t));
  if (one == NULL) return;
  pthread_mutex_lock(&handles->lock);
  open_handle_t **bucket = bucket_of(handles, node);
  *one = (open_handle_t) { .node = node, .handle = handle, .next = *bucket };
  *bucket = one;
  pthread_mutex_unlock(&handles->lock);
}

void open_handles_remove (open_handles_t *handles, uint64_t node, uint64_t handle) {
  pthread_mutex_lock(&handles->lock);
  open_handle_t **place = bucket_of(handles, node);
  while (*place != NULL && ((*place)->node != node || (*place)->handle != handle)) place = &(*place)->next;
  open_handle_t *one = *place;
  if (one != NULL) *place = one->next;
  pthread_mutex_unlock(&handles->lock);
  free(one);
}

bool open_handles_find (open_handles_t *handles, uint64_t node, uint64_t *handle) {
  pthread_mutex_lock(&handles->lock);
  const open_handle_t *one = *bucket_of(handles, node);
  while (one != NULL && one->node != node) one = one->next;
  if (one != NULL) *handle = one->handle;
  pthread_mutex_unlock(&handles->lock);
  return one != NULL;
}
