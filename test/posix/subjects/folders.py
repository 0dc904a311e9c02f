"""mkdir, rmdir, and reading folders."""

import ctypes
import os
import stat

from telling import KINDS, alike_check, check, dates_moved, done, in_folders, kind, libc, long_check, make_kind, mode, opened, read, tell, write


@check
def a_new_folder_has_the_mode_that_the_umask_leaves():
    seen = []
    for umask in (0o000, 0o022, 0o077):
        before = os.umask(umask)
        for asked in (0o777, 0o755, 0o700, 0o1777):
            name = f"{umask}-{asked}"
            os.mkdir(name, asked)
            seen.append(mode(name))
        os.umask(before)
    return seen


@check
def mkdir_where_it_cannot_be():
    write("f")
    os.mkdir("d")
    os.symlink("nowhere", "link")
    return [tell(os.mkdir, name) for name in ("d", "f", "link", "no/d", "f/d", ".", "d/..")]


@check
def rmdir_where_it_cannot_be():
    write("f")
    os.makedirs("full/in")
    os.mkdir("empty")
    os.symlink("empty", "link")
    return [tell(os.rmdir, name) for name in ("full", "f", "no", "link", "empty/.", "empty/..", "empty", "empty")]


@check
def a_folder_that_is_removed_while_it_is_open():
    os.mkdir("d")
    handle = os.open("d", os.O_RDONLY)
    os.rmdir("d")
    seen = [opened("d", os.O_RDONLY), done(os.mkdir, "d"), kind("d")]
    os.close(handle)
    return seen


@alike_check
def entries_are_all_there_once():
    names = [f"entry-{index}" for index in range(150)]
    for name in names:
        os.mkdir(name)
    return sorted(os.listdir(".")) == sorted(names)


@long_check
def ten_thousand_entries():
    names = {f"entry {index} имя" for index in range(10_000)}
    for name in names:
        os.mknod(name, 0o600 | stat.S_IFREG)
    entries = list(os.scandir("."))
    seen = [len(entries), {entry.name for entry in entries} == names, len({entry.inode() for entry in entries}), tell(os.rmdir, os.getcwd())]
    # Every other one goes while the folder is being read.
    read_on = []
    with os.scandir(".") as listing:
        for index, entry in enumerate(listing):
            read_on.append(entry.name)
            if index % 2 == 0:
                os.unlink(entry.name)
    left = os.listdir(".")
    return seen + [len(read_on), set(read_on) == names, len(left), len(set(left)), all(os.path.exists(name) for name in left)]


@alike_check
def what_stays_is_seen_while_others_come_and_go():
    for index in range(100):
        os.mkdir(f"stays-{index}")
        os.mkdir(f"goes-{index}")
    seen = []
    with os.scandir(".") as entries:
        for index, entry in enumerate(entries):
            seen.append(entry.name)
            if index < 50:
                os.rmdir(f"goes-{99 - index}")
                os.mkdir(f"comes-{index}")
    stayed = [name for name in seen if name.startswith("stays-")]
    return [len(stayed), len(set(stayed))]


@alike_check
def a_folder_emptied_while_it_is_read():
    for index in range(150):
        os.mkdir(f"f{index}")
    with os.scandir(".") as entries:
        for entry in entries:
            os.rmdir(entry.name)
    return os.listdir(".")


class Dirent(ctypes.Structure):
    _fields_ = [
        ("ino", ctypes.c_uint64),
        ("off", ctypes.c_int64),
        ("reclen", ctypes.c_ushort),
        ("type", ctypes.c_ubyte),
        ("name", ctypes.c_char * 256),
    ]


libc.opendir.restype = ctypes.c_void_p
libc.readdir.restype = ctypes.POINTER(Dirent)
libc.telldir.restype = ctypes.c_long


def next_entries(folder, count):
    """What readdir(3) tells next: names and inode numbers."""
    found = []
    while len(found) < count and (entry := libc.readdir(folder)):
        found.append((os.fsdecode(entry.contents.name), entry.contents.ino))
    return found


@alike_check
def telldir_and_seekdir():
    for index in range(150):
        os.mkdir(f"f{index}")
    folder = ctypes.c_void_p(libc.opendir(b"."))
    first = next_entries(folder, 50)
    place = ctypes.c_long(libc.telldir(folder))
    rest = next_entries(folder, 1000)
    libc.seekdir(folder, place)
    again = next_entries(folder, 1000)
    libc.rewinddir(folder)
    everything = next_entries(folder, 1000)
    libc.closedir(folder)
    return [rest == again, first + rest == everything, len(everything)]


@check
def types_in_listings():
    write("f")
    os.mkdir("d")
    os.symlink("f", "l")
    with os.scandir(".") as entries:
        return sorted(
            [entry.name, entry.is_file(follow_symlinks=False), entry.is_dir(follow_symlinks=False), entry.is_symlink()]
            for entry in entries
        )


@check
def inode_numbers_in_listings_are_those_of_stat():
    write("f")
    os.mkdir("d")
    os.symlink("f", "l")
    folder = ctypes.c_void_p(libc.opendir(b"."))
    seen = {name: ino == os.lstat(name).st_ino for name, ino in next_entries(folder, 9)}
    libc.closedir(folder)
    return seen


@long_check
def mkdir_over_every_kind():
    def made(what):
        make_kind(what, "a")
        return [tell(os.mkdir, "a" + slash) for slash in ("", "/", "//", "/.", "/..", "/new", "/../new")]

    return in_folders(KINDS, made)


@check
def rmdir_of_every_kind():
    def removed(what):
        make_kind(what, "a")
        return [tell(os.rmdir, "a" + slash) for slash in ("/.", "/..", "/x", "/", "")] + [sorted(os.listdir("."))]

    return in_folders(KINDS, removed)


@long_check
def rmdir_whatever_it_holds():
    def with_inside(what):
        os.mkdir("outer")
        make_kind(what, "outer/inside")
        return tell(os.rmdir, "outer")

    return in_folders(KINDS, with_inside)


@check
def rmdir_of_what_was_emptied():
    os.mkdir("d")
    for name in ("f", ".hidden"):
        write(f"d/{name}")
    os.mkdir("d/e")
    os.symlink("x", "d/l")
    seen = [tell(os.rmdir, "d")]
    for task in (lambda: os.unlink("d/f"), lambda: os.unlink("d/.hidden"), lambda: os.rmdir("d/e"), lambda: os.rename("d/l", "l")):
        seen += [tell(task), tell(os.rmdir, "d")]
    return seen


@check
def an_open_file_whose_folder_was_removed():
    os.mkdir("d")
    write("d/f", "bytes")
    handle = os.open("d/f", os.O_RDWR)
    os.unlink("d/f")
    seen = [os.listdir("d"), tell(os.rmdir, "d"), os.path.exists("d"), tell(lambda: os.pread(handle, 9, 0).decode())]
    seen += [tell(os.pwrite, handle, b" and more", 5), tell(lambda: os.pread(handle, 50, 0).decode()), tell(os.fsync, handle)]
    os.mkdir("d")
    write("d/f", "another")
    return seen + [tell(os.ftruncate, handle, 3), tell(lambda: os.pread(handle, 9, 0).decode()), tell(os.close, handle), read("d/f")]


@check
def what_is_told_of_an_open_file_whose_folder_was_removed():
    os.mkdir("d")
    write("d/f", "bytes")
    handle = os.open("d/f", os.O_RDWR)
    os.unlink("d/f")
    os.rmdir("d")
    seen = [tell(lambda: os.fstat(handle).st_size), tell(os.fchmod, handle, 0o600), tell(os.utime, handle)]
    os.close(handle)
    return seen


@check
def a_folder_that_is_removed_while_one_is_in_it():
    os.makedirs("d")
    here = os.getcwd()
    os.chdir("d")
    try:
        os.rmdir("../d")
        seen = [done(os.getcwd), tell(os.listdir, "."), opened("f", os.O_WRONLY | os.O_CREAT), tell(os.mkdir, "e"), opened("..", os.O_RDONLY)]
        seen += [tell(os.symlink, "x", "l"), tell(os.rename, os.path.join(here, "no"), "x"), tell(os.rmdir, ".")]
    finally:
        os.chdir(here)
    os.mkdir("d")
    return seen + [os.listdir("d")]


@check
def a_new_folder_and_the_dates_of_the_one_above():
    os.mkdir("d")
    seen = [dates_moved("d", lambda: os.mkdir("d/e")), dates_moved("d", lambda: os.mkdir("d/e"))]
    new = os.stat("d/e")
    seen += [new.st_uid == os.getuid(), new.st_gid == os.getgid(), abs(new.st_mtime - os.stat("d").st_mtime) < 5]
    os.mkdir("d/e/f")
    seen += [dates_moved("d", lambda: os.rmdir("d/e")), dates_moved("d", lambda: os.rmdir("d/e/f")), dates_moved("d/e", lambda: os.rmdir("d/e/f"))]
    return seen + [dates_moved("d", lambda: os.rmdir("d/e"))]


@long_check
def folders_as_deep_as_paths_go():
    """Deeper than any path can say, by going there step by step."""
    here = os.getcwd()
    name = "n" * 200
    deep = 0
    try:
        for _ in range(30):
            os.mkdir(name)
            os.chdir(name)
            deep += 1
        write("f", "bytes")
        seen = [deep, read("f"), os.listdir("."), tell(os.rename, "f", "g"), read("g"), tell(os.unlink, "g")]
        for _ in range(30):
            os.chdir("..")
            seen.append(tell(os.rmdir, name))
    finally:
        os.chdir(here)
    return seen


@check
def mkdir_below_a_folder_of_a_group():
    os.mkdir("d")
    os.chmod("d", 0o2775)
    os.mkdir("d/e")
    write("d/f")
    os.makedirs("d/e/g")
    return [mode("d/e"), mode("d/f"), mode("d/e/g")]


@check
def fsync_of_a_folder():
    os.mkdir("d")
    handle = os.open("d", os.O_RDONLY)
    seen = [tell(os.fsync, handle), tell(os.fdatasync, handle), done(os.read, handle, 1), done(os.write, handle, b"x")]
    os.close(handle)
    return seen
