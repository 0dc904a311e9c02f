"""Extended attributes of users."""

import ctypes
import errno
import os

from telling import ONLY_ROOT, alike_check, libc, tell, write


def attribute(name, path="f"):
    try:
        return os.getxattr(path, name).decode()
    except OSError as error:
        return errno.errorcode[error.errno]


@alike_check
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


@alike_check
def attributes_that_must_or_must_not_be_there():
    write("f")
    create, replace = os.XATTR_CREATE, os.XATTR_REPLACE
    return [
        tell(os.setxattr, "f", "user.a", b"1", replace),
        tell(os.setxattr, "f", "user.a", b"1", create),
        tell(os.setxattr, "f", "user.a", b"2", create),
        tell(os.setxattr, "f", "user.a", b"3", replace),
        attribute("user.a"),
        tell(os.setxattr, "f", "user.a", b"4", create | replace),
        tell(os.setxattr, "f", "user.b", b"4", create | replace),
        os.listxattr("f"),
    ]


@alike_check
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


@alike_check
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


@alike_check
def attributes_of_links():
    write("f")
    os.symlink("f", "l")
    os.setxattr("l", "user.a", b"1")
    return [
        attribute("user.a", "f"),
        tell(os.setxattr, "l", "user.a", b"1", 0, follow_symlinks=False),
        tell(os.listxattr, "l", follow_symlinks=False),
    ]


@alike_check
def names_of_attributes_that_cannot_be():
    write("f")
    return [
        tell(os.setxattr, "f", "user.", b"1"),
        tell(os.setxattr, "f", "plain", b"1"),
        tell(os.setxattr, "f", "user." + "x" * 251, b"1"),
        tell(os.setxattr, "f", "system.strange", b"1"),
    ]


@alike_check
def much_in_one_attribute():
    write("f")
    return [tell(os.setxattr, "f", "user.a", b"x" * 3_000), sorted(os.listxattr("f"))]


@alike_check
def attributes_of_the_system():
    write("f")
    access_list = bytes.fromhex("0200000001000600ffffffff04000400ffffffff20000400ffffffff")
    return [attribute("security.capability"), tell(os.setxattr, "f", "system.posix_acl_access", access_list)]


@alike_check
def attributes_that_only_root_may_set():
    write("f")
    if os.getuid() != 0:
        return ONLY_ROOT
    return [tell(os.setxattr, "f", f"{kind}.strange", b"1") for kind in ("security", "trusted")]
