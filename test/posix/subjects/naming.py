"""Names, the lengths of paths, and where they lead."""

import ctypes
import os

from telling import AT_FDCWD, AT_SYMLINK_NOFOLLOW, ONLY_ROOT, alike_check, done, in_child, native, opened, read, renamed, tell, write


@alike_check
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


@alike_check
def names_of_all_kinds():
    names = [" leading", "trailing ", ".hidden", "...", "new\nline", "tab\t", "\u0001", "имя", "\U0001f600", "*?<>|:\"\\", "-r", "a%20b"]
    for name in names:
        write(name, name)
    return [sorted(os.listdir(".")) == sorted(names), all(read(name) == name for name in names)]


@alike_check
def twins_of_case_and_of_composition():
    for name in ("a", "A", "\u00e9", "e\u0301"):
        write(name, name)
    return [len(os.listdir(".")), read("A"), read("e\u0301")]


@alike_check
def names_that_are_not_UTF_8():
    return [opened(b"\xff\xfe", os.O_WRONLY | os.O_CREAT), done(os.symlink, b"\xff", b"link")]


@alike_check
def a_path_that_is_too_long():
    return [done(os.stat, "a/" * 2048 + "b"), done(os.symlink, "x" * 4096, "l")]


def every_call(path, beside):
    """What each call that takes a path says of this one. `beside` is a file."""
    return {
        "open": opened(path, os.O_RDONLY),
        "creat": opened(path, os.O_WRONLY | os.O_CREAT),
        "stat": done(os.stat, path),
        "lstat": done(os.lstat, path),
        "mkdir": tell(os.mkdir, path),
        "rmdir": tell(os.rmdir, path),
        "unlink": tell(os.unlink, path),
        "rename from": tell(os.rename, path, "elsewhere"),
        "rename to": tell(os.rename, beside, path),
        "symlink": tell(os.symlink, "x", path),
        "readlink": done(os.readlink, path),
        "truncate": tell(os.truncate, path, 1),
        "utime": tell(os.utime, path),
        "chmod": tell(os.chmod, path, 0o644),
        "chown": tell(os.chown, path, os.getuid(), os.getgid()),
        "access": os.access(path, os.F_OK),
        "listdir": done(os.listdir, path),
        "getxattr": done(os.getxattr, path, "user.x"),
        "link from": tell(os.link, path, "elsewhere"),
    }


@alike_check
def a_way_through_what_is_no_folder():
    write("file")
    write("beside")
    os.symlink("loop", "loop")
    os.symlink("nowhere", "dangling")
    os.symlink("file", "to-file")
    names = ("file", "missing", "loop", "dangling", "to-file", "n" * 256)
    return {name[:10]: every_call(f"{name}/x", "beside") for name in names}


@alike_check
def a_name_that_is_too_long_for_every_call():
    write("beside")
    os.mkdir("d")
    return [every_call("n" * 256, "beside"), every_call("d/" + "я" * 128, "beside")]


@alike_check
def a_loop_for_every_call():
    write("beside")
    os.symlink("two", "one")
    os.symlink("one", "two")
    return every_call("one/x", "beside")


@alike_check
def paths_up_to_their_longest():
    write("f", "bytes")
    longest = "./" * 2_047 + "f"
    return [len(longest), read(longest), done(os.stat, "." + "/" * 4_093 + "f"), done(os.stat, "/" + longest), done(os.stat, "./" * 2_048 + "f")]


@alike_check
def an_empty_path_for_every_call():
    write("beside")
    return every_call("", "beside")


@alike_check
def the_longest_names_of_every_kind():
    name = "n" * 255
    other = "я" * 127 + "x"
    seen = [tell(os.mkdir, name), tell(os.mkdir, f"{name}/{other}"), tell(write, f"{name}/{other}/{name}", "x")]
    seen += [tell(os.rename, f"{name}/{other}/{name}", f"{name}/{name}"), read(f"{name}/{name}"), tell(os.symlink, name, other)]
    seen += [os.readlink(other) == name, sorted(os.listdir(".")) == sorted([name, other]), tell(os.rename, name, f"{other}2")]
    return seen + [tell(os.rename, name, "я" * 127), os.listdir("я" * 127 + "/" + other)]


@alike_check
def a_path_at_an_address_that_is_none():
    write("f")
    none = ctypes.c_void_p(1)
    calls = {
        "open": (none, os.O_RDONLY),
        "creat": (none, 0o644),
        "mkdir": (none, 0o755),
        "rmdir": (none,),
        "unlink": (none,),
        "rename": (none, b"g"),
        "symlink": (none, b"g"),
        "link": (none, b"g"),
        "truncate": (none, ctypes.c_long(1)),
        "chmod": (none, 0o600),
        "chown": (none, -1, -1),
        "readlink": (none, ctypes.create_string_buffer(9), 9),
        "utimensat": (AT_FDCWD, none, None, AT_SYMLINK_NOFOLLOW),
    }
    seen = {name: native(name, *args) for name, args in calls.items()}
    seen["rename to"] = native("rename", b"f", none)
    seen["symlink to"] = native("symlink", b"f", none)
    seen["link to"] = native("link", b"f", none)
    return [seen, os.listdir(".")]


@alike_check
def names_on_another_file_system():
    write("f", "bytes")
    os.mkdir("d")
    ours = ("f", "d", "missing", "f/x")
    seen = [[renamed(name, "/proc/new"), tell(os.link, name, "/proc/new")] for name in ours]
    seen += [[renamed("/proc/version", name), tell(os.link, "/proc/version", name)] for name in ("f", "d", "new", "d/new", "no/new")]
    return seen + [sorted(os.listdir(".")), read("f"), os.listdir("d")]


@alike_check
def where_something_is_mounted():
    """In a namespace of its own, which ends with its process."""
    os.makedirs("d/in")
    os.makedirs("target")
    write("f")

    def mounted():
        own, private, bind = 0x20000, 1 << 18 | 1 << 14, 1 << 12
        seen = [native("unshare", own), native("mount", b"none", b"/", None, ctypes.c_ulong(private), None)]
        seen += [native("mount", name, name, None, ctypes.c_ulong(bind), None) for name in (b"d/in", b"f")]
        seen += [tell(os.rmdir, "d/in"), renamed("d/in", "elsewhere"), renamed("target", "d/in"), tell(os.unlink, "f"), renamed("f", "g"), tell(os.rmdir, "d")]
        # The folder above may move, and what is mounted in it goes along.
        return seen + [renamed("d", "moved"), os.listdir("moved"), tell(os.rmdir, "moved/in")]

    seen = in_child(mounted) if os.getuid() == 0 else ONLY_ROOT
    return [seen, sorted(os.listdir("."))]
