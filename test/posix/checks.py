"""Named checks of what a folder does with the calls that programs make.

  python3 checks.py FOLDER [NAME...]

Each check works in a new folder of its own in FOLDER and tells what it saw, whatever that is: one JSON object, by name. Two
folders are alike when they tell the same. Nothing is installed for it: Python's own library reaches all the calls.
"""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

libc = ctypes.CDLL(None, use_errno=True)
checks = {}
AT_FDCWD = -100


def check(function):
    checks[function.__name__.replace("_", " ")] = function
    return function


def tell(call, *args, **kwargs):
    """What it returned, 'ok' for nothing, or the name of its error."""
    try:
        result = call(*args, **kwargs)
        return "ok" if result is None else result
    except OSError as error:
        return errno.errorcode.get(error.errno, error.errno)


def done(call, *args, **kwargs):
    """The same where it does not matter what it returned."""
    result = tell(call, *args, **kwargs)
    return result if isinstance(result, str) and result in errno.errorcode.values() else "ok"


def native(name, *args):
    """A call of the C library that returns -1 for an error."""
    result = getattr(libc, name)(*args)
    return errno.errorcode[ctypes.get_errno()] if result == -1 else "ok"


def write(path, text="", mode=0o666):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)


def read(path):
    with open(path) as file:
        return file.read()


def mode(path):
    return oct(stat.S_IMODE(os.lstat(path).st_mode))


def kind(path):
    return {stat.S_IFDIR: "folder", stat.S_IFREG: "file", stat.S_IFLNK: "link"}[stat.S_IFMT(os.lstat(path).st_mode)]


def opened(path, flags, mode=0o666):
    return done(lambda: os.close(os.open(path, flags, mode)))


def in_child(task):
    """What a process of its own tells."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            os.write(writer, json.dumps(task()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else "died"


def moved(before, after):
    return "later" if after > before else "same" if after == before else "earlier"


def a_while():
    time.sleep(0.02)


# open, create


@check
def open_makes_no_file_without_being_asked():
    return [opened("a", os.O_RDONLY), opened("a", os.O_WRONLY), opened("no/a", os.O_WRONLY | os.O_CREAT)]


@check
def open_with_O_EXCL():
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    os.symlink("nowhere", "link")
    return [opened("a", flags), opened("a", flags), opened("link", flags)]


@check
def open_of_folders():
    os.mkdir("d")
    write("f")
    return [
        opened("d", os.O_RDONLY),
        opened("d", os.O_WRONLY),
        opened("d", os.O_RDWR | os.O_CREAT),
        opened("d", os.O_RDONLY | os.O_DIRECTORY),
        opened("f", os.O_RDONLY | os.O_DIRECTORY),
        opened("f/", os.O_RDONLY),
        opened("f/x", os.O_RDONLY),
    ]


@check
def open_with_O_TRUNC_keeps_the_mode():
    write("a", "bytes", 0o640)
    opened("a", os.O_WRONLY | os.O_TRUNC | os.O_CREAT, 0o777)
    return [mode("a"), os.stat("a").st_size]


@check
def open_with_O_APPEND():
    write("a", "one ")
    with open("a", "a") as one, open("a", "a") as other:
        for file, text in ((one, "two "), (other, "three "), (one, "four")):
            file.write(text)
            file.flush()
    return read("a")


@check
def open_with_O_NOFOLLOW():
    write("a")
    os.symlink("a", "link")
    return [opened("link", os.O_RDONLY), opened("link", os.O_RDONLY | os.O_NOFOLLOW)]


@check
def a_new_file_has_the_mode_that_the_umask_leaves():
    seen = []
    for umask in (0o000, 0o022, 0o027, 0o077):
        before = os.umask(umask)
        for asked in (0o666, 0o755, 0o600, 0o400, 0o000):
            name = f"{umask}-{asked}"
            write(name, "x", asked)
            seen.append(mode(name))
        os.umask(before)
    return seen


@check
def O_TMPFILE():
    return opened(".", os.O_WRONLY | os.O_TMPFILE)


# folders


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


@check
def entries_are_all_there_once():
    names = [f"entry-{index}" for index in range(200)]
    for name in names:
        write(name)
    return sorted(os.listdir(".")) == sorted(names)


@check
def what_stays_is_seen_while_others_come_and_go():
    for index in range(150):
        write(f"stays-{index}")
        write(f"goes-{index}")
    seen = []
    with os.scandir(".") as entries:
        for index, entry in enumerate(entries):
            seen.append(entry.name)
            if index < 50:
                os.unlink(f"goes-{149 - index}")
                write(f"comes-{index}")
    stayed = [name for name in seen if name.startswith("stays-")]
    return [len(stayed), len(set(stayed))]


@check
def a_folder_emptied_while_it_is_read():
    for index in range(150):
        write(f"f{index}")
    with os.scandir(".") as entries:
        for entry in entries:
            os.unlink(entry.name)
    return os.listdir(".")


class Dirent(ctypes.Structure):
    _fields_ = [
        ("ino", ctypes.c_uint64),
        ("off", ctypes.c_int64),
        ("reclen", ctypes.c_ushort),
        ("type", ctypes.c_ubyte),
        ("name", ctypes.c_char * 256),
    ]


@check
def telldir_and_seekdir():
    libc.opendir.restype = ctypes.c_void_p
    libc.readdir.restype = ctypes.POINTER(Dirent)
    libc.telldir.restype = ctypes.c_long
    for index in range(200):
        write(f"f{index}")
    folder = ctypes.c_void_p(libc.opendir(b"."))

    def names(count):
        found = []
        while len(found) < count:
            entry = libc.readdir(folder)
            if not entry:
                break
            found.append(entry.contents.name)
        return found

    first = names(50)
    place = ctypes.c_long(libc.telldir(folder))
    rest = names(1000)
    libc.seekdir(folder, place)
    again = names(1000)
    libc.rewinddir(folder)
    everything = names(1000)
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
    with os.scandir(".") as entries:
        return all(entry.inode() == os.lstat(entry.name).st_ino for entry in entries)


# names


@check
def names_up_to_their_longest():
    return [
        opened("a" * 255, os.O_WRONLY | os.O_CREAT),
        opened("a" * 256, os.O_WRONLY | os.O_CREAT),
        opened("я" * 127, os.O_WRONLY | os.O_CREAT),
        opened("я" * 128, os.O_WRONLY | os.O_CREAT),
        done(os.mkdir, "d" * 256),
        done(os.symlink, "x", "l" * 256),
        done(os.rename, "a" * 255, "b" * 256),
        done(os.rename, "a" * 255, "b" * 255),
        done(os.unlink, "c" * 256),
        done(os.stat, "c" * 256),
        os.statvfs(".").f_namemax,
    ]


@check
def names_of_all_kinds():
    names = [" leading", "trailing ", ".hidden", "...", "new\nline", "tab\t", "\u0001", "имя", "\U0001f600", "*?<>|:\"\\", "-r", "a%20b"]
    for name in names:
        write(name, name)
    return [sorted(os.listdir(".")) == sorted(names), all(read(name) == name for name in names)]


@check
def twins_of_case_and_of_composition():
    for name in ("a", "A", "\u00e9", "e\u0301"):
        write(name, name)
    return [len(os.listdir(".")), read("A"), read("e\u0301")]


@check
def names_that_are_not_UTF_8():
    return [opened(b"\xff\xfe", os.O_WRONLY | os.O_CREAT), done(os.symlink, b"\xff", b"link")]


@check
def a_path_that_is_too_long():
    return [done(os.stat, "a/" * 2048 + "b"), done(os.symlink, "x" * 4096, "l")]


# rename


def renamed(source, target):
    return tell(os.rename, source, target)


@check
def rename_of_files():
    write("a", "a")
    write("b", "b")
    number = os.stat("a").st_ino
    return [
        renamed("a", "b"),
        read("b"),
        os.stat("b").st_ino == number,
        renamed("b", "b"),
        renamed("no", "c"),
        renamed("b", "no/b"),
        renamed("b", "c/"),
        sorted(os.listdir(".")),
    ]


@check
def rename_of_folders():
    os.makedirs("a/in")
    os.mkdir("empty")
    os.makedirs("full/in")
    write("f")
    return [
        renamed("a", "full"),
        renamed("a", "f"),
        renamed("f", "empty"),
        renamed("a", "a/in/a"),
        renamed("a/in", "a"),
        renamed("a", "empty"),
        os.listdir("empty"),
        renamed("empty", "."),
        renamed(".", "b"),
    ]


@check
def rename_keeps_the_mode_and_the_date():
    write("a", "a", 0o751)
    os.utime("a", ns=(1, 981173106123456789))
    os.rename("a", "b")
    os.mkdir("d", 0o700)
    os.rename("d", "e")
    return [mode("b"), os.stat("b").st_mtime_ns, mode("e")]


@check
def rename_over_a_file_brings_its_own_mode():
    write("a", "a", 0o755)
    write("b", "b", 0o600)
    os.rename("a", "b")
    return [mode("b"), read("b")]


@check
def rename_with_flags():
    for name in "abcd":
        write(name, name)
    rename = lambda source, target, flags: native("renameat2", AT_FDCWD, source, AT_FDCWD, target, flags)
    return [rename(b"a", b"b", 1), rename(b"a", b"e", 1), rename(b"c", b"d", 2), rename(b"c", b"e", 3)]


@check
def rename_while_it_is_open():
    write("a", "one")
    write("b", "other")
    with open("a", "r+") as moving, open("b") as replaced:
        os.rename("a", "b")
        moving.write("two")
        moving.flush()
        return [read("b"), replaced.read(), os.listdir(".")]


# unlink, link, nodes


@check
def unlink_where_it_cannot_be():
    os.mkdir("d")
    write("f")
    return [tell(os.unlink, name) for name in ("d", "no", "f/", "f/x", "f", "f")]


@check
def a_removed_file_goes_on_for_who_has_it_open():
    write("a", "bytes")
    with open("a", "r+") as file:
        os.unlink("a")
        number = os.fstat(file.fileno()).st_ino
        seen = [file.read(), os.fstat(file.fileno()).st_size, os.listdir(".")]
        file.write(" and more")
        file.flush()
        os.fchmod(file.fileno(), 0o600)
        os.utime(file.fileno(), ns=(1, 2_000_000_000))
        file.seek(0)
        write("a", "another")
        seen += [file.read(), os.stat("a").st_ino != number, oct(stat.S_IMODE(os.fstat(file.fileno()).st_mode))]
    return seen + [read("a")]


@check
def hard_links():
    write("a", "a")
    os.mkdir("d")
    return [tell(os.link, "a", "b"), os.stat("a").st_nlink, tell(os.link, "d", "e"), tell(os.link, "no", "c")]


@check
def pipes_devices_and_sockets():
    def bound():
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("socket")

    return [
        tell(os.mkfifo, "pipe"),
        tell(os.mknod, "device", stat.S_IFCHR | 0o600, os.makedev(1, 3)),
        tell(os.mknod, "block", stat.S_IFBLK | 0o600, os.makedev(7, 200)),
        tell(bound),
        tell(os.mknod, "file", stat.S_IFREG | 0o640),
        mode("file"),
    ]


# symbolic links


@check
def a_link_keeps_its_target():
    seen = []
    for target in ("a", "/nonexistent/там", "../..", ".", "x" * 4095, " a\nb", "a//b/"):
        os.symlink(target, "link")
        size = os.lstat("link").st_size
        seen.append([os.readlink("link") == target, size == len(target.encode()), kind("link"), mode("link")])
        os.unlink("link")
    return seen


@check
def a_link_where_it_cannot_be():
    write("f")
    os.symlink("x", "l")
    return [
        tell(os.symlink, "", "empty"),
        tell(os.symlink, "x", "f"),
        tell(os.symlink, "x", "l"),
        tell(os.symlink, "x", "no/l"),
        tell(os.readlink, "f"),
        tell(os.readlink, "."),
        tell(os.readlink, "no"),
    ]


@check
def a_link_is_followed():
    os.makedirs("d/e")
    write("d/f", "bytes")
    os.symlink("d", "to-d")
    os.symlink("to-d/f", "to-f")
    os.symlink("nowhere", "dangling")
    os.symlink("loop", "loop")
    write("to-f", "through")
    return [
        sorted(os.listdir("to-d")),
        read("d/f"),
        kind("to-f"),
        os.stat("to-f").st_size,
        tell(read, "dangling"),
        tell(read, "loop"),
        tell(os.listdir, "to-f"),
        done(write, "dangling", "made"),
        read("nowhere"),
    ]


@check
def what_is_done_to_a_link_itself():
    write("a", "a", 0o640)
    os.symlink("a", "l")
    os.chmod("l", 0o600)
    os.utime("l", ns=(1, 2_000_000_000), follow_symlinks=False)
    seen = [mode("a"), os.lstat("l").st_mtime_ns, os.stat("a").st_mtime_ns != 2_000_000_000]
    seen.append(tell(os.chown, "l", os.getuid(), os.getgid(), follow_symlinks=False))
    os.rename("l", "m")
    seen += [os.readlink("m"), read("a")]
    os.unlink("m")
    return seen + [os.listdir(".")]


@check
def links_and_others_take_each_others_place():
    write("file", "file")
    os.symlink("x", "link")
    os.mkdir("folder")
    seen = [renamed("folder", "link"), renamed("link", "folder"), renamed("link", "file"), os.readlink("file")]
    write("new", "new")
    seen += [renamed("new", "file"), kind("file"), read("file"), sorted(os.listdir("."))]
    os.unlink("file")
    os.symlink("y", "file")
    return seen + [os.readlink("file"), kind("file")]


# chmod, chown, access


@check
def chmod_of_files_and_folders():
    write("f")
    os.mkdir("d")
    seen = []
    for permissions in (0o755, 0o644, 0o600, 0o444, 0o000, 0o777, 0o4755, 0o2755, 0o1777, 0o7777):
        for name in ("f", "d"):
            os.chmod(name, permissions)
            seen.append(mode(name))
    return seen + [tell(os.chmod, "no", 0o644)]


@check
def fchmod():
    write("f")
    with open("f") as file:
        os.fchmod(file.fileno(), 0o741)
        return [oct(stat.S_IMODE(os.fstat(file.fileno()).st_mode)), mode("f")]


@check
def a_script_runs_where_it_may():
    write("run", "#!/bin/sh\necho ran\n")

    def run():
        return subprocess.run(["./run"], capture_output=True, text=True).stdout

    seen = [tell(run)]
    os.chmod("run", 0o755)
    return seen + [tell(run)]


@check
def chown_to_oneself():
    write("f")
    os.mkdir("d")
    user, group = os.getuid(), os.getgid()
    return [
        [tell(os.chown, name, *ids) for ids in ((user, group), (-1, -1), (user, -1), (-1, group))] for name in "fd"
    ] + [os.stat("f").st_uid == user, os.stat("f").st_gid == group]


@check
def chown_to_somebody_else():
    write("f")
    return [tell(os.chown, "f", os.getuid() + 1, -1), tell(os.chown, "f", -1, os.getgid() + 1)]


@check
def what_the_owner_may_not():
    """Asked without what root may do."""
    write("f", "x", 0o400)
    os.mkdir("d", 0o500)
    program = (
        "import os\n"
        "def told(call, *args):\n"
        "    try: call(*args); return 'ok'\n"
        "    except OSError as error: return os.strerror(error.errno)\n"
        "print(told(open, 'f', 'w'), told(open, 'f'), told(os.mkdir, 'd/in'), told(os.listdir, 'd'),\n"
        "  os.access('f', os.W_OK), os.access('f', os.R_OK), told(os.chmod, 'f', 0o600), told(open, 'f', 'w'), sep=';')"
    )
    powers = "-dac_override,-dac_read_search,-fowner"
    without = ["setpriv", "--bounding-set", powers, "--inh-caps", powers] if os.getuid() == 0 else []
    return subprocess.run([*without, sys.executable, "-c", program], capture_output=True, text=True).stdout


# bytes


@check
def truncate_to_less_and_to_more():
    write("a", "0123456789")
    os.truncate("a", 4)
    seen = [read("a")]
    os.truncate("a", 6)
    seen.append(read("a"))
    with open("a", "r+b") as file:
        file.truncate(2)
        file.truncate(3)
        seen += [os.fstat(file.fileno()).st_size, os.stat("a").st_size]
    os.mkdir("d")
    with open("a") as file:
        seen.append(tell(os.ftruncate, file.fileno(), 1))
    return seen + [tell(os.truncate, "d", 1), tell(os.truncate, "a", -1), tell(os.truncate, "no", 1), read("a")]


@check
def a_hole_reads_as_zeros():
    with open("a", "wb") as file:
        file.seek(300_000)
        file.write(b"end")
    with open("a", "rb") as file:
        bytes = file.read()
    return [len(bytes), bytes == b"\0" * 300_000 + b"end"]


@check
def pread_and_pwrite_anywhere():
    handle = os.open("a", os.O_RDWR | os.O_CREAT)
    seen = [os.pwrite(handle, b"abc", 5), os.pread(handle, 100, 3).decode(), len(os.pread(handle, 10, 100))]
    os.pwrite(handle, b"X", 0)
    os.fsync(handle)
    os.fdatasync(handle)
    os.close(handle)
    with open("a", "rb") as file:
        return seen + [file.read().decode()]


@check
def others_see_what_was_written_at_once():
    handle = os.open("a", os.O_RDWR | os.O_CREAT)
    os.write(handle, b"12345")
    seen = in_child(lambda: [os.stat("a").st_size, read("a")])
    os.write(handle, b"678")
    seen += in_child(lambda: [os.stat("a").st_size, read("a")])
    os.close(handle)
    return seen


@check
def size_and_blocks():
    write("a", "x" * 10_000)
    with open("a") as file:
        os.fsync(file.fileno())
    told = os.stat("a")
    return [told.st_size, told.st_blocks * 512 >= told.st_size]


@check
def numbers_of_links():
    write("f")
    os.makedirs("d/e")
    return [os.stat("f").st_nlink, os.stat("d").st_nlink]


@check
def inode_numbers_stay():
    write("a")
    os.mkdir("d")
    file, folder = os.stat("a").st_ino, os.stat("d").st_ino
    os.rename("a", "d/b")
    os.rename("d", "e")
    write("e/b", "more")
    return [os.stat("e/b").st_ino == file, os.stat("e").st_ino == folder, file != folder]


@check
def a_shared_mapping():
    write("a", "x" * 10_000)
    with open("a", "r+b") as file:
        with mmap.mmap(file.fileno(), 0) as mapping:
            mapping[5_000:5_003] = b"MAP"
            seen = [read("a")[4_999:5_004]]
            os.pwrite(file.fileno(), b"WRITE", 0)
            seen.append(mapping[:5].decode())
            mapping.flush()
    return seen + [read("a")[4_999:5_004], os.stat("a").st_size]


@check
def a_private_mapping():
    write("a", "x" * 10_000)
    with open("a", "r+b") as file:
        with mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE) as mapping:
            mapping[:3] = b"own"
            seen = [mapping[:4].decode()]
    return seen + [read("a")[:4]]


@check
def a_mapping_outlives_its_descriptor():
    write("a", "x" * 5_000)
    handle = os.open("a", os.O_RDWR)
    mapping = mmap.mmap(handle, 0)
    os.close(handle)
    mapping[:4] = b"late"
    mapping.flush()
    mapping.close()
    return read("a")[:5]


@check
def past_the_page_cache():
    buffer = mmap.mmap(-1, 8192)
    buffer.write(b"d" * 8192)
    handle = os.open("a", os.O_RDWR | os.O_CREAT | os.O_DIRECT)
    seen = [os.pwrite(handle, buffer, 0), os.preadv(handle, [buffer], 4096)]
    os.close(handle)
    return seen + [os.stat("a").st_size, read("a")[:2]]


@check
def copy_file_range_and_sendfile():
    write("a", "0123456789" * 1_000)
    with open("a", "rb") as source, open("b", "wb") as target, open("c", "wb") as sent:
        copied = os.copy_file_range(source.fileno(), target.fileno(), 9_000, 500)
        moved = os.sendfile(sent.fileno(), source.fileno(), 100, 9_000)
    return [copied, moved, read("b") == read("a")[500:9_500], read("c") == read("a")[100:9_100]]


@check
def fallocate():
    write("a", "x" * 10_000)
    handle = os.open("a", os.O_RDWR)
    call = lambda how, start, length: native(
        "fallocate", handle, how, ctypes.c_int64(start), ctypes.c_int64(length)
    )
    # Plain, beyond the size, a hole, zeros, a piece out and a piece in.
    seen = [call(0, 0, 20_000), call(1, 0, 30_000), call(3, 4_096, 4_096), call(16, 0, 4_096)]
    seen += [call(8, 0, 4_096), call(32, 0, 4_096)]
    os.close(handle)
    return seen


@check
def posix_fallocate():
    handle = os.open("a", os.O_RDWR | os.O_CREAT)
    seen = [tell(os.posix_fallocate, handle, 0, 10_000), os.fstat(handle).st_size]
    os.close(handle)
    return seen


@check
def a_file_opened_for_one_thing_only():
    write("a", "bytes")
    reading, writing = os.open("a", os.O_RDONLY), os.open("a", os.O_WRONLY)
    seen = [tell(os.write, reading, b"x"), tell(os.read, writing, 1)]
    os.close(reading)
    os.close(writing)
    return seen


# locks


@check
def flock_between_processes():
    write("a")
    with open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        def other():
            with open("a") as theirs:
                return tell(fcntl.flock, theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)

        seen = [in_child(other)]
        fcntl.flock(file, fcntl.LOCK_UN)
        return seen + [in_child(other)]


@check
def fcntl_locks_between_processes():
    write("a", "0123456789")
    with open("a", "r+") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 5, 0)

        def other():
            with open("a", "r+") as theirs:
                lock = lambda start: tell(fcntl.lockf, theirs, fcntl.LOCK_EX | fcntl.LOCK_NB, 3, start)
                return [lock(0), lock(5)]

        seen = in_child(other)
        fcntl.lockf(file, fcntl.LOCK_UN, 5, 0)
        return seen + in_child(other)


# dates


@check
def dates_that_are_set():
    write("f")
    os.mkdir("d")
    seen = []
    for name in ("f", "d"):
        for ns in (981173106123456789, 1, 0, -1_500_000_000, 4_102_444_800_000_000_000):
            os.utime(name, ns=(ns, ns))
            seen.append(os.stat(name).st_mtime_ns)
    return seen


class Moment(ctypes.Structure):
    _fields_ = [("sec", ctypes.c_long), ("nsec", ctypes.c_long)]


@check
def one_date_alone():
    omit, now = (1 << 30) - 2, (1 << 30) - 1
    write("f")
    os.utime("f", ns=(5_000_000_000, 7_000_000_000))

    def set_dates(accessed, modified):
        both = (Moment * 2)(Moment(*accessed), Moment(*modified))
        return native("utimensat", AT_FDCWD, b"f", both, 0)

    seen = [set_dates((9, 0), (0, omit)), os.stat("f").st_mtime_ns]
    seen += [set_dates((0, omit), (3, 4)), os.stat("f").st_mtime_ns]
    seen += [set_dates((0, omit), (0, omit)), os.stat("f").st_mtime_ns]
    began = time.time()
    seen += [set_dates((0, omit), (0, now)), abs(os.stat("f").st_mtime - began) < 60]
    return seen


@check
def writing_moves_both_dates_of_a_file():
    write("a", "x")
    os.utime("a", ns=(1, 1_000_000_000))
    before = os.stat("a")
    a_while()
    with open("a", "a") as file:
        file.write("y")
    after = os.stat("a")
    return [moved(before.st_mtime_ns, after.st_mtime_ns), moved(before.st_ctime_ns, after.st_ctime_ns)]


@check
def what_is_told_of_a_file_moves_its_ctime_alone():
    write("a", "x")
    seen = []
    changes = (
        lambda: os.chmod("a", 0o700),
        lambda: os.chmod("a", 0o700),
        lambda: os.rename("a", "b"),
        lambda: os.rename("b", "a"),
        lambda: os.setxattr("a", "user.x", b"1"),
        lambda: os.removexattr("a", "user.x"),
        lambda: os.utime("a", ns=(1, 1_000_000_000)),
    )
    for change in changes:
        (name,) = os.listdir(".")
        before = os.stat(name)
        a_while()
        change()
        (name,) = os.listdir(".")
        after = os.stat(name)
        seen.append([moved(before.st_mtime_ns, after.st_mtime_ns), moved(before.st_ctime_ns, after.st_ctime_ns)])
    return seen


@check
def reading_moves_no_date():
    write("a", "x")
    before = os.stat("a")
    a_while()
    read("a")
    os.listdir(".")
    after = os.stat("a")
    return [moved(before.st_mtime_ns, after.st_mtime_ns), moved(before.st_ctime_ns, after.st_ctime_ns)]


@check
def what_comes_and_goes_moves_the_date_of_the_folder():
    os.mkdir("d")
    os.mkdir("e")
    write("d/stays", "x")
    seen = []
    changes = (
        lambda: write("d/f"),
        lambda: os.mkdir("d/g"),
        lambda: os.symlink("x", "d/l"),
        lambda: os.rename("d/f", "d/h"),
        lambda: os.rename("d/h", "e/h"),
        lambda: os.rename("e/h", "d/h"),
        lambda: os.unlink("d/h"),
        lambda: os.rmdir("d/g"),
        lambda: write("d/stays", "more"),
        lambda: os.chmod("d/stays", 0o600),
    )
    for change in changes:
        before = os.stat("d")
        a_while()
        change()
        after = os.stat("d")
        seen.append([moved(before.st_mtime_ns, after.st_mtime_ns), moved(before.st_ctime_ns, after.st_ctime_ns)])
    os.utime("d", ns=(1, 1_000_000_000))
    seen.append(os.stat("d").st_mtime_ns)
    a_while()
    write("d/last")
    return seen + [os.stat("d").st_mtime_ns > 1_000_000_000]


# extended attributes


def attribute(name, path="f"):
    try:
        return os.getxattr(path, name).decode()
    except OSError as error:
        return errno.errorcode[error.errno]


@check
def attributes_of_users():
    write("f")
    os.mkdir("d")
    seen = []
    for path in ("f", "d"):
        seen += [attribute("user.a", path), sorted(os.listxattr(path))]
        seen += [tell(os.setxattr, path, "user.a", b"one"), tell(os.setxattr, path, "user.имя", "да".encode())]
        seen += [attribute("user.a", path), attribute("user.имя", path), sorted(os.listxattr(path))]
        seen += [tell(os.setxattr, path, "user.empty", b""), attribute("user.empty", path)]
        seen += [tell(os.removexattr, path, "user.a"), tell(os.removexattr, path, "user.a"), sorted(os.listxattr(path))]
    return seen


@check
def attributes_that_must_or_must_not_be_there():
    write("f")
    create, replace = os.XATTR_CREATE, os.XATTR_REPLACE
    return [
        tell(os.setxattr, "f", "user.a", b"1", replace),
        tell(os.setxattr, "f", "user.a", b"1", create),
        tell(os.setxattr, "f", "user.a", b"2", create),
        tell(os.setxattr, "f", "user.a", b"3", replace),
        attribute("user.a"),
    ]


@check
def attributes_and_the_room_for_them():
    write("f")
    os.setxattr("f", "user.a", b"12345")
    os.setxattr("f", "user.b", bytes(range(256)))

    def got(name, room):
        buffer = ctypes.create_string_buffer(max(room, 1))
        result = libc.getxattr(b"f", name, buffer, ctypes.c_size_t(room))
        return errno.errorcode[ctypes.get_errno()] if result < 0 else [result, buffer.raw[:result].hex() if room else ""]

    def listed(room):
        buffer = ctypes.create_string_buffer(max(room, 1))
        result = libc.listxattr(b"f", buffer, ctypes.c_size_t(room))
        return errno.errorcode[ctypes.get_errno()] if result < 0 else result

    return [got(b"user.a", 0), got(b"user.a", 4), got(b"user.a", 5), got(b"user.b", 256), listed(0), listed(5), listed(100)]


@check
def attributes_follow_the_file():
    write("f", "x")
    os.setxattr("f", "user.a", b"1")
    os.rename("f", "g")
    with open("g", "a") as file:
        file.write("more")
    seen = [attribute("user.a", "g")]
    write("h")
    os.rename("h", "g")
    return seen + [attribute("user.a", "g")]


@check
def attributes_of_links():
    write("f")
    os.symlink("f", "l")
    os.setxattr("l", "user.a", b"1")
    return [
        attribute("user.a", "f"),
        tell(os.setxattr, "l", "user.a", b"1", 0, follow_symlinks=False),
        tell(os.listxattr, "l", follow_symlinks=False),
    ]


@check
def names_of_attributes_that_cannot_be():
    write("f")
    return [
        tell(os.setxattr, "f", "user.", b"1"),
        tell(os.setxattr, "f", "plain", b"1"),
        tell(os.setxattr, "f", "user." + "x" * 251, b"1"),
        tell(os.setxattr, "f", "system.strange", b"1"),
    ]


@check
def much_in_one_attribute():
    write("f")
    return [tell(os.setxattr, "f", "user.a", b"x" * 3_000), sorted(os.listxattr("f"))]


@check
def attributes_of_the_system():
    write("f")
    access_list = bytes.fromhex("0200000001000600ffffffff04000400ffffffff20000400ffffffff")
    return [
        attribute("security.capability"),
        tell(os.setxattr, "f", "security.strange", b"1"),
        tell(os.setxattr, "f", "trusted.strange", b"1"),
        tell(os.setxattr, "f", "system.posix_acl_access", access_list),
    ]


def main():
    folder, *wanted = sys.argv[1:]
    signal.alarm(120)
    os.umask(0o022)
    seen = {}
    for name, function in checks.items():
        if wanted and name not in wanted:
            continue
        own = tempfile.mkdtemp(prefix="check-", dir=folder)
        os.chdir(own)
        try:
            seen[name] = function()
        except Exception as error:  # Whatever it is, it is what was seen.
            seen[name] = f"{type(error).__name__}: {error}"
        os.chdir(folder)
        shutil.rmtree(own, ignore_errors=True)
    json.dump(seen, sys.stdout, ensure_ascii=False, indent=1)


main()
