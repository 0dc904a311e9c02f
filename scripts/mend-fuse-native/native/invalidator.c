#include "invalidator.h"

#include <errno.h>
#include <fuse_kernel.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

struct invalidator {
  int fd;
  invalidation_done_t done;
  void *context;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  invalidation_t *first;
  invalidation_t *last;
  bool stopping;
  int idle;
  int queued;
  int started;
  pthread_t threads[INVALIDATOR_THREADS];
};

invalidator_t *invalidator_create (int fd, invalidation_done_t done, void *context) {
  invalidator_t *invalidator = calloc(1, sizeof(invalidator_t));
  if (invalidator == NULL) return NULL;
  invalidator->fd = fd;
  invalidator->done = done;
  invalidator->context = context;
  pthread_mutex_init(&invalidator->lock, NULL);
  pthread_cond_init(&invalidator->changed, NULL);
  return invalidator;
}

static int send_node (int fd, const invalidation_t *invalidation) {
  struct fuse_notify_inval_inode_out body = {
    .ino = invalidation->node, .off = invalidation->offset, .len = invalidation->length
  };
  struct fuse_out_header header = { .len = sizeof(header) + sizeof(body), .error = FUSE_NOTIFY_INVAL_INODE };
  struct iovec parts[] = { { &header, sizeof(header) }, { &body, sizeof(body) } };
  return writev(fd, parts, 2) == -1 ? -errno : 0;
}

static int send_name (int fd, const invalidation_t *invalidation) {
  size_t length = strlen(invalidation->name);
  struct fuse_notify_inval_entry_out body = { .parent = invalidation->node, .namelen = (uint32_t) length };
  struct fuse_out_header header = {
    .len = (uint32_t) (sizeof(header) + sizeof(body) + length + 1), .error = FUSE_NOTIFY_INVAL_ENTRY
  };
  struct iovec parts[] = {
    { &header, sizeof(header) }, { &body, sizeof(body) }, { (void *) invalidation->name, length + 1 }
  };
  return writev(fd, parts, 3) == -1 ? -errno : 0;
}

static void *work (void *data) {
  invalidator_t *invalidator = data;
  pthread_mutex_lock(&invalidator->lock);
  while (!invalidator->stopping) {
    invalidation_t *invalidation = invalidator->first;
    if (invalidation == NULL) {
      invalidator->idle++;
      pthread_cond_wait(&invalidator->changed, &invalidator->lock);
      invalidator->idle--;
      continue;
    }
    invalidator->first = invalidation->next;
    invalidator->queued--;
    pthread_mutex_unlock(&invalidator->lock);
    int fd = invalidator->fd;
    invalidation->result = invalidation->name[0] == 0 ? send_node(fd, invalidation) : send_name(fd, invalidation);
    invalidator->done(invalidation, invalidator->context);
    pthread_mutex_lock(&invalidator->lock);
  }
  pthread_mutex_unlock(&invalidator->lock);
  return NULL;
}

/* Signals are for Node's main thread. */
static int start_thread (invalidator_t *invalidator) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int error = pthread_create(&invalidator->threads[invalidator->started], NULL, work, invalidator);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error == 0) invalidator->started++;
  return error;
}

int invalidator_submit (invalidator_t *invalidator, invalidation_t *invalidation) {
  int error = 0;
  pthread_mutex_lock(&invalidator->lock);
  if (invalidator->stopping) {
    error = ENODEV;
  } else if (invalidator->queued >= invalidator->idle && invalidator->started < INVALIDATOR_THREADS) {
    error = start_thread(invalidator);
    /* Those that run already will come to it. */
    if (invalidator->started > 0) error = 0;
  }
  if (error == 0) {
    invalidation->next = NULL;
    if (invalidator->first == NULL) invalidator->first = invalidation;
    else invalidator->last->next = invalidation;
    invalidator->last = invalidation;
    invalidator->queued++;
    pthread_cond_signal(&invalidator->changed);
  }
  pthread_mutex_unlock(&invalidator->lock);
  return -error;
}

void invalidator_stop (invalidator_t *invalidator) {
  pthread_mutex_lock(&invalidator->lock);
  bool first_call = !invalidator->stopping;
  invalidator->stopping = true;
  invalidation_t *left = invalidator->first;
  invalidator->first = NULL;
  pthread_cond_broadcast(&invalidator->changed);
  pthread_mutex_unlock(&invalidator->lock);

  for (int i = 0; first_call && i < invalidator->started; i++) pthread_join(invalidator->threads[i], NULL);
  while (left != NULL) {
    invalidation_t *next = left->next;
    left->result = -ENODEV;
    invalidator->done(left, invalidator->context);
    left = next;
  }
}

void invalidator_destroy (invalidator_t *invalidator) {
  pthread_mutex_destroy(&invalidator->lock);
  pthread_cond_destroy(&invalidator->changed);
  free(invalidator);
}
