"""open(2) and its flags."""

import os
import resource
import shutil
import signal
import subprocess

from telling import KINDS, as_somebody_else, check, dates_moved, done, in_child, in_folders, long_check, make_kind, mode, opened, read, tell, write


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


FLAGS = {
    "r": os.O_RDONLY,
    "w": os.O_WRONLY,
    "rw": os.O_RDWR,
    "r trunc": os.O_RDONLY | os.O_TRUNC,
    "w append trunc": os.O_WRONLY | os.O_APPEND | os.O_TRUNC,
    "r creat": os.O_RDONLY | os.O_CREAT,
    "w creat trunc": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    "w creat excl": os.O_WRONLY | os.O_CREAT | os.O_EXCL,
    "r directory": os.O_RDONLY | os.O_DIRECTORY,
    "r nofollow": os.O_RDONLY | os.O_NOFOLLOW,
    "w creat nofollow": os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW,
    "r directory nofollow": os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW,
    "r and w at once": os.O_WRONLY | os.O_RDWR,
    "path": os.O_PATH,
    "path nofollow": os.O_PATH | os.O_NOFOLLOW,
    "w sync": os.O_WRONLY | os.O_SYNC,
    "w dsync": os.O_WRONLY | os.O_DSYNC,
}


@long_check
def open_of_every_kind_with_every_flag():
    def all_flags(what):
        make_kind(what, "a")
        seen = {}
        for words, flags in FLAGS.items():
            seen[words] = opened("a", flags)
            if os.path.exists("a") and what not in ("folder", "full", "link-to-folder"):
                seen[words] += f" {os.stat('a').st_size}"
            # What was made is to be made again by the next, what was cut filled again.
            if what in ("missing", "dangling") and os.path.exists("a"):
                os.unlink(os.path.realpath("a"))
            elif what in ("file", "link-to-file"):
                write("a", "bytes")
        return seen

    return in_folders(KINDS, all_flags)


@long_check
def open_with_a_slash_at_the_end():
    def with_slash(what):
        make_kind(what, "a")
        tries = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT | os.O_EXCL, os.O_RDONLY | os.O_DIRECTORY)
        return [[opened("a" + slash, flags) for flags in tries] for slash in ("/", "//", "/.", "/..", "/x")]

    return in_folders(KINDS, with_slash)


@check
def a_new_file_can_be_written_by_whom_its_mode_forbids_it():
    handle = os.open("f", os.O_RDWR | os.O_CREAT, 0o000)
    seen = [os.write(handle, b"bytes"), os.pread(handle, 10, 0).decode(), mode("f")]
    os.close(handle)
    return seen + [opened("f", os.O_RDONLY), opened("f", os.O_WRONLY), opened("f", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)]


@check
def open_with_O_TRUNC_moves_the_dates_of_an_empty_file_too():
    write("f")
    write("full", "x")
    empty = lambda name: opened(name, os.O_WRONLY | os.O_TRUNC)
    return [dates_moved(name, lambda: empty(name)) for name in ("f", "full")]


@check
def a_new_file_and_the_dates_of_its_folder():
    os.mkdir("d")
    flags = os.O_WRONLY | os.O_CREAT
    seen = [dates_moved("d", lambda: opened("d/f", flags)), dates_moved("d", lambda: opened("d/f", flags))]
    seen.append(dates_moved("d", lambda: opened("d/f", flags | os.O_EXCL)))
    new, folder = os.stat("d/f"), os.stat("d")
    return seen + [new.st_size, new.st_nlink, new.st_uid == os.getuid(), abs(new.st_mtime - folder.st_mtime) < 5]


@check
def a_handle_for_its_place_alone():
    write("f", "bytes")
    os.mkdir("d")
    os.symlink("f", "l")
    handle = os.open("f", os.O_PATH)
    link = os.open("l", os.O_PATH | os.O_NOFOLLOW)
    folder = os.open("d", os.O_PATH)
    seen = [tell(os.read, handle, 1), tell(os.fchmod, handle, 0o600), os.fstat(handle).st_size]
    seen += [os.readlink("", dir_fd=link), opened("in", os.O_WRONLY | os.O_CREAT, dir_fd=folder), os.listdir("d")]
    seen.append(read(f"/proc/self/fd/{handle}"))
    for each in (handle, link, folder):
        os.close(each)
    return seen


@check
def open_from_another_folder():
    os.makedirs("d/e")
    write("d/f", "bytes")
    folder, file = os.open("d", os.O_RDONLY), os.open("d/f", os.O_RDONLY)
    seen = [opened("f", os.O_RDONLY, dir_fd=folder), opened("f", os.O_RDONLY, dir_fd=file)]
    seen += [opened("../d/e/../f", os.O_RDONLY, dir_fd=folder), opened("e/..", os.O_RDONLY, dir_fd=folder)]
    os.rename("d", "moved")
    seen += [opened("f", os.O_RDONLY, dir_fd=folder), opened("new", os.O_WRONLY | os.O_CREAT, dir_fd=folder)]
    os.close(folder)
    os.close(file)
    return seen + [sorted(os.listdir("moved"))]


@check
def a_program_that_runs_is_not_written_to():
    shutil.copy("/bin/sleep", "sleep")
    os.chmod("sleep", 0o755)
    with subprocess.Popen(["./sleep", "60"]) as running:
        seen = [opened("sleep", os.O_WRONLY), opened("sleep", os.O_RDWR), opened("sleep", os.O_RDONLY), tell(os.truncate, "sleep", 1)]
        running.kill()
    handle = os.open("sleep", os.O_WRONLY)
    seen.append(done(subprocess.run, ["./sleep", "0"]))
    os.close(handle)
    return seen + [done(subprocess.run, ["./sleep", "0"])]


@check
def no_file_grows_over_the_limit_of_its_process():
    write("f", "x" * 100)

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
        handle = os.open("f", os.O_RDWR)
        seen = [tell(os.pwrite, handle, b"y" * 2_000, 0), tell(os.pwrite, handle, b"y", 1_000), tell(os.ftruncate, handle, 1_001)]
        return seen + [tell(os.ftruncate, handle, 1_000), os.fstat(handle).st_size]

    return in_child(limited)


@check
def dates_of_reading_are_not_kept_back_by_whom_it_does_not_belong_to():
    write("f")
    os.chmod(".", 0o755)
    return [opened("f", os.O_RDONLY | os.O_NOATIME), as_somebody_else(lambda: opened("f", os.O_RDONLY | os.O_NOATIME))]


@long_check
def handles_are_freed():
    write("f")
    for _ in range(100):
        os.close(os.open("f", os.O_RDWR))
    handles = [os.open("f", os.O_RDONLY) for _ in range(50)]
    os.unlink("f")
    for handle in handles:
        os.close(handle)
    return os.listdir(".")
