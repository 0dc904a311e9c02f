/**
 * What is changed in the C of fuse-native 2.2.6, piece by piece. The larger part of what is new stands in `native/`,
 * in files of its own; here is only where it is hooked in.
 *
 * @typedef {object} Edit
 * @property {string} name  what it is for, said when its place is not found
 * @property {string} find  must be there exactly `times` times
 * @property {string} put   what takes its place
 * @property {number} [times]  1 when left out
 */

/** @type {readonly Edit[]} */
export const EDITS = [
  {
    name: 'our own files',
    find: '#include <pthread.h>\n',
    put: '#include <pthread.h>\n\n#include "served.h"\n#include "wire.h"\n',
  },

  // Threads
  {
    name: 'waking Node, not after its end',
    find: '  uv_async_send(&(l->async));',
    put: '  served_wake(&(l->async));',
    times: 2,
  },
  {
    name: 'waking Node for a new thread, not after its end',
    find: '  uv_async_send(&(ft->async));',
    put: '  served_wake(&(ft->async));',
  },
  {
    name: 'the mount of a thread',
    find: '  char mnt[1024];\n  char mntopts[1024];\n',
    put: '  served_t *served;\n',
  },
  {
    name: 'what a thread carries',
    find: '  size_t atime;\n  size_t mtime;\n',
    put: '  size_t atime;\n  size_t mtime;\n  struct timespec times[2];\n  listing_t *listing;\n  void *next_idle;\n',
  },
  {
    name: 'memory of a thread outside of JavaScript, since libfuse may use it longer',
    find: `    napi_value argv[1];
    napi_create_uint32(ft->env, (uint32_t) sizeof(fuse_thread_locals_t), &(argv[0]));

    napi_value buf;
    NAPI_MAKE_CALLBACK(ft->env, NULL, ctx, callback, 1, argv, &buf);

    size_t l_len;

    napi_get_buffer_info(env, buf, (void **) &l, &l_len);
`,
    put: `    napi_value buf;
    l = calloc(1, sizeof(fuse_thread_locals_t));
    assert(l != NULL);
    napi_create_external_buffer(env, sizeof(fuse_thread_locals_t), l, NULL, NULL, &buf);
`,
  },
  {
    name: 'handing on what an ended thread carried',
    find: 'static fuse_thread_locals_t* get_thread_locals () {\n',
    put: `static pthread_mutex_t idle_lock = PTHREAD_MUTEX_INITIALIZER;
static fuse_thread_locals_t *idle_locals = NULL;

static void leave_thread_locals (void *data) {
  fuse_thread_locals_t *l = data;
  pthread_mutex_lock(&idle_lock);
  l->next_idle = idle_locals;
  idle_locals = l;
  pthread_mutex_unlock(&idle_lock);
}

static fuse_thread_locals_t* take_idle_locals (fuse_thread_t *ft) {
  pthread_mutex_lock(&idle_lock);
  fuse_thread_locals_t *l = idle_locals;
  if (l != NULL) idle_locals = l->next_idle;
  pthread_mutex_unlock(&idle_lock);
  if (l != NULL) {
    l->fuse = ft;
    pthread_setspecific(thread_locals_key, (void *) l);
  }
  return l;
}

static fuse_thread_locals_t* get_thread_locals () {
`,
  },
  {
    name: 'taking over what an ended thread carried',
    find: `    return (fuse_thread_locals_t *) data;
  }
`,
    put: `    return (fuse_thread_locals_t *) data;
  }
  fuse_thread_locals_t *idle = take_idle_locals(ft);
  if (idle != NULL) return idle;
`,
  },
  {
    name: 'noticing that a thread ends',
    find: '  pthread_key_create(&(thread_locals_key), NULL); // TODO: add destructor\n',
    put: '  pthread_key_create(&(thread_locals_key), leave_thread_locals);\n  served_watch_exit(env);\n',
  },

  // Files whose folder is gone
  {
    name: 'a path that libfuse does not know any more, in place of no string at all',
    find: '  l->path = path;\n',
    put: '  l->path = path != NULL ? path : "";\n',
    times: 34,
  },

  // Attributes
  {
    name: 'attributes in wide numbers, and only from an answer without error',
    find: '  populate_stat(ints, l->stat);',
    put: '  if (res == 0 && !wire_to_stat(ints, ints_len, l->stat)) populate_stat(ints, l->stat);',
    times: 2,
  },
  {
    name: 'sizes of the file system in wide numbers',
    find: '  populate_statvfs(ints, l->statvfs);',
    put: '  if (res == 0 && !wire_to_statvfs(ints, ints_len, l->statvfs)) populate_statvfs(ints, l->statvfs);',
  },
  {
    name: 'room for exact times',
    find: 'FUSE_METHOD_VOID(utimens, 5, 0,',
    put: 'FUSE_METHOD_VOID(utimens, 9, 0,',
  },
  {
    name: 'keeping exact times',
    find: '  l->mtime = timespec_to_uint64(&tv[1]);\n',
    put: '  l->mtime = timespec_to_uint64(&tv[1]);\n  memcpy(l->times, tv, sizeof(l->times));\n',
  },
  {
    name: 'the mtime in its own place, and exact times after both',
    find: '  FUSE_UINT64_TO_INTS_ARGV(l->atime, 5)\n',
    put: '  FUSE_UINT64_TO_INTS_ARGV(l->mtime, 5)\n  times_to_wire(env, l->times, &(argv[7]));\n',
  },

  // Opening
  {
    name: 'how to open, in the answer of open',
    find: 'FUSE_METHOD(open, 2, 1,',
    put: 'FUSE_METHOD(open, 2, 2,',
  },
  {
    name: 'how to open, in the answer of opendir',
    find: 'FUSE_METHOD(opendir, 3, 1,',
    put: 'FUSE_METHOD(opendir, 3, 2,',
  },
  {
    name: 'how to open, in the answer of create, and flags in its question',
    find: 'FUSE_METHOD(create, 2, 1,',
    put: 'FUSE_METHOD(create, 3, 2,',
  },
  {
    name: 'flags of create',
    find: `  napi_create_uint32(env, l->mode, &(argv[3]));
}, {
  NAPI_ARGV_INT32(fd, 2)
`,
    put: `  napi_create_uint32(env, l->mode, &(argv[3]));
  napi_create_uint32(env, l->info->flags, &(argv[4]));
}, {
  NAPI_ARGV_INT32(fd, 2)
`,
  },
  {
    name: 'direct_io and keep_cache',
    find: '  NAPI_ARGV_INT32(fd, 2)\n',
    put: '  wire_to_open_flags(env, argv[3], l->info);\n  NAPI_ARGV_INT32(fd, 2)\n',
    times: 3,
  },

  // Folders
  {
    name: 'listings, put together in the thread that asked',
    find: '  uint32_t stats_length;\n',
    put: `  l->listing = res < 0 ? NULL : wire_to_listing(env, argv[2], argv[3]);
  if (res < 0 || l->listing != NULL) {
    l->res = res;
    uv_sem_post(&(l->sem));
    return NULL;
  }
  uint32_t stats_length;
`,
  },
  {
    name: 'putting a listing together',
    find: '#ifdef __APPLE__\n\nFUSE_METHOD(setxattr,',
    put: `static int mended_readdir (const char *path, void *buf, fuse_fill_dir_t filler, off_t offset, struct fuse_file_info *info) {
  fuse_thread_locals_t *l = get_thread_locals();
  l->listing = NULL;
  int res = fuse_native_readdir(path, buf, filler, offset, info);
  listing_fill(l->listing, buf, filler);
  return res;
}

#ifdef __APPLE__

FUSE_METHOD(setxattr,`,
  },
  {
    name: 'listing',
    find: '  if (implemented[op_readdir]) ops.readdir = fuse_native_readdir;\n',
    put: '  if (implemented[op_readdir]) ops.readdir = mended_readdir;\n',
  },

  // Mounting
  {
    name: 'the loop, which session.c has',
    find: `static void* start_fuse_thread (void *data) {
  fuse_thread_t *ft = (fuse_thread_t *) data;
  fuse_loop_mt(ft->fuse);

  fuse_unmount(ft->mnt, ft->ch);
  fuse_session_remove_chan(ft->ch);
  fuse_destroy(ft->fuse);

  return NULL;
}

`,
    put: '',
  },
  {
    name: 'what mount is given: two functions more',
    find: '  NAPI_ARGV(7)\n',
    put: '  NAPI_ARGV(9)\n',
  },
  {
    name: 'room for the mountpoint and the options',
    find: '  NAPI_ARGV_UTF8(mnt, 1024, 0);\n  NAPI_ARGV_UTF8(mntopts, 1024, 1);\n',
    put: '  NAPI_ARGV_UTF8(mnt, 4096, 0);\n  NAPI_ARGV_UTF8(mntopts, 8192, 1);\n',
  },
  {
    name: 'mounting',
    find: `  int _argc = (strcmp(mntopts, "-o") <= 0) ? 1 : 2;
  char *_argv[] = {
    (char *) "fuse_bindings_dummy",
    (char *) mntopts
  };

  struct fuse_args args = FUSE_ARGS_INIT(_argc, _argv);
  struct fuse_chan *ch = fuse_mount(mnt, &args);

  if (ch == NULL) {
    napi_throw_error(env, "fuse failed", "fuse failed");
    return NULL;
  }

  struct fuse *fuse = fuse_new(ch, &args, &ops, sizeof(struct fuse_operations), ft);

`,
    put: `  /* Without it, a change of one time alone would not arrive; with it, the caller must know UTIME_OMIT. */
  napi_valuetype on_ended_type = napi_undefined;
  napi_typeof(env, argv[7], &on_ended_type);
  ops.flag_utime_omit_ok = on_ended_type == napi_function;
  /* What is done by a handle needs no path: the folder of an open file may have been removed. */
  ops.flag_nullpath_ok = 1;

`,
  },
  {
    name: 'serving',
    find: `  strncpy(ft->mnt, mnt, 1024);
  strncpy(ft->mntopts, mntopts, 1024);
  ft->fuse = fuse;
  ft->ch = ch;
  ft->mounted++;

`,
    put: '',
  },
  {
    name: 'serving, after all is ready for the first request',
    find: `  if (fuse == NULL || err < 0) {
    napi_throw_error(env, "fuse failed", "fuse failed");
    return NULL;
  }

  pthread_attr_init(&(ft->attr));
  pthread_create(&(ft->thread), &(ft->attr), start_fuse_thread, ft);
`,
    put: `  if (err < 0) {
    napi_throw_error(env, uv_err_name(err), uv_strerror(err));
    return NULL;
  }
  uv_unref((uv_handle_t *) &(ft->async));
  ft->served = served_open(env, mnt, mntopts, &ops, ft, argv[3], argv[7], argv[8]);
`,
  },
  {
    name: 'letting go',
    find: `  // TODO: fix the async holding the loop
  uv_unref((uv_handle_t *) &(ft->async));
  ft->mounted--;
`,
    put: '  served_let_go(ft->served);\n',
  },
  {
    name: 'the mounted test of unmount',
    find: `  if (ft != NULL && ft->mounted) {
    // TODO: Investigate why the FUSE thread is not always killed after fusermount.
    // pthread_join(ft->thread, NULL);
  }

`,
    put: '',
  },
  {
    name: 'invalidation',
    find: 'NAPI_INIT() {\n',
    put: `NAPI_METHOD(mended_invalidate) {
  NAPI_ARGV(6)
  NAPI_ARGV_BUFFER_CAST(fuse_thread_t *, ft, 0);
  return served_invalidate(env, ft->served, &(argv[1]));
}

NAPI_METHOD(mended_cut) {
  NAPI_ARGV(1)
  NAPI_ARGV_BUFFER_CAST(fuse_thread_t *, ft, 0);
  return served_cut(env, ft->served);
}

NAPI_METHOD(mended_known_nodes) {
  NAPI_ARGV(1)
  NAPI_ARGV_BUFFER_CAST(fuse_thread_t *, ft, 0);
  return served_known_nodes(env, ft->served);
}

NAPI_INIT() {
`,
  },
  {
    name: 'what is exported',
    find: '  NAPI_EXPORT_FUNCTION(fuse_native_unmount)\n',
    put: `  NAPI_EXPORT_FUNCTION(fuse_native_unmount)
  uint32_t mended_version = MENDED_VERSION;
  NAPI_EXPORT_UINT32(mended_version)
  NAPI_EXPORT_FUNCTION(mended_invalidate)
  NAPI_EXPORT_FUNCTION(mended_cut)
  NAPI_EXPORT_FUNCTION(mended_known_nodes)
`,
  },
];
