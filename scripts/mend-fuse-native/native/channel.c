#define FUSE_USE_VERSION 29

#include "channel.h"

#include "utf8.h"

#include <errno.h>
#include <fuse_kernel.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Later than the protocol that libfuse 2.9 speaks, and independent of it. Source: linux/fuse.h, 7.25 */
#define INIT_PARALLEL_LOOKUPS (1u << 18)

/*
 * The request that this thread has taken and not yet answered. libfuse answers in the thread that took it; the names
 * stay where they are in the thread's buffer until it takes the next one.
 */
typedef struct {
  uint64_t unique;
  uint32_t opcode;
  /* The folder of the name, where there is a name of something in a folder. */
  uint64_t node;
  const char *name;
  uint64_t new_folder;
  const char *new_name;
  uint32_t init_flags;
} taken_request_t;

static _Thread_local taken_request_t taken;

static known_names_t *names_of (struct fuse_chan *channel) {
  return ((seen_t *) fuse_chan_data(channel))->names;
}

static open_handles_t *handles_of (struct fuse_chan *channel) {
  return ((seen_t *) fuse_chan_data(channel))->handles;
}

/* Where the name begins in a request that has one, and 0 for others. */
static size_t name_offset (uint32_t opcode) {
  switch (opcode) {
    case FUSE_LOOKUP:
    case FUSE_UNLINK:
    case FUSE_RMDIR:
    case FUSE_SYMLINK: return sizeof(struct fuse_in_header);
    case FUSE_MKNOD: return sizeof(struct fuse_in_header) + sizeof(struct fuse_mknod_in);
    case FUSE_MKDIR: return sizeof(struct fuse_in_header) + sizeof(struct fuse_mkdir_in);
    case FUSE_CREATE: return sizeof(struct fuse_in_header) + sizeof(struct fuse_create_in);
    case FUSE_LINK: return sizeof(struct fuse_in_header) + sizeof(struct fuse_link_in);
    case FUSE_RENAME: return sizeof(struct fuse_in_header) + sizeof(struct fuse_rename_in);
    case FUSE_SETXATTR: return sizeof(struct fuse_in_header) + sizeof(struct fuse_setxattr_in);
    case FUSE_GETXATTR: return sizeof(struct fuse_in_header) + sizeof(struct fuse_getxattr_in);
    case FUSE_REMOVEXATTR: return sizeof(struct fuse_in_header);
    default: return 0;
  }
}

/* A name of the request: ended by a zero before the request ends, or NULL. */
static const char *text_at (const char *request, size_t size, size_t offset) {
  if (offset >= size || memchr(request + offset, 0, size - offset) == NULL) return NULL;
  return request + offset;
}

static void note_forgotten (known_names_t *names, const char *request, size_t size) {
  const struct fuse_in_header *header = (const void *) request;
  const char *body = request + sizeof(*header);
  size_t body_size = size - sizeof(*header);
  if (header->opcode == FUSE_FORGET && body_size >= sizeof(struct fuse_forget_in)) {
    known_names_forget(names, header->nodeid, ((const struct fuse_forget_in *) body)->nlookup);
  } else if (header->opcode == FUSE_BATCH_FORGET && body_size >= sizeof(struct fuse_batch_forget_in)) {
    const struct fuse_forget_one *one = (const void *) (body + sizeof(struct fuse_batch_forget_in));
    size_t room = (body_size - sizeof(struct fuse_batch_forget_in)) / sizeof(*one);
    size_t count = ((const struct fuse_batch_forget_in *) body)->count;
    for (size_t i = 0; i < count && i < room; i++) known_names_forget(names, one[i].nodeid, one[i].nlookup);
  }
}

static void note_closed (open_handles_t *handles, const char *request, size_t size) {
  const struct fuse_in_header *header = (const void *) request;
  if (size < sizeof(*header) + sizeof(struct fuse_release_in)) return;
  open_handles_remove(handles, header->nodeid, ((const struct fuse_release_in *) (header + 1))->fh);
}

/* A handle may be closed before it is asked by: the path counts then, which libfuse has nearly always. */
static void ask_by_handle (open_handles_t *handles, char *request, size_t size) {
  const struct fuse_in_header *header = (const void *) request;
  struct fuse_getattr_in *question = (void *) (request + sizeof(*header));
  if (size < sizeof(*header) + sizeof(*question) || question->getattr_flags & FUSE_GETATTR_FH) return;
  uint64_t handle;
  if (!open_handles_find(handles, header->nodeid, &handle)) return;
  question->getattr_flags |= FUSE_GETATTR_FH;
  question->fh = handle;
}

/* Only names of the namespace `user` can be kept; the kernel asks for two of the others at each write and listing. */
static bool is_foreign_attribute (uint32_t opcode, const char *name) {
  bool concerns_attribute = opcode == FUSE_SETXATTR || opcode == FUSE_GETXATTR || opcode == FUSE_REMOVEXATTR;
  return concerns_attribute && strncmp(name, "user.", 5) != 0;
}

/* The error that answers the request without asking anybody, or 0. */
static int known_error (void) {
  if (taken.name == NULL) return 0;
  if (is_foreign_attribute(taken.opcode, taken.name)) return EOPNOTSUPP;
  bool valid = is_utf8(taken.name) && (taken.new_name == NULL || is_utf8(taken.new_name));
  if (valid) return 0;
  return taken.opcode == FUSE_LOOKUP ? ENOENT : EILSEQ;
}

static void take (const char *request, size_t size) {
  const struct fuse_in_header *header = (const void *) request;
  size_t offset = name_offset(header->opcode);
  taken = (taken_request_t) { .unique = header->unique, .opcode = header->opcode, .node = header->nodeid };
  if (offset != 0) taken.name = text_at(request, size, offset);
  if (header->opcode == FUSE_RENAME && taken.name != NULL) {
    taken.new_folder = ((const struct fuse_rename_in *) (header + 1))->newdir;
    taken.new_name = text_at(request, size, offset + strlen(taken.name) + 1);
    if (taken.new_name == NULL) taken.name = NULL;
  }
  if (header->opcode == FUSE_INIT && size >= sizeof(*header) + sizeof(struct fuse_init_in)) {
    taken.init_flags = ((const struct fuse_init_in *) (header + 1))->flags;
  }
}

static int channel_receive (struct fuse_chan **channel_place, char *buffer, size_t buffer_size) {
  struct fuse_chan *channel = *channel_place;
  struct fuse_session *session = fuse_chan_session(channel);
  int fd = fuse_chan_fd(channel);

  for (;;) {
    ssize_t size = read(fd, buffer, buffer_size);
    int error = errno;
    if (fuse_session_exited(session)) return 0;
    if (size == -1) {
      /* The request was withdrawn while we took it. */
      if (error == ENOENT) continue;
      /* Unmounted. */
      if (error == ENODEV) {
        fuse_session_exit(session);
        return 0;
      }
      return -error;
    }
    if ((size_t) size < sizeof(struct fuse_in_header)) return -EIO;

    take(buffer, size);
    if (taken.opcode == FUSE_FORGET || taken.opcode == FUSE_BATCH_FORGET) {
      note_forgotten(names_of(channel), buffer, size);
    }
    if (taken.opcode == FUSE_RELEASE) note_closed(handles_of(channel), buffer, size);
    if (taken.opcode == FUSE_GETATTR) ask_by_handle(handles_of(channel), buffer, size);
    int answer = known_error();
    if (answer == 0) return (int) size;

    struct fuse_out_header out = { .len = sizeof(out), .error = -answer, .unique = taken.unique };
    if (write(fd, &out, sizeof(out)) == -1 && errno == ENODEV) {
      fuse_session_exit(session);
      return 0;
    }
  }
}

/* What the answer to the taken request teaches, before the kernel has it: it may use or forget it at once. */
static uint64_t note_answer (known_names_t *names, int error, const struct iovec *body) {
  if (taken.name == NULL) return 0;
  switch (taken.opcode) {
    case FUSE_LOOKUP:
    case FUSE_MKNOD:
    case FUSE_MKDIR:
    case FUSE_SYMLINK:
    case FUSE_LINK:
    case FUSE_CREATE: {
      if (error != 0 || body == NULL || body->iov_len < sizeof(struct fuse_entry_out)) return 0;
      const struct fuse_entry_out *entry = body->iov_base;
      uint64_t node = entry->nodeid;
      bool is_itself = strcmp(taken.name, ".") == 0 || strcmp(taken.name, "..") == 0;
      if (node != 0 && !is_itself) known_names_add(names, taken.node, taken.name, node, S_ISDIR(entry->attr.mode));
      return is_itself ? 0 : node;
    }
    case FUSE_UNLINK:
    case FUSE_RMDIR:
      if (error == 0) known_names_remove(names, taken.node, taken.name);
      return 0;
    case FUSE_RENAME:
      if (error == 0) known_names_move(names, taken.node, taken.name, taken.new_folder, taken.new_name);
      return 0;
    default: return 0;
  }
}

/* The handle in the answer to an open or a create, which comes behind the node that was made; NULL in others. */
static const struct fuse_open_out *opened_in (const struct iovec *body) {
  size_t offset = taken.opcode == FUSE_CREATE ? sizeof(struct fuse_entry_out) : 0;
  if (taken.opcode != FUSE_CREATE && taken.opcode != FUSE_OPEN) return NULL;
  if (body == NULL || body->iov_len < offset + sizeof(struct fuse_open_out)) return NULL;
  return (const void *) ((const char *) body->iov_base + offset);
}

/* Requests that concern a node, not a name. */
static bool concerns_node (uint32_t opcode) {
  switch (opcode) {
    case FUSE_GETATTR:
    case FUSE_SETATTR:
    case FUSE_READLINK:
    case FUSE_OPEN:
    case FUSE_ACCESS:
    case FUSE_SETXATTR:
    case FUSE_GETXATTR:
    case FUSE_LISTXATTR:
    case FUSE_REMOVEXATTR: return true;
    default: return false;
  }
}

/*
 * The kernel has found a file by its name, and another was renamed over it before it asked for the one that it had found: libfuse knows that one no more.
 * To ESTALE the kernel looks the name up again, as the name may never seem to be missing; ENOENT it would hand on.
 */
static bool is_replaced (known_names_t *names, int error) {
  return error == -ENOENT && concerns_node(taken.opcode) && known_names_is_file(names, taken.node);
}

/* libfuse made the answer on its stack and does not look at it again. */
static void widen_init (const struct iovec *body) {
  if (body == NULL || body->iov_len < sizeof(struct fuse_init_out)) return;
  struct fuse_init_out *out = body->iov_base;
  out->flags |= taken.init_flags & INIT_PARALLEL_LOOKUPS;
}

static int channel_send (struct fuse_chan *channel, const struct iovec parts[], size_t count) {
  /* libfuse ends a request that has no answer in this way. */
  if (parts == NULL || count == 0) return 0;

  struct fuse_out_header *out = parts[0].iov_base;
  uint64_t given = 0;
  uint64_t opened_node = 0;
  uint64_t opened_handle = 0;
  if (out->unique != 0 && out->unique == taken.unique) {
    const struct iovec *body = count > 1 ? &parts[1] : NULL;
    if (taken.opcode == FUSE_INIT && out->error == 0) widen_init(body);
    if (is_replaced(names_of(channel), out->error)) out->error = -ESTALE;
    given = note_answer(names_of(channel), out->error, body);
    const struct fuse_open_out *opened = out->error == 0 ? opened_in(body) : NULL;
    if (opened != NULL) {
      opened_node = taken.opcode == FUSE_CREATE ? given : taken.node;
      opened_handle = opened->fh;
      open_handles_add(handles_of(channel), opened_node, opened_handle);
    }
    taken.unique = 0;
  }
  if (writev(fuse_chan_fd(channel), parts, (int) count) != -1) return 0;
  int error = errno;
  /* Nobody waits for it any more: the kernel did not take the reference. */
  if (given != 0) known_names_forget(names_of(channel), given, 1);
  if (opened_node != 0) open_handles_remove(handles_of(channel), opened_node, opened_handle);
  return -error;
}

struct fuse_chan *channel_create (int fd, size_t buffer_size, seen_t *seen) {
  struct fuse_chan_ops operations = { .receive = channel_receive, .send = channel_send };
  return fuse_chan_new(&operations, fd, buffer_size, seen);
}
