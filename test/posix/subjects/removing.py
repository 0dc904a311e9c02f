"""unlink and link; what is neither file nor folder."""

import os
import socket
import stat

from telling import KINDS, check, dates_moved, done, in_child, in_folders, long_check, make_kind, mode, opened, read, tell, write


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


@check
def unlink_of_every_kind():
    def removed(what):
        make_kind(what, "a")
        return [tell(os.unlink, "a" + slash) for slash in ("/.", "/x", "/", "")] + [sorted(os.listdir("."))]

    return in_folders(KINDS, removed)


@check
def what_is_removed_has_no_link_left():
    write("f", "bytes")
    write("g", "old")
    write("h", "new")
    with open("f") as removed, open("g") as replaced:
        seen = [os.fstat(removed.fileno()).st_nlink]
        os.unlink("f")
        os.rename("h", "g")
        for file in (removed, replaced):
            seen += [os.fstat(file.fileno()).st_nlink, os.fstat(file.fileno()).st_size]
    return seen


@check
def what_is_told_of_a_folder_that_is_gone():
    os.mkdir("d")
    folder = os.open("d", os.O_RDONLY)
    os.rmdir("d")
    seen = [tell(lambda: os.fstat(folder).st_nlink), tell(os.listdir, folder), opened("f", os.O_WRONLY | os.O_CREAT, dir_fd=folder)]
    os.close(folder)
    return seen


@check
def unlink_and_the_dates_of_the_folder():
    os.mkdir("d")
    write("d/f")
    os.symlink("f", "d/l")
    seen = [dates_moved("d", lambda: os.unlink("d/l")), dates_moved("d", lambda: os.unlink("d/f")), dates_moved("d", lambda: os.unlink("d/f"))]
    os.mkdir("d/e")
    return seen + [dates_moved("d", lambda: os.unlink("d/e"))]


@check
def what_several_have_open_is_removed():
    write("f", "bytes")
    one, two = os.open("f", os.O_RDWR), os.open("f", os.O_RDWR)
    os.unlink("f")
    os.pwrite(one, b"BY", 0)
    os.ftruncate(two, 4)
    seen = [os.pread(two, 10, 0).decode(), os.fstat(one).st_size, done(os.stat, "f"), in_child(lambda: os.pread(one, 10, 0).decode())]
    os.close(one)
    seen += [os.pread(two, 10, 0).decode(), tell(os.fsync, two), opened(f"/proc/self/fd/{two}", os.O_RDONLY)]
    write("f", "again")
    seen += [os.pread(two, 10, 0).decode(), os.listdir(".")]
    os.close(two)
    return seen + [read("f")]


@long_check
def removed_and_made_again_many_times():
    seen = set()
    for index in range(20):
        write("f", str(index))
        seen.add(read("f") == str(index))
        os.unlink("f")
        os.mkdir("f")
        os.rmdir("f")
        os.symlink(str(index), "f")
        seen.add(os.readlink("f") == str(index))
        os.unlink("f")
    return [sorted(seen), os.listdir(".")]


@check
def hard_links_where_they_could_not_be_anyway():
    write("f")
    write("g")
    os.mkdir("d")
    os.symlink("loop", "loop")
    tries = (("f", "g"), ("f", "d"), ("no", "x"), ("f", "no/x"), ("f/x", "x"), ("f", "f/x"), ("loop/x", "x"), ("f", "loop/x"), ("n" * 256, "x"), ("f", "d/"))
    return [tell(os.link, source, target) for source, target in tries]


@check
def nodes_where_they_could_not_be_anyway():
    write("f")
    os.mkdir("d")
    os.symlink("loop", "loop")
    os.symlink("nowhere", "dangling")
    tries = ("f", "d", "f/x", "no/x", "loop", "loop/x", "dangling", "d/..")
    return [[tell(os.mkfifo, name), tell(os.mknod, name, stat.S_IFREG | 0o644)] for name in tries]
