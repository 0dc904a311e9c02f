#define FUSE_USE_VERSION 29

#include "wire.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MODE, UID, GID, SIZE, NLINK, INO, BLKSIZE, BLOCKS, ATIME, MTIME = ATIME + 2, CTIME = MTIME + 2, STAT_END = CTIME + 2 };
enum { F_BSIZE, F_FRSIZE, F_BLOCKS, F_BFREE, F_BAVAIL, F_FILES, F_FFREE, F_NAMEMAX, STATVFS_END };

/* Read one by one through memcpy: where the array begins in memory is not promised. */
static double number_at (const void *bytes, int index) {
  double number;
  memcpy(&number, (const char *) bytes + index * sizeof(double), sizeof(double));
  return number;
}

static struct timespec time_at (const void *bytes, int index) {
  return (struct timespec) { .tv_sec = (time_t) number_at(bytes, index), .tv_nsec = (long) number_at(bytes, index + 1) };
}

bool wire_to_stat (const void *bytes, size_t size, struct stat *stat) {
  if (size != STAT_END * sizeof(double)) return false;
  stat->st_mode = (mode_t) number_at(bytes, MODE);
  stat->st_uid = (uid_t) number_at(bytes, UID);
  stat->st_gid = (gid_t) number_at(bytes, GID);
  stat->st_size = (off_t) number_at(bytes, SIZE);
  stat->st_nlink = (nlink_t) number_at(bytes, NLINK);
  stat->st_ino = (ino_t) number_at(bytes, INO);
  stat->st_blksize = (blksize_t) number_at(bytes, BLKSIZE);
  stat->st_blocks = (blkcnt_t) number_at(bytes, BLOCKS);
  stat->st_atim = time_at(bytes, ATIME);
  stat->st_mtim = time_at(bytes, MTIME);
  stat->st_ctim = time_at(bytes, CTIME);
  return true;
}

bool wire_to_statvfs (const void *bytes, size_t size, struct statvfs *statvfs) {
  if (size != STATVFS_END * sizeof(double)) return false;
  statvfs->f_bsize = (unsigned long) number_at(bytes, F_BSIZE);
  statvfs->f_frsize = (unsigned long) number_at(bytes, F_FRSIZE);
  statvfs->f_blocks = (fsblkcnt_t) number_at(bytes, F_BLOCKS);
  statvfs->f_bfree = (fsblkcnt_t) number_at(bytes, F_BFREE);
  statvfs->f_bavail = (fsblkcnt_t) number_at(bytes, F_BAVAIL);
  statvfs->f_files = (fsfilcnt_t) number_at(bytes, F_FILES);
  statvfs->f_ffree = (fsfilcnt_t) number_at(bytes, F_FFREE);
  statvfs->f_favail = statvfs->f_ffree;
  statvfs->f_namemax = (unsigned long) number_at(bytes, F_NAMEMAX);
  return true;
}

/* What readdir(3) shows of an entry whose inode number is not told: not 0, which would hide it. */
#define UNTOLD_INO 0xffffffff

struct listing {
  size_t names_size;
  size_t kind_count;
  double *kinds;
  char names[];
};

listing_t *wire_to_listing (napi_env env, napi_value names, napi_value kinds) {
  bool ours = false;
  void *name_bytes = NULL;
  size_t names_size = 0;
  void *kind_bytes = NULL;
  size_t kind_count = 0;
  if (napi_is_buffer(env, names, &ours) != napi_ok || !ours) return NULL;
  if (napi_get_buffer_info(env, names, &name_bytes, &names_size) != napi_ok) return NULL;
  if (napi_get_typedarray_info(env, kinds, NULL, &kind_count, &kind_bytes, NULL, NULL) != napi_ok) kind_count = 0;

  listing_t *listing = malloc(sizeof(listing_t) + names_size);
  if (listing == NULL) return NULL;
  listing->names_size = names_size;
  listing->kind_count = 0;
  listing->kinds = kind_count == 0 ? NULL : malloc(kind_count * sizeof(double));
  if (names_size > 0) memcpy(listing->names, name_bytes, names_size);
  if (listing->kinds != NULL) {
    memcpy(listing->kinds, kind_bytes, kind_count * sizeof(double));
    listing->kind_count = kind_count;
  }
  return listing;
}

void listing_fill (listing_t *listing, void *buffer, fuse_fill_dir_t fill) {
  if (listing == NULL) return;
  const char *name = listing->names;
  size_t left = listing->names_size;
  for (size_t i = 0; left > 0; i += 2) {
    size_t length = strnlen(name, left);
    if (length == left) break;
    struct stat stat = { .st_ino = UNTOLD_INO };
    if (i + 1 < listing->kind_count) {
      stat.st_mode = (mode_t) listing->kinds[i];
      stat.st_ino = (ino_t) listing->kinds[i + 1];
    }
    if (fill(buffer, name, &stat, 0) != 0) break;
    name += length + 1;
    left -= length + 1;
  }
  free(listing->kinds);
  free(listing);
}

void wire_to_open_flags (napi_env env, napi_value value, struct fuse_file_info *info) {
  uint32_t flags = 0;
  if (napi_get_value_uint32(env, value, &flags) != napi_ok) return;
  info->direct_io = flags & 1;
  info->keep_cache = (flags >> 1) & 1;
}

void times_to_wire (napi_env env, const struct timespec times[2], napi_value *arguments) {
  for (int i = 0; i < 2; i++) {
    napi_create_double(env, (double) times[i].tv_sec, &arguments[2 * i]);
    napi_create_double(env, (double) times[i].tv_nsec, &arguments[2 * i + 1]);
  }
}
