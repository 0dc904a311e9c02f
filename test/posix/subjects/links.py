"""Symbolic links."""

import ctypes
import os

from telling import AT_FDCWD, AT_SYMLINK_NOFOLLOW, KINDS, check, dates_moved, done, in_folders, kind, libc, long_check, make_kind, mode, native, opened, read, renamed, tell, write


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


@long_check
def symlink_over_every_kind():
    def made(what):
        make_kind(what, "a")
        return [tell(os.symlink, "x", "a" + slash) for slash in ("", "/", "/x")]

    return in_folders(KINDS, made)


@long_check
def as_many_links_as_are_followed():
    write("l0", "bytes")
    for index in range(1, 43):
        os.symlink(f"l{index - 1}", f"l{index}")
    return [tell(read, f"l{index}") for index in (1, 39, 40, 41, 42)]


@check
def links_as_parts_of_a_way():
    os.makedirs("a/b")
    write("a/b/f", "bytes")
    os.symlink("a", "to-a")
    os.symlink("../a/b", "a/around")
    os.symlink(os.path.join(os.getcwd(), "a"), "whole")
    os.symlink("to-a/b/", "slash")
    os.symlink("./a//b/../b/f", "winding")
    seen = [read(path) for path in ("to-a/b/f", "a/around/f", "whole/b/f", "slash/f", "winding", "to-a/around/../b/f")]
    seen += [tell(os.mkdir, "to-a/new"), tell(os.rmdir, "to-a/new"), tell(os.rmdir, "to-a"), tell(os.rename, "to-a/b/f", "whole/g")]
    return seen + [sorted(os.listdir("a")), tell(os.unlink, "slash"), sorted(os.listdir("a/b"))]


@check
def a_link_whose_target_comes_and_goes():
    os.symlink("t", "l")
    seen = [opened("l", os.O_RDONLY), tell(os.mkdir, "l")]
    write("t", "one")
    seen.append(read("l"))
    os.rename("t", "u")
    seen.append(opened("l", os.O_RDONLY))
    os.rename("u", "t")
    os.unlink("t")
    os.mkdir("t")
    seen += [os.listdir("l"), opened("l/f", os.O_WRONLY | os.O_CREAT)]
    os.rename("l", "t/l")
    return seen + [opened("t/l", os.O_RDONLY), os.readlink("t/l"), sorted(os.listdir("t"))]


@check
def a_link_and_the_dates_of_its_folder():
    os.mkdir("d")
    seen = [dates_moved("d", lambda: os.symlink("x", "d/l")), dates_moved("d", lambda: os.symlink("x", "d/l")), dates_moved("d/l", lambda: done(os.readlink, "d/l"))]
    told = os.lstat("d/l")
    return seen + [told.st_nlink, told.st_uid == os.getuid(), abs(told.st_mtime - os.stat("d").st_mtime) < 5]


@check
def readlink_into_too_little_room():
    os.symlink("0123456789", "l")
    buffer = ctypes.create_string_buffer(16)
    seen = []
    for room in (1, 5, 10, 16):
        count = libc.readlink(b"l", buffer, ctypes.c_size_t(room))
        seen.append([count, buffer.raw[:count].decode()])
    return seen + [native("readlink", b"l", buffer, ctypes.c_size_t(0))]


@check
def what_is_not_done_through_a_link():
    make_kind("link-to-file", "l")
    make_kind("link-to-folder", "m")
    make_kind("dangling", "n")
    seen = []
    for name in ("l", "m", "n"):
        seen += [
            tell(os.rmdir, name),
            native("fchmodat", AT_FDCWD, name.encode(), 0o600, AT_SYMLINK_NOFOLLOW),
            tell(os.chown, name, os.getuid(), -1, follow_symlinks=False),
            tell(os.utime, name, ns=(1, 3_000_000_000), follow_symlinks=False),
            os.lstat(name).st_mtime_ns,
            done(os.chmod, name, 0o700),
            done(os.utime, name),
            renamed(name, name + "2"),
            tell(os.unlink, name + "2"),
        ]
    return seen + [sorted(os.listdir(".")), mode("l-target"), mode("m-target")]
