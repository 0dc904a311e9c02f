/*
 * How values cross between JavaScript and libfuse, where fuse-native's own way is too narrow: arrays of doubles, which
 * hold whole numbers up to 2^53. src/fuse/binding/layout.ts is the other end.
 */
#ifndef WIRE_H
#define WIRE_H

#include <fuse.h>
#include <node_api.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* Each false, with nothing done, if the value is not in our form, but in that of fuse-native. */
bool wire_to_stat (const void *bytes, size_t size, struct stat *stat);
bool wire_to_statvfs (const void *bytes, size_t size, struct statvfs *statvfs);

typedef struct listing listing_t;

/*
 * Copies a listing: names in one buffer, each ended by a zero, and for each a mode and an inode number in `kinds`,
 * which may be empty. So libfuse's thread can put it together while Node goes on. NULL if it is not in our form.
 */
listing_t *wire_to_listing (napi_env env, napi_value names, napi_value kinds);

/* Fills a folder and frees the listing; NULL is allowed. */
void listing_fill (listing_t *listing, void *buffer, fuse_fill_dir_t fill);

/* The flags with which an open may be answered, after the handle; may be undefined. */
void wire_to_open_flags (napi_env env, napi_value value, struct fuse_file_info *info);

/* Seconds and nanoseconds of two times into four arguments; UTIME_NOW and UTIME_OMIT stay what they are. */
void times_to_wire (napi_env env, const struct timespec times[2], napi_value *arguments);

#endif
