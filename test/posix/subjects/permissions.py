"""chmod, chown, and what they mean."""

import os
import stat
import subprocess
import sys

from telling import (
    KINDS,
    SOMEBODY_ELSE,
    as_somebody_else,
    check,
    dates_moved,
    done,
    in_folders,
    make_kind,
    mode,
    read,
    remove,
    renamed,
    tell,
    write,
)


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


@check
def chmod_of_every_kind():
    def changed(what):
        make_kind(what, "a")
        seen = [tell(os.chmod, "a" + slash, 0o750) for slash in ("/", "/x", "")]
        return seen + [mode(name) for name in ("a", "a-target") if os.path.lexists(name)]

    return in_folders(KINDS, changed)


@check
def chmod_and_the_dates():
    write("f")
    os.mkdir("d")
    seen = [dates_moved(name, lambda: os.chmod(name, 0o700)) for name in "fd"]
    return seen + [dates_moved(".", lambda: os.chmod("f", 0o600)), dates_moved("f", lambda: os.chown("f", os.getuid(), os.getgid()))]


@check
def chown_of_every_kind():
    def changed(what):
        make_kind(what, "a")
        own, other = (os.getuid(), os.getgid()), (-1, -1)
        seen = [tell(os.chown, "a" + slash, *own) for slash in ("/", "/x", "")]
        return seen + [tell(os.chown, "a", *ids, follow_symlinks=False) for ids in (own, other)]

    return in_folders(KINDS, changed)


@check
def chown_takes_away_what_a_file_lets_others_become():
    seen = []
    for name, permissions in (("a", 0o6755), ("b", 0o4711), ("c", 0o2755), ("d", 0o2644)):
        write(name)
        os.chmod(name, permissions)
        seen += [tell(os.chown, name, os.getuid(), os.getgid()), mode(name)]
    os.mkdir("e")
    os.chmod("e", 0o6755)
    return seen + [tell(os.chown, "e", os.getuid(), os.getgid()), mode("e")]


@check
def whoever_writes_takes_away_what_a_file_lets_others_become():
    os.chmod(".", 0o777)
    seen = []
    for permissions in (0o6777, 0o4777, 0o2777):
        for task in (
            lambda: write("f", "more"),
            lambda: os.truncate("f", 1),
            lambda: os.truncate("f", 0),
            lambda: open("f", "ab").close(),
        ):
            write("f", "x")
            os.chmod("f", permissions)
            task()
            seen.append(mode("f"))
            os.chmod("f", permissions)
            seen += [as_somebody_else(lambda: tell(task)), mode("f")]
    return seen


@check
def whoever_writes_to_a_file_that_its_group_may_not_run():
    os.chmod(".", 0o777)
    write("f", "x")
    os.chmod("f", 0o2767)
    return [as_somebody_else(lambda: tell(os.truncate, "f", 0)), mode("f")]


def as_each(tasks):
    """The same of whom it belongs to, and of somebody else."""
    return [{words: tell(task) for words, task in tasks.items()}, as_somebody_else(lambda: {words: done(task) for words, task in tasks.items()})]


@check
def what_the_mode_of_a_file_allows():
    os.chmod(".", 0o755)
    seen = {}
    for permissions in (0o000, 0o400, 0o200, 0o100, 0o004, 0o002, 0o070, 0o700, 0o077):
        write("f", "#!/bin/sh\n")
        os.chmod("f", permissions)
        tasks = {
            "r": lambda: os.close(os.open("f", os.O_RDONLY)),
            "w": lambda: os.close(os.open("f", os.O_WRONLY)),
            "rw": lambda: os.close(os.open("f", os.O_RDWR)),
            "r trunc": lambda: os.close(os.open("f", os.O_RDONLY | os.O_TRUNC)),
            "truncate": lambda: os.truncate("f", 10),
            "access": lambda: [os.access("f", how) for how in (os.R_OK, os.W_OK, os.X_OK)],
            "stat": lambda: os.stat("f").st_size,
            "now": lambda: os.utime("f"),
            "then": lambda: os.utime("f", ns=(1, 2)),
            "xattr": lambda: os.setxattr("f", "user.a", b"1"),
        }
        seen[oct(permissions)] = as_each(tasks)
        os.unlink("f")
    return seen


@check
def what_the_mode_of_a_folder_allows():
    os.chmod(".", 0o755)
    seen = {}
    for permissions in (0o000, 0o400, 0o100, 0o300, 0o600, 0o007, 0o001, 0o004, 0o755):
        os.mkdir("d")
        write("d/f", "bytes")
        write("d/g", "bytes")
        os.mkdir("d/e")
        os.chmod("d", permissions)
        tasks = {
            "list": lambda: len(os.listdir("d")) > 0,
            "stat": lambda: os.stat("d/f").st_size,
            "open": lambda: read("d/f"),
            "creat": lambda: os.close(os.open("d/new", os.O_WRONLY | os.O_CREAT)),
            "mkdir": lambda: os.mkdir("d/folder"),
            "symlink": lambda: os.symlink("x", "d/link"),
            "rename": lambda: os.rename("d/g", "d/h"),
            "back": lambda: os.rename("d/h", "d/g"),
            "over": lambda: os.rename("d/g", "d/f"),
            "out": lambda: os.rename("d/f", "f"),
            "in": lambda: os.rename("f", "d/f"),
            "unlink": lambda: os.unlink("d/f"),
            "rmdir": lambda: os.rmdir("d/e"),
            "missing": lambda: os.stat("d/missing"),
            "chdir": lambda: os.chdir("d") or os.chdir(".."),
            "chmod in": lambda: os.chmod("d/g", 0o600),
            "now": lambda: os.utime("d"),
        }
        seen[oct(permissions)] = as_each(tasks)
        os.chmod("d", 0o700)
        remove("d")
        if os.path.exists("f"):
            os.unlink("f")
    return seen


@check
def a_folder_moves_only_when_it_may_be_written_to_itself():
    os.mkdir("a")
    os.mkdir("d")
    os.chmod("d", 0o500)
    return [renamed("d", "e"), renamed("e", "a/e"), os.listdir("a")]


@check
def sticky_folders():
    seen = []
    for permissions in (0o777, 0o1777, 0o1775, 0o775):
        os.chmod(".", 0o755)
        os.mkdir("d")
        for name in ("unlinked", "renamed", "replaced", "kept"):
            write(f"d/{name}", name)
        os.mkdir("d/folder")
        os.mkdir("d/other")
        os.chmod("d", permissions)
        tasks = {
            "unlink": lambda: os.unlink("d/unlinked"),
            "rename": lambda: os.rename("d/renamed", "d/elsewhere"),
            "replace": lambda: os.rename("d/kept", "d/replaced"),
            "rmdir": lambda: os.rmdir("d/folder"),
            "folder": lambda: os.rename("d/other", "d/another"),
        }
        theirs = as_somebody_else(lambda: {words: done(task) for words, task in tasks.items()})
        ours = {words: tell(task) for words, task in tasks.items()}
        seen.append([theirs, ours])
        remove("d")
    return seen


@check
def what_somebody_else_may_not_change():
    os.chmod(".", 0o777)
    write("f", "bytes")
    os.mkdir("d")
    os.symlink("f", "l")
    for name in "fd":
        os.chmod(name, 0o777)
    tasks = {
        "chmod": lambda: os.chmod("f", 0o700),
        "chmod folder": lambda: os.chmod("d", 0o700),
        "chown": lambda: os.chown("f", SOMEBODY_ELSE, SOMEBODY_ELSE),
        "chown to none": lambda: os.chown("f", -1, -1),
        "then": lambda: os.utime("f", ns=(1, 2)),
        "now": lambda: os.utime("f"),
        "link then": lambda: os.utime("l", ns=(1, 2), follow_symlinks=False),
        "write": lambda: write("f", "others"),
        "truncate": lambda: os.truncate("f", 1),
        "xattr": lambda: os.setxattr("f", "user.a", b"1"),
        "trusted": lambda: os.listxattr("f"),
        "noatime": lambda: os.close(os.open("f", os.O_RDONLY | os.O_NOATIME)),
        "unlink": lambda: os.unlink("f"),
    }
    return as_somebody_else(lambda: {words: done(task) for words, task in tasks.items()})


@check
def what_somebody_else_makes():
    os.chmod(".", 0o777)

    def make():
        write("f", "bytes", 0o600)
        os.mkdir("d", 0o700)
        return [read("f"), tell(os.mkdir, "d/e"), os.stat("f").st_uid == os.getuid()]

    return as_somebody_else(lambda: tell(make))
