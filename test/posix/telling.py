"""What the checks are made of: each tells what it saw, whatever that is."""

import ctypes
import errno
import json
import os
import stat
import time

libc = ctypes.CDLL(None, use_errno=True)
checks = {}
AT_FDCWD = -100
AT_SYMLINK_NOFOLLOW = 0x100
# Whoever is neither root nor the one who mounts.
SOMEBODY_ELSE = 1
ONLY_ROOT = "only root can ask"


def check(function):
    name = function.__name__.replace("_", " ")
    assert name not in checks, name
    checks[name] = function
    return function


def long_check(function):
    """One of many calls: left out by `--short`."""
    check(function).is_long = True
    return function


def alike_check(function):
    """One where it hardly matters who asks: left out by `--who`."""
    check(function).is_alike = True
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


def opened(path, flags, mode=0o666, **kwargs):
    return done(lambda: os.close(os.open(path, flags, mode, **kwargs)))


def renamed(source, target):
    return tell(os.rename, source, target)


def begin(task):
    """A process of its own, and where it tells what it saw."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            os.write(writer, json.dumps(task()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    return child, reader


def told(child, reader):
    with open(reader) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return json.loads(text) if text else "died"


def in_child(task):
    """What a process of its own tells."""
    return told(*begin(task))


def at_once(tasks):
    """What each tells, in processes of their own at the same time."""
    return [told(*child) for child in [begin(task) for task in tasks]]


def as_somebody_else(task):
    """What another user is told, whom only root can become."""

    def become():
        os.setgroups([])
        os.setresgid(SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE)
        os.setresuid(SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE)
        return task()

    return in_child(become) if os.getuid() == 0 else ONLY_ROOT


def moved(before, after):
    return "later" if after > before else "same" if after == before else "earlier"


def a_while():
    time.sleep(0.02)


def dates_moved(path, task, follow=False):
    """What a task did to mtime and ctime of something."""
    before = os.stat(path, follow_symlinks=follow)
    a_while()
    result = tell(task)
    after = os.stat(path, follow_symlinks=follow)
    return [result, moved(before.st_mtime_ns, after.st_mtime_ns), moved(before.st_ctime_ns, after.st_ctime_ns)]


# Those between which rename(2) tells a difference, and all.
FEW_KINDS = ("file", "folder", "full", "link-to-folder", "dangling", "missing")
KINDS = ("file", "folder", "full", "link-to-file", "link-to-folder", "dangling", "loop", "missing")


def make_kind(what, name):
    """Something of that kind; 'missing' is nothing. What a link leads to lies beside it."""
    if what == "file":
        write(name, "bytes")
    elif what == "folder":
        os.mkdir(name)
    elif what == "full":
        os.mkdir(name)
        os.mkdir(f"{name}/in")
    elif what == "link-to-file":
        write(f"{name}-target", "target")
        os.symlink(f"{name}-target", name)
    elif what == "link-to-folder":
        os.mkdir(f"{name}-target")
        os.symlink(f"{name}-target", name)
    elif what == "dangling":
        os.symlink("nowhere", name)
    elif what == "loop":
        os.symlink(name, name)


def what_is_there():
    """Every name below this folder, and what it is."""
    found = {}
    for folder, folders, files in os.walk("."):
        for name in folders + files:
            path = os.path.join(folder, name)[2:]
            what = kind(path)
            found[path] = {"folder": lambda: "", "file": lambda: read(path), "link": lambda: os.readlink(path)}[what]()
            found[path] = f"{what} {found[path]}".strip()
    return found


def in_folders(names, task):
    """The same task in a new folder for each name."""
    seen = {}
    for name in names:
        os.mkdir("own")
        os.chdir("own")
        try:
            seen[name] = task(name)
        finally:
            os.chdir("..")
            remove("own")
    return seen


def remove(folder):
    """All of it, whatever modes the checks have left there."""
    for path, folders, files in os.walk(folder, topdown=True, onerror=None):
        for name in folders:
            below = os.path.join(path, name)
            if not os.path.islink(below):
                os.chmod(below, 0o700)
    for path, folders, files in os.walk(folder, topdown=False):
        for name in files:
            os.unlink(os.path.join(path, name))
        for name in folders:
            below = os.path.join(path, name)
            (os.unlink if os.path.islink(below) else os.rmdir)(below)
    os.rmdir(folder)
