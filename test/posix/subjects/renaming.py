"""rename(2)."""

import os

from telling import (
    AT_FDCWD,
    FEW_KINDS,
    KINDS,
    a_while,
    alike_check,
    begin,
    dates_moved,
    done,
    in_folders,
    kind,
    long_check,
    make_kind,
    mode,
    moved,
    native,
    opened,
    read,
    renamed,
    tell,
    told,
    what_is_there,
    write,
)


@alike_check
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


@alike_check
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


@alike_check
def rename_keeps_the_mode_and_the_date():
    write("a", "a", 0o751)
    os.utime("a", ns=(1, 981173106123456789))
    os.rename("a", "b")
    os.mkdir("d", 0o700)
    os.rename("d", "e")
    return [mode("b"), os.stat("b").st_mtime_ns, mode("e")]


@alike_check
def rename_over_a_file_brings_its_own_mode():
    write("a", "a", 0o755)
    write("b", "b", 0o600)
    os.rename("a", "b")
    return [mode("b"), read("b")]


@alike_check
def rename_with_flags():
    for name in "abcd":
        write(name, name)
    rename = lambda source, target, flags: native("renameat2", AT_FDCWD, source, AT_FDCWD, target, flags)
    return [rename(b"a", b"b", 1), rename(b"a", b"e", 1), rename(b"c", b"d", 2), rename(b"c", b"e", 3)]


@alike_check
def rename_while_it_is_open():
    write("a", "one")
    write("b", "other")
    with open("a", "r+") as moving, open("b") as replaced:
        os.rename("a", "b")
        moving.write("two")
        moving.flush()
        return [read("b"), replaced.read(), os.listdir(".")]


@long_check
def rename_of_every_kind_over_every_kind():
    def one(names):
        source, target = names
        make_kind(source, "a")
        make_kind(target, "b")
        return [renamed("a", "b"), what_is_there()]

    pairs = [(source, target) for source in FEW_KINDS for target in FEW_KINDS]
    return {f"{source} over {target}": seen for (source, target), seen in in_folders(pairs, one).items()}


@long_check
def rename_with_a_slash_at_the_end():
    def one(names):
        source, target = names
        make_kind(source.rstrip("/"), "a")
        make_kind(target.rstrip("/"), "b")
        return renamed("a/" if source.endswith("/") else "a", "b/" if target.endswith("/") else "b")

    pairs = [(f"{source}/", target) for source in FEW_KINDS for target in ("missing", "folder", "file")]
    pairs += [(source, f"{target}/") for source in ("file", "folder", "link-to-folder") for target in FEW_KINDS]
    return {f"{source} over {target}": seen for (source, target), seen in in_folders(pairs, one).items()}


@long_check
def rename_of_every_kind_to_itself():
    def one(name):
        make_kind(name, "a")
        return [renamed("a", other) for other in ("a", "./a", "a/", "a/.")] + ["a" in os.listdir(".")]

    return in_folders(KINDS, one)


@alike_check
def rename_into_itself():
    os.makedirs("a/b/c/d")
    os.symlink("a/b", "to-b")
    write("a/f")
    seen = [renamed("a", target) for target in ("a/new", "a/b/new", "a/b/c/d", "a/b/c/d/new", "to-b/new", "a/b/../new", "a/f")]
    seen += [renamed(source, "a") for source in ("a/b", "a/b/c/d", "to-b/c", "a/f")]
    seen += [renamed("a/b", "a/b/."), renamed("a/b/.", "x"), renamed("a/b/..", "x"), renamed("x", "a/b/.."), renamed("a/b/c", "a/b/../b/c")]
    return seen + [what_is_there()]


@alike_check
def rename_between_folders():
    os.makedirs("a/deep/er")
    os.makedirs("b")
    write("a/f", "f")
    write("a/deep/er/g", "g")
    os.symlink("../a", "b/up")
    seen = [renamed("a/f", "b/f"), renamed("a/deep", "b/deep"), renamed("b/up/new", "b/x"), renamed("b/f", "b/up/f"), read("a/f")]
    seen += [read("b/deep/er/g"), os.stat("b/deep/..").st_ino == os.stat("b").st_ino]
    return seen + [what_is_there()]


@alike_check
def rename_and_the_dates_of_all():
    os.mkdir("a")
    os.mkdir("b")
    write("a/f", "x")
    os.mkdir("a/d")
    watched = ("a", "b")

    def moving(source, target):
        before = {name: os.stat(name) for name in watched}
        itself = os.stat(source).st_mtime_ns if os.path.exists(source) else None
        a_while()
        seen = [renamed(source, target)]
        for name in watched:
            after = os.stat(name)
            seen += [moved(before[name].st_mtime_ns, after.st_mtime_ns), moved(before[name].st_ctime_ns, after.st_ctime_ns)]
        if seen[0] == "ok":
            seen.append(moved(itself, os.stat(target).st_mtime_ns))
        return seen

    return [
        moving("a/f", "a/g"),
        moving("a/g", "b/g"),
        moving("a/d", "b/d"),
        moving("b/d", "b/e"),
        moving("b/no", "b/x"),
        moving("b/g", "b/e"),
        moving("b/e", "b/e/in"),
        moving("b/g", "b/g"),
    ]


@alike_check
def rename_over_what_is_open():
    write("a", "new")
    write("b", "old")
    os.mkdir("d")
    os.mkdir("e")
    with open("b", "r+") as file:
        folder = os.open("e", os.O_RDONLY)
        seen = [renamed("a", "b"), renamed("d", "e"), file.read(), os.fstat(file.fileno()).st_size]
        file.write(" and more")
        file.flush()
        seen += [os.pread(file.fileno(), 50, 0).decode(), read("b"), os.listdir("e"), opened("f", os.O_WRONLY | os.O_CREAT, dir_fd=folder)]
        seen.append(os.fstat(file.fileno()).st_ino != os.stat("b").st_ino)
        os.close(folder)
    return seen + [sorted(os.listdir("."))]


@alike_check
def what_is_replaced_never_seems_to_be_missing():
    write("f", "x")
    os.symlink("x", "l")

    def replace():
        for _ in range(250):
            write("new", "x")
            os.rename("new", "f")
            os.symlink("x", "new")
            os.rename("new", "l")
        write("over")

    tries = (
        lambda: read("f"),
        lambda: os.close(os.open("f", os.O_WRONLY)),
        lambda: os.stat("f"),
        lambda: os.chmod("f", 0o644),
        lambda: os.utime("f"),
        lambda: os.truncate("f", 1),
        lambda: os.setxattr("f", "user.x", b"x"),
        lambda: os.listxattr("f"),
        lambda: os.readlink("l"),
    )
    missing = [0 for _ in tries]
    replacing = begin(replace)
    while not os.path.exists("over"):
        for index, task in enumerate(tries):
            missing[index] += done(task) == "ENOENT"
    return [missing, told(*replacing)]


@alike_check
def rename_of_a_folder_in_use():
    os.makedirs("a/b")
    write("a/b/f", "one")
    here = os.getcwd()
    file = open("a/b/f", "r+")
    folder = os.open("a/b", os.O_RDONLY)
    os.chdir("a/b")
    try:
        os.rename(f"{here}/a", f"{here}/z")
        file.seek(3)
        file.write(" two")
        file.flush()
        seen = [os.getcwd() == f"{here}/z/b", read("f"), read(f"{here}/z/b/f"), os.listdir(folder), tell(write, "g", "three"), tell(os.rename, "g", "../h")]
    finally:
        os.chdir(here)
        os.close(folder)
        file.close()
    return seen + [what_is_there()]


@long_check
def rename_again_and_again():
    write("f0", "bytes")
    os.mkdir("d0")
    write("d0/in", "in")
    for index in range(30):
        os.rename(f"f{index}", f"f{index + 1}")
        os.rename(f"d{index}", f"d{index + 1}")
    write("other", "other")
    for names in (("f30", "x"), ("other", "f30"), ("x", "other")):
        os.rename(*names)
    return what_is_there()


@alike_check
def rename_brings_back_what_was_removed():
    seen = []
    for _ in range(3):
        write("a", "first")
        os.unlink("a")
        write("b", "second")
        os.rename("b", "a")
        seen.append(read("a"))
        os.mkdir("d")
        os.rmdir("d")
        os.rename("a", "d")
        seen += [kind("d"), read("d")]
        os.unlink("d")
    return seen + [os.listdir(".")]
