#define FUSE_USE_VERSION 29

#include "served.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct served {
  session_t *session;
  napi_env env;
  napi_ref receiver;
  napi_ref on_ended;
  napi_ref on_invalidated;
  /* Holds the event loop until the end, unless it was let go. */
  uv_async_t ended;
  uv_async_t invalidated;
  int handles_closing;
  int result;
  bool is_over;
  pthread_mutex_t lock;
  invalidation_t *finished;
};

static pthread_rwlock_t exit_lock = PTHREAD_RWLOCK_INITIALIZER;
static bool is_exiting = false;

static void note_exit (void *unused) {
  (void) unused;
  pthread_rwlock_wrlock(&exit_lock);
  is_exiting = true;
  pthread_rwlock_unlock(&exit_lock);
}

void served_watch_exit (napi_env env) {
  napi_add_env_cleanup_hook(env, note_exit, NULL);
}

void served_wake (uv_async_t *async) {
  pthread_rwlock_rdlock(&exit_lock);
  if (!is_exiting) uv_async_send(async);
  pthread_rwlock_unlock(&exit_lock);
}

static void call (served_t *served, napi_ref function, size_t count, const double *numbers) {
  napi_env env = served->env;
  napi_handle_scope scope;
  napi_value receiver;
  napi_value callback;
  napi_value arguments[2];
  napi_open_handle_scope(env, &scope);
  napi_get_reference_value(env, served->receiver, &receiver);
  napi_get_reference_value(env, function, &callback);
  for (size_t i = 0; i < count; i++) napi_create_double(env, numbers[i], &arguments[i]);
  if (napi_make_callback(env, NULL, receiver, callback, count, arguments, NULL) == napi_pending_exception) {
    napi_value exception;
    napi_get_and_clear_last_exception(env, &exception);
    napi_fatal_exception(env, exception);
  }
  napi_close_handle_scope(env, scope);
}

/* In one of the invalidator's threads. */
static void note_finished (invalidation_t *invalidation, void *context) {
  served_t *served = context;
  pthread_mutex_lock(&served->lock);
  invalidation->next = served->finished;
  served->finished = invalidation;
  pthread_mutex_unlock(&served->lock);
  served_wake(&served->invalidated);
}

static void tell_finished (uv_async_t *async) {
  served_t *served = async->data;
  pthread_mutex_lock(&served->lock);
  invalidation_t *finished = served->finished;
  served->finished = NULL;
  pthread_mutex_unlock(&served->lock);
  while (finished != NULL) {
    invalidation_t *next = finished->next;
    double numbers[] = { (double) (uintptr_t) finished->data, finished->result };
    free(finished);
    call(served, served->on_invalidated, 2, numbers);
    finished = next;
  }
}

static void note_closed (uv_handle_t *handle) {
  served_t *served = handle->data;
  if (--served->handles_closing > 0) return;
  napi_delete_reference(served->env, served->receiver);
  napi_delete_reference(served->env, served->on_ended);
  napi_delete_reference(served->env, served->on_invalidated);
  pthread_mutex_destroy(&served->lock);
}

static void tell_ended (uv_async_t *async) {
  served_t *served = async->data;
  if (served->is_over) return;
  tell_finished(&served->invalidated);
  served->is_over = true;
  session_destroy(served->session);
  served->session = NULL;
  double result = served->result;
  call(served, served->on_ended, 1, &result);
  served->handles_closing = 2;
  uv_close((uv_handle_t *) &served->ended, note_closed);
  uv_close((uv_handle_t *) &served->invalidated, note_closed);
}

static void *run (void *data) {
  served_t *served = data;
  served->result = session_run(served->session);
  served_wake(&served->ended);
  return NULL;
}

/* Signals are for Node's main thread; libfuse's threads inherit this. */
static int start (served_t *served) {
  sigset_t all;
  sigset_t before;
  pthread_t thread;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int error = pthread_create(&thread, NULL, run, served);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error == 0) pthread_detach(thread);
  return error;
}

served_t *served_open (
  napi_env env,
  const char *mountpoint,
  const char *option,
  const struct fuse_operations *operations,
  void *private_data,
  napi_value receiver,
  napi_value on_ended,
  napi_value on_invalidated
) {
  char words[2048];
  /* Kept for good, as fuse-native keeps its own: threads of this mount may still look at it while they end. */
  served_t *served = calloc(1, sizeof(served_t));
  if (served == NULL) {
    napi_throw_error(env, "ENOMEM", "out of memory");
    return NULL;
  }
  served->session = session_open(mountpoint, option, operations, private_data, words, sizeof(words));
  if (served->session == NULL) {
    free(served);
    napi_throw_error(env, "EIO", words);
    return NULL;
  }
  served->env = env;
  pthread_mutex_init(&served->lock, NULL);
  napi_create_reference(env, receiver, 1, &served->receiver);
  napi_create_reference(env, on_ended, 1, &served->on_ended);
  napi_create_reference(env, on_invalidated, 1, &served->on_invalidated);
  uv_async_init(uv_default_loop(), &served->ended, tell_ended);
  uv_async_init(uv_default_loop(), &served->invalidated, tell_finished);
  uv_unref((uv_handle_t *) &served->invalidated);
  served->ended.data = served;
  served->invalidated.data = served;
  session_allow_invalidations(served->session, note_finished, served);
  if (start(served) != 0) {
    /* Nothing serves it: what is left is to take it away again. */
    session_abandon(served->session);
    served->session = NULL;
    served->is_over = true;
    uv_unref((uv_handle_t *) &served->ended);
    napi_throw_error(env, "EAGAIN", "cannot start a thread");
    return NULL;
  }
  return served;
}

void served_let_go (served_t *served) {
  if (served != NULL && !served->is_over) uv_unref((uv_handle_t *) &served->ended);
}

static napi_value number (napi_env env, int64_t value) {
  napi_value result;
  napi_create_int64(env, value, &result);
  return result;
}

napi_value served_invalidate (napi_env env, served_t *served, napi_value *arguments) {
  if (served == NULL || served->session == NULL) return number(env, -ENODEV);
  char path[4096];
  size_t length = 0;
  int64_t id = 0;
  invalidation_t *invalidation = calloc(1, sizeof(invalidation_t));
  if (invalidation == NULL) return number(env, -ENOMEM);
  bool valid = napi_get_value_string_utf8(env, arguments[0], path, sizeof(path), &length) == napi_ok
    && length < sizeof(path) - 1
    && napi_get_value_string_utf8(env, arguments[1], invalidation->name, sizeof(invalidation->name), &length) == napi_ok
    && napi_get_value_int64(env, arguments[2], &invalidation->offset) == napi_ok
    && napi_get_value_int64(env, arguments[3], &invalidation->length) == napi_ok
    && napi_get_value_int64(env, arguments[4], &id) == napi_ok;
  invalidation->data = (void *) (uintptr_t) id;
  int result = valid ? session_invalidate(served->session, path, invalidation) : -EINVAL;
  if (result != 0) free(invalidation);
  return number(env, result);
}

napi_value served_cut (napi_env env, served_t *served) {
  if (served == NULL || served->session == NULL) return number(env, -ENODEV);
  return number(env, session_cut(served->session));
}

napi_value served_known_nodes (napi_env env, served_t *served) {
  if (served == NULL || served->session == NULL) return number(env, 0);
  return number(env, (int64_t) session_known_nodes(served->session));
}
