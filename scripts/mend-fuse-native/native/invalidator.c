#define _GNU_SOURCE

#include "invalidator.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_kernel.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Newer than the headers of libfuse 2.9. Source: linux/fuse.h */
#define DEVICE_CLONE _IOR(229, 0, uint32_t)

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
  /* The threads above have no files but /dev/fuse, so another one must tell: waking Node takes a file. */
  invalidation_t *finished;
  pthread_cond_t some_finished;
  bool all_finished;
  bool has_teller;
  pthread_t teller;
};

invalidator_t *invalidator_create (int fd, invalidation_done_t done, void *context) {
  invalidator_t *invalidator = calloc(1, sizeof(invalidator_t));
  if (invalidator == NULL) return NULL;
  invalidator->fd = fd;
  invalidator->done = done;
  invalidator->context = context;
  pthread_mutex_init(&invalidator->lock, NULL);
  pthread_cond_init(&invalidator->changed, NULL);
  pthread_cond_init(&invalidator->some_finished, NULL);
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

static int close_range_of (unsigned first, unsigned last) {
  return (int) syscall(SYS_close_range, first, last, 0);
}

/*
 * A thread that waits in the kernel cannot be killed, and as long as it lives the process's files stay open. If
 * /dev/fuse were among them, the requests that it waits for would never be given up, and both would wait for ever.
 * So each thread has a table of files to itself with nothing in it but a device of its own on the same connection:
 * when the process dies, its device closes, the kernel gives up what was read from it, and the thread goes on and ends.
 */
static int own_device (int fd) {
  /* Without it (before Linux 5.9) the table could not be emptied. */
  if (close_range_of(~0u, ~0u) == -1) return fd;
  if (unshare(CLONE_FILES) == -1) return fd;
  int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  uint32_t connection = (uint32_t) fd;
  if (device != -1 && ioctl(device, DEVICE_CLONE, &connection) == -1) {
    close(device);
    device = -1;
  }
  /* The process's own then, though its end may have to wait. */
  unsigned kept = (unsigned) (device == -1 ? fd : device);
  if (kept > 0) close_range_of(0, kept - 1);
  close_range_of(kept + 1, ~0u);
  return (int) kept;
}

static void *work (void *data) {
  invalidator_t *invalidator = data;
  int fd = own_device(invalidator->fd);
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
    invalidation->result = invalidation->name[0] == 0 ? send_node(fd, invalidation) : send_name(fd, invalidation);
    pthread_mutex_lock(&invalidator->lock);
    invalidation->next = invalidator->finished;
    invalidator->finished = invalidation;
    pthread_cond_signal(&invalidator->some_finished);
  }
  pthread_mutex_unlock(&invalidator->lock);
  return NULL;
}

static void *tell (void *data) {
  invalidator_t *invalidator = data;
  pthread_mutex_lock(&invalidator->lock);
  for (;;) {
    invalidation_t *finished = invalidator->finished;
    invalidator->finished = NULL;
    if (finished == NULL) {
      if (invalidator->all_finished) break;
      pthread_cond_wait(&invalidator->some_finished, &invalidator->lock);
      continue;
    }
    pthread_mutex_unlock(&invalidator->lock);
    while (finished != NULL) {
      invalidation_t *next = finished->next;
      invalidator->done(finished, invalidator->context);
      finished = next;
    }
    pthread_mutex_lock(&invalidator->lock);
  }
  pthread_mutex_unlock(&invalidator->lock);
  return NULL;
}

/* Signals are for Node's main thread. */
static int start_thread (pthread_t *thread, void *(*routine) (void *), invalidator_t *invalidator) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int error = pthread_create(thread, NULL, routine, invalidator);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

/* One thread more to send, and with the first the one that tells. */
static int start_sender (invalidator_t *invalidator) {
  if (!invalidator->has_teller) {
    int error = start_thread(&invalidator->teller, tell, invalidator);
    if (error != 0) return error;
    invalidator->has_teller = true;
  }
  int error = start_thread(&invalidator->threads[invalidator->started], work, invalidator);
  if (error == 0) invalidator->started++;
  return error;
}

int invalidator_submit (invalidator_t *invalidator, invalidation_t *invalidation) {
  int error = 0;
  pthread_mutex_lock(&invalidator->lock);
  if (invalidator->stopping) {
    error = ENODEV;
  } else if (invalidator->queued >= invalidator->idle && invalidator->started < INVALIDATOR_THREADS) {
    error = start_sender(invalidator);
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
  if (first_call && invalidator->has_teller) {
    pthread_mutex_lock(&invalidator->lock);
    invalidator->all_finished = true;
    pthread_cond_signal(&invalidator->some_finished);
    pthread_mutex_unlock(&invalidator->lock);
    pthread_join(invalidator->teller, NULL);
  }
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
  pthread_cond_destroy(&invalidator->some_finished);
  free(invalidator);
}
