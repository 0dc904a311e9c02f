/*
 * A session as Node sees it: what happens in libfuse's threads becomes calls on the main thread.
 */
#ifndef SERVED_H
#define SERVED_H

#include "session.h"

#include <node_api.h>
#include <uv.h>

/* Told by the export `mended_version`; src/fuse/binding/features.ts compares it. */
#define MENDED_VERSION 1

typedef struct served served_t;

/*
 * Mounts and serves.
 * `on_ended` is called with the result of `session_run` once everything is over, `on_invalidated` with the id and the
 * result of each invalidation; both with `receiver` as `this`. On failure NULL, with the reason as a pending exception.
 */
served_t *served_open (
  napi_env env,
  const char *mountpoint,
  const char *option,
  const struct fuse_operations *operations,
  void *private_data,
  napi_value receiver,
  napi_value on_ended,
  napi_value on_invalidated
);

/* Lets Node's event loop end though the mount is not over. NULL is allowed. */
void served_let_go (served_t *served);

/* JavaScript: (served, path, name or "", offset, length, id) → 0 or a negative errno. */
napi_value served_invalidate (napi_env env, served_t *served, napi_value *arguments);

/* JavaScript: () → 0 or a negative errno, as session_cut. */
napi_value served_cut (napi_env env, served_t *served);

napi_value served_known_nodes (napi_env env, served_t *served);

/* To be called when the addon is loaded: from the end of Node's environment on, `served_wake` keeps still. */
void served_watch_exit (napi_env env);

/* Wakes Node's main thread. */
void served_wake (uv_async_t *async);

#endif
