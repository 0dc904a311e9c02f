#include "known-names.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define FIRST_BUCKETS 1024

/* The key of a node that has no name any more. */
#define NAMELESS 0

typedef struct known_node {
  uint64_t node;
  uint64_t key;
  uint64_t references : 63;
  bool is_folder : 1;
  struct known_node *next_by_node;
  struct known_node *next_by_key;
} known_node_t;

struct known_names {
  pthread_mutex_t lock;
  uint64_t seed;
  size_t count;
  /* A power of two; both tables have as many. */
  size_t buckets;
  known_node_t **by_node;
  known_node_t **by_key;
};

known_names_t *known_names_create (void) {
  known_names_t *names = calloc(1, sizeof(known_names_t));
  if (names == NULL) return NULL;
  names->buckets = FIRST_BUCKETS;
  names->by_node = calloc(FIRST_BUCKETS, sizeof(known_node_t *));
  names->by_key = calloc(FIRST_BUCKETS, sizeof(known_node_t *));
  if (names->by_node == NULL || names->by_key == NULL) {
    free(names->by_node);
    free(names->by_key);
    free(names);
    return NULL;
  }
  if (getrandom(&names->seed, sizeof(names->seed), GRND_NONBLOCK) < 0) names->seed = (uint64_t) time(NULL);
  pthread_mutex_init(&names->lock, NULL);
  return names;
}

void known_names_destroy (known_names_t *names) {
  for (size_t i = 0; i < names->buckets; i++) {
    known_node_t *node = names->by_node[i];
    while (node != NULL) {
      known_node_t *next = node->next_by_node;
      free(node);
      node = next;
    }
  }
  free(names->by_node);
  free(names->by_key);
  pthread_mutex_destroy(&names->lock);
  free(names);
}

/* The finishing steps of a 64-bit mixer: each bit of the input reaches each bit of the result. */
static uint64_t mixed (uint64_t bits) {
  bits ^= bits >> 32;
  bits *= 0xd6e8feb86659fd93ULL;
  bits ^= bits >> 32;
  bits *= 0xd6e8feb86659fd93ULL;
  return bits ^ (bits >> 32);
}

/*
 * Two names of one mount have the same key once in 2^64; the worse that comes of it is that a node is forgotten
 * without need or kept until its time is over.
 */
static uint64_t key_of (const known_names_t *names, uint64_t folder, const char *name, size_t length) {
  uint64_t hash = mixed(folder + names->seed);
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char) name[i]) * 0x100000001b3ULL;
  hash = mixed(hash);
  return hash == NAMELESS ? 1 : hash;
}

static known_node_t **bucket_of_node (const known_names_t *names, uint64_t node) {
  return &names->by_node[mixed(node) & (names->buckets - 1)];
}

static known_node_t **bucket_of_key (const known_names_t *names, uint64_t key) {
  return &names->by_key[key & (names->buckets - 1)];
}

static known_node_t *node_by_number (const known_names_t *names, uint64_t number) {
  known_node_t *node = *bucket_of_node(names, number);
  while (node != NULL && node->node != number) node = node->next_by_node;
  return node;
}

static known_node_t *node_by_key (const known_names_t *names, uint64_t key) {
  known_node_t *node = *bucket_of_key(names, key);
  while (node != NULL && node->key != key) node = node->next_by_key;
  return node;
}

static void take_name (known_names_t *names, known_node_t *node) {
  if (node->key == NAMELESS) return;
  known_node_t **place = bucket_of_key(names, node->key);
  while (*place != node) place = &(*place)->next_by_key;
  *place = node->next_by_key;
  node->key = NAMELESS;
}

static void give_name (known_names_t *names, known_node_t *node, uint64_t key) {
  if (node->key == key) return;
  known_node_t *before = node_by_key(names, key);
  if (before != NULL) take_name(names, before);
  take_name(names, node);
  node->key = key;
  known_node_t **bucket = bucket_of_key(names, key);
  node->next_by_key = *bucket;
  *bucket = node;
}

/* Keeps chains short. Without memory for it they grow longer, which is slower and still right. */
static void make_room (known_names_t *names) {
  if (names->count < names->buckets) return;
  size_t buckets = names->buckets * 2;
  known_node_t **by_node = calloc(buckets, sizeof(known_node_t *));
  known_node_t **by_key = calloc(buckets, sizeof(known_node_t *));
  if (by_node == NULL || by_key == NULL) {
    free(by_node);
    free(by_key);
    return;
  }
  known_node_t **old = names->by_node;
  size_t old_buckets = names->buckets;
  free(names->by_key);
  names->buckets = buckets;
  names->by_node = by_node;
  names->by_key = by_key;
  for (size_t i = 0; i < old_buckets; i++) {
    known_node_t *node = old[i];
    while (node != NULL) {
      known_node_t *next = node->next_by_node;
      known_node_t **place = bucket_of_node(names, node->node);
      node->next_by_node = *place;
      *place = node;
      if (node->key != NAMELESS) {
        place = bucket_of_key(names, node->key);
        node->next_by_key = *place;
        *place = node;
      }
      node = next;
    }
  }
  free(old);
}

void known_names_add (known_names_t *names, uint64_t folder, const char *name, uint64_t number, bool is_folder) {
  pthread_mutex_lock(&names->lock);
  known_node_t *node = node_by_number(names, number);
  if (node == NULL) {
    make_room(names);
    node = calloc(1, sizeof(known_node_t));
    if (node != NULL) {
      known_node_t **bucket = bucket_of_node(names, number);
      node->node = number;
      node->next_by_node = *bucket;
      *bucket = node;
      names->count++;
    }
  }
  if (node != NULL) {
    node->references++;
    node->is_folder = is_folder;
    give_name(names, node, key_of(names, folder, name, strlen(name)));
  }
  pthread_mutex_unlock(&names->lock);
}

void known_names_forget (known_names_t *names, uint64_t number, uint64_t references) {
  pthread_mutex_lock(&names->lock);
  known_node_t **place = bucket_of_node(names, number);
  while (*place != NULL && (*place)->node != number) place = &(*place)->next_by_node;
  known_node_t *node = *place;
  if (node != NULL) {
    node->references -= references < node->references ? references : node->references;
    if (node->references == 0) {
      take_name(names, node);
      *place = node->next_by_node;
      free(node);
      names->count--;
    }
  }
  pthread_mutex_unlock(&names->lock);
}

void known_names_remove (known_names_t *names, uint64_t folder, const char *name) {
  pthread_mutex_lock(&names->lock);
  known_node_t *node = node_by_key(names, key_of(names, folder, name, strlen(name)));
  if (node != NULL) take_name(names, node);
  pthread_mutex_unlock(&names->lock);
}

void known_names_move (
  known_names_t *names, uint64_t folder, const char *name, uint64_t new_folder, const char *new_name
) {
  pthread_mutex_lock(&names->lock);
  known_node_t *node = node_by_key(names, key_of(names, folder, name, strlen(name)));
  uint64_t key = key_of(names, new_folder, new_name, strlen(new_name));
  known_node_t *replaced = node_by_key(names, key);
  if (replaced != NULL && replaced != node) take_name(names, replaced);
  if (node != NULL) give_name(names, node, key);
  pthread_mutex_unlock(&names->lock);
}

uint64_t known_names_resolve (known_names_t *names, const char *path) {
  uint64_t number = ROOT_NODE;
  pthread_mutex_lock(&names->lock);
  while (number != 0) {
    path += strspn(path, "/");
    size_t length = strcspn(path, "/");
    if (length == 0) break;
    known_node_t *node = node_by_key(names, key_of(names, number, path, length));
    number = node == NULL ? 0 : node->node;
    path += length;
  }
  pthread_mutex_unlock(&names->lock);
  return number;
}

bool known_names_is_file (known_names_t *names, uint64_t number) {
  pthread_mutex_lock(&names->lock);
  known_node_t *node = node_by_number(names, number);
  bool is_file = node != NULL && !node->is_folder;
  pthread_mutex_unlock(&names->lock);
  return is_file;
}

size_t known_names_count (known_names_t *names) {
  pthread_mutex_lock(&names->lock);
  size_t count = names->count;
  pthread_mutex_unlock(&names->lock);
  return count;
}
