"""The three dates, and utimensat."""

import ctypes
import os
import time

from telling import AT_FDCWD, AT_SYMLINK_NOFOLLOW, KINDS, a_while, alike_check, dates_moved, in_folders, make_kind, moved, native, read, tell, write


@alike_check
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


@alike_check
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


@alike_check
def writing_moves_both_dates_of_a_file():
    write("a", "x")
    os.utime("a", ns=(1, 1_000_000_000))
    before = os.stat("a")
    a_while()
    with open("a", "a") as file:
        file.write("y")
    after = os.stat("a")
    return [moved(before.st_mtime_ns, after.st_mtime_ns), moved(before.st_ctime_ns, after.st_ctime_ns)]


@alike_check
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


@alike_check
def reading_moves_no_date():
    write("a", "x")
    before = os.stat("a")
    a_while()
    read("a")
    os.listdir(".")
    after = os.stat("a")
    return [moved(before.st_mtime_ns, after.st_mtime_ns), moved(before.st_ctime_ns, after.st_ctime_ns)]


@alike_check
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


OMIT, NOW = (1 << 30) - 2, (1 << 30) - 1


def set_dates(path, accessed, modified, flags=0):
    both = (Moment * 2)(Moment(*accessed), Moment(*modified))
    return native("utimensat", AT_FDCWD, path.encode(), both, flags)


@alike_check
def utimensat_of_every_kind():
    def dated(what):
        make_kind(what, "a")
        seen = [set_dates("a" + slash, (5, 6), (7, 8)) for slash in ("/", "/x", "")]
        return seen + [set_dates("a", (9, 9), (10, 11), AT_SYMLINK_NOFOLLOW)] + [
            os.lstat(name).st_mtime_ns for name in ("a", "a-target") if os.path.lexists(name)
        ]

    return in_folders(KINDS, dated)


@alike_check
def every_pair_of_dates():
    """What was set of mtime is told; what was said to be now is later; ctime moves with all but nothing."""
    seen = {}
    for path in ("f", "d"):
        for accessed in ((3, 0), (0, NOW), (0, OMIT)):
            for modified in ((4, 5), (0, NOW), (0, OMIT)):
                if path == "f":
                    write("f")
                else:
                    os.mkdir("d")
                os.utime(path, ns=(1, 1_000_000_000))
                before = os.stat(path)
                a_while()
                result = set_dates(path, accessed, modified)
                after = os.stat(path)
                seen[f"{path} {accessed} {modified}"] = [
                    result,
                    after.st_mtime_ns if after.st_mtime < 1_000 else "now" if abs(after.st_mtime - time.time()) < 60 else "?",
                    moved(before.st_ctime_ns, after.st_ctime_ns) if (accessed, modified) != ((0, OMIT), (0, OMIT)) else "",
                ]
                if path == "f":
                    os.unlink("f")
                else:
                    os.rmdir("d")
    return seen


@alike_check
def dates_that_cannot_be():
    write("f")
    billion = 1_000_000_000
    return [set_dates("f", (1, wrong), (1, 1)) for wrong in (billion, -1, 1 << 31)] + [
        set_dates("f", (1, 1), (1, wrong)) for wrong in (billion, -1, 1 << 31)
    ]


@alike_check
def dates_by_a_handle():
    write("f")
    os.mkdir("d")
    seen = []
    for path, flags in (("f", os.O_RDONLY), ("f", os.O_WRONLY), ("d", os.O_RDONLY), ("f", os.O_PATH)):
        handle = os.open(path, flags)
        seen += [tell(os.utime, handle), tell(os.utime, handle, ns=(1, 6_000_000_007)), os.stat(path).st_mtime_ns]
        os.close(handle)
    return seen


@alike_check
def a_date_that_was_set_while_it_is_being_written():
    with open("f", "w") as file:
        file.write("bytes")
        file.flush()
        os.utime("f", ns=(1, 7_000_000_008))
        seen = [os.stat("f").st_mtime_ns]
    seen.append(os.stat("f").st_mtime_ns)
    with open("f", "r+") as file:
        seen.append(os.fstat(file.fileno()).st_mtime_ns)
        os.fsync(file.fileno())
    return seen + [os.stat("f").st_mtime_ns]


@alike_check
def what_fails_moves_no_date():
    write("f", "x")
    os.mkdir("d")
    write("d/f")
    tries = (
        lambda: os.mkdir("d"),
        lambda: os.rmdir("d"),
        lambda: os.unlink("d"),
        lambda: os.symlink("x", "d"),
        lambda: os.rename("f", "d"),
        lambda: os.rename("no", "d/x"),
        lambda: os.open("f", os.O_CREAT | os.O_EXCL),
        lambda: os.truncate("f", -1),
        lambda: os.link("no", "d/x"),
        lambda: os.chmod("f/x", 0o700),
        lambda: os.removexattr("f", "user.x"),
    )
    return [[dates_moved(path, task) for path in ("f", "d", ".")] for task in tries]


@alike_check
def the_dates_of_a_new_folder_stay():
    """Whatever happens to the folder itself, and in what it holds."""
    os.mkdir("d")
    os.mkdir("other")
    seen = []
    tries = (
        lambda: os.chmod("d", 0o700),
        lambda: os.chmod("d", 0o755),
        lambda: os.rename("d", "e"),
        lambda: os.rename("e", "other/d"),
        lambda: os.rename("other/d", "d"),
        lambda: os.setxattr("d", "user.x", b"1"),
        lambda: os.removexattr("d", "user.x"),
    )
    folder = os.open("d", os.O_RDONLY)
    for task in tries:
        before = os.fstat(folder)
        a_while()
        task()
        after = os.fstat(folder)
        seen.append([moved(before.st_mtime_ns, after.st_mtime_ns), moved(before.st_ctime_ns, after.st_ctime_ns)])
    os.close(folder)
    return seen


@alike_check
def dates_go_forward():
    """ctime never goes back, whatever mtime is set to."""
    write("f")
    seen = [os.stat("f").st_ctime_ns]
    for ns in (4_000_000_000_000_000_000, 1, 2_000_000_000_000_000_000, 5):
        a_while()
        os.utime("f", ns=(ns, ns))
        seen.append(os.stat("f").st_ctime_ns)
    return [moved(one, next) for one, next in zip(seen, seen[1:])] + [abs(seen[-1] / 1e9 - time.time()) < 60]
