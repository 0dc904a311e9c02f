"""Bytes: truncate, read and write, mappings, copies."""

import ctypes
import mmap
import os

from telling import KINDS, alike_check, at_once, dates_moved, done, in_child, in_folders, long_check, make_kind, moved, native, read, tell, write


@alike_check
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


@alike_check
def a_hole_reads_as_zeros():
    with open("a", "wb") as file:
        file.seek(300_000)
        file.write(b"end")
    with open("a", "rb") as file:
        bytes = file.read()
    return [len(bytes), bytes == b"\0" * 300_000 + b"end"]


@alike_check
def pread_and_pwrite_anywhere():
    handle = os.open("a", os.O_RDWR | os.O_CREAT)
    seen = [os.pwrite(handle, b"abc", 5), os.pread(handle, 100, 3).decode(), len(os.pread(handle, 10, 100))]
    os.pwrite(handle, b"X", 0)
    os.fsync(handle)
    os.fdatasync(handle)
    os.close(handle)
    with open("a", "rb") as file:
        return seen + [file.read().decode()]


@alike_check
def others_see_what_was_written_at_once():
    handle = os.open("a", os.O_RDWR | os.O_CREAT)
    os.write(handle, b"12345")
    seen = in_child(lambda: [os.stat("a").st_size, read("a")])
    os.write(handle, b"678")
    seen += in_child(lambda: [os.stat("a").st_size, read("a")])
    os.close(handle)
    return seen


@alike_check
def size_and_blocks():
    write("a", "x" * 10_000)
    with open("a") as file:
        os.fsync(file.fileno())
    told = os.stat("a")
    return [told.st_size, told.st_blocks * 512 >= told.st_size]


@alike_check
def numbers_of_links():
    write("f")
    os.makedirs("d/e")
    return [os.stat("f").st_nlink, os.stat("d").st_nlink]


@alike_check
def inode_numbers_stay():
    write("a")
    os.mkdir("d")
    file, folder = os.stat("a").st_ino, os.stat("d").st_ino
    os.rename("a", "d/b")
    os.rename("d", "e")
    write("e/b", "more")
    return [os.stat("e/b").st_ino == file, os.stat("e").st_ino == folder, file != folder]


@alike_check
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


@alike_check
def a_private_mapping():
    write("a", "x" * 10_000)
    with open("a", "r+b") as file:
        with mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE) as mapping:
            mapping[:3] = b"own"
            seen = [mapping[:4].decode()]
    return seen + [read("a")[:4]]


@alike_check
def a_mapping_outlives_its_descriptor():
    write("a", "x" * 5_000)
    handle = os.open("a", os.O_RDWR)
    mapping = mmap.mmap(handle, 0)
    os.close(handle)
    mapping[:4] = b"late"
    mapping.flush()
    mapping.close()
    return read("a")[:5]


@alike_check
def past_the_page_cache():
    buffer = mmap.mmap(-1, 8192)
    buffer.write(b"d" * 8192)
    handle = os.open("a", os.O_RDWR | os.O_CREAT | os.O_DIRECT)
    seen = [os.pwrite(handle, buffer, 0), os.preadv(handle, [buffer], 4096)]
    os.close(handle)
    return seen + [os.stat("a").st_size, read("a")[:2]]


@alike_check
def copy_file_range_and_sendfile():
    write("a", "0123456789" * 1_000)
    with open("a", "rb") as source, open("b", "wb") as target, open("c", "wb") as sent:
        copied = os.copy_file_range(source.fileno(), target.fileno(), 9_000, 500)
        moved = os.sendfile(sent.fileno(), source.fileno(), 100, 9_000)
    return [copied, moved, read("b") == read("a")[500:9_500], read("c") == read("a")[100:9_100]]


@alike_check
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


@alike_check
def posix_fallocate():
    handle = os.open("a", os.O_RDWR | os.O_CREAT)
    seen = [tell(os.posix_fallocate, handle, 0, 10_000), os.fstat(handle).st_size]
    os.close(handle)
    return seen


@alike_check
def a_file_opened_for_one_thing_only():
    write("a", "bytes")
    reading, writing = os.open("a", os.O_RDONLY), os.open("a", os.O_WRONLY)
    seen = [tell(os.write, reading, b"x"), tell(os.read, writing, 1)]
    os.close(reading)
    os.close(writing)
    return seen


@long_check
def truncate_of_every_kind():
    def cut(what):
        make_kind(what, "a")
        seen = [tell(os.truncate, "a" + slash, 3) for slash in ("/", "/x", "")]
        return seen + [tell(os.truncate, "a", -1), [os.stat(name).st_size for name in ("a", "a-target") if os.path.isfile(name)]]

    return in_folders(KINDS, cut)


@alike_check
def truncate_and_the_dates():
    write("f", "bytes")
    handle = os.open("f", os.O_RDWR)
    seen = [dates_moved("f", lambda: os.truncate("f", size)) for size in (3, 30, 0)]
    seen += [dates_moved("f", lambda: os.ftruncate(handle, size)) for size in (5, 2)]
    seen.append(dates_moved("f", lambda: os.truncate("f", -1)))
    os.close(handle)
    handle = os.open("f", os.O_RDONLY)
    seen.append(dates_moved("f", lambda: os.ftruncate(handle, 1)))
    os.close(handle)
    return seen


@alike_check
def ftruncate_of_every_handle():
    write("f", "0123456789")
    os.mkdir("d")
    seen = []
    for path, flags in (("f", os.O_RDONLY), ("f", os.O_WRONLY), ("f", os.O_RDWR), ("f", os.O_RDWR | os.O_APPEND), ("f", os.O_PATH), ("d", os.O_RDONLY)):
        handle = os.open(path, flags)
        seen += [tell(os.ftruncate, handle, 5), tell(os.ftruncate, handle, -1), tell(os.ftruncate, handle, 20), os.stat("f").st_size]
        os.close(handle)
    return seen + [tell(os.ftruncate, 999, 1), read("f")]


@long_check
def truncate_to_every_size():
    """Around pages, and around what was there."""
    bytes = os.urandom(9_000)
    seen = []
    handle = os.open("f", os.O_RDWR | os.O_CREAT)
    os.write(handle, bytes)
    expected = bytes
    for size in (8_999, 8_192, 8_191, 8_193, 4_097, 4_096, 4_095, 12_288, 5_000, 1, 0, 1, 70_000, 65_536):
        os.ftruncate(handle, size)
        expected = expected[:size].ljust(size, b"\0")
        with open("f", "rb") as file:
            seen.append(file.read() == expected and os.stat("f").st_size == size)
    os.close(handle)
    return seen


@alike_check
def sizes_beyond_all_measure():
    write("f", "x")
    handle = os.open("f", os.O_RDWR)
    seen = [tell(os.ftruncate, handle, 1 << 62), tell(os.truncate, "f", (1 << 63) - 1), done(os.pwrite, handle, b"x", (1 << 63) - 2)]
    os.close(handle)
    return seen + [os.stat("f").st_size]


@alike_check
def bytes_beyond_four_gigabytes():
    """Where a number of 32 bits would come round."""
    far = (1 << 32) + 5
    handle = os.open("f", os.O_RDWR | os.O_CREAT)
    if tell(os.ftruncate, handle, far) == "EFBIG":
        os.close(handle)
        return "EFBIG"
    os.ftruncate(handle, 0)
    seen = [tell(os.pwrite, handle, b"near", 5), tell(os.pwrite, handle, b"middle", (1 << 31) - 3), tell(os.pwrite, handle, b"far", far), os.stat("f").st_size]
    seen += [os.pread(handle, 8, offset).decode() for offset in (1, (1 << 31) - 5, far - 4, far + 3)]
    seen += [os.lseek(handle, 0, os.SEEK_END), tell(os.ftruncate, handle, far + 1), os.pread(handle, 8, far).decode(), os.pread(handle, 4, 5).decode()]
    with mmap.mmap(handle, 6, offset=1 << 32) as mapping:
        seen.append(mapping[3:6].decode())
        mapping[5:6] = b"F"
        mapping.flush()
    seen += [os.pread(handle, 8, far).decode(), tell(os.ftruncate, handle, 6), os.stat("f").st_size, os.pread(handle, 8, 0).decode()]
    os.close(handle)
    return seen


@alike_check
def reading_and_writing_nothing():
    write("f", "bytes")
    handle = os.open("f", os.O_RDWR)
    seen = [os.read(handle, 0).decode(), os.pread(handle, 5, 5).decode(), os.pread(handle, 5, 1 << 40).decode()]
    seen += [dates_moved("f", lambda: os.write(handle, b"")), os.stat("f").st_size, tell(os.pread, handle, 1, -1), tell(os.pwrite, handle, b"x", -1)]
    os.close(handle)
    return seen


@alike_check
def where_a_handle_stands():
    write("f", "0123456789")
    handle = os.open("f", os.O_RDWR)
    seen = [os.read(handle, 3).decode(), os.lseek(handle, 0, os.SEEK_CUR), os.lseek(handle, -2, os.SEEK_END), os.read(handle, 9).decode()]
    seen += [os.lseek(handle, 20, os.SEEK_SET), os.write(handle, b"x"), os.stat("f").st_size, tell(os.lseek, handle, -1, os.SEEK_SET)]
    other = os.dup(handle)
    os.lseek(other, 2, os.SEEK_SET)
    seen.append(os.read(handle, 2).decode())
    os.close(other)
    os.close(handle)
    handle = os.open("f", os.O_RDWR | os.O_APPEND)
    seen += [os.write(handle, b"end"), os.lseek(handle, 0, os.SEEK_CUR), os.pwrite(handle, b"!", 0), os.stat("f").st_size]
    seen += [os.writev(handle, [b"one", b"", b"two"]), os.preadv(handle, [bytearray(2), bytearray(4)], 21)]
    os.close(handle)
    with open("f", "rb") as file:
        return seen + [file.read().hex()]


@alike_check
def where_the_bytes_are():
    write("f", "x" * 10_000)
    handle = os.open("f", os.O_RDONLY)
    seen = [tell(os.lseek, handle, place, how) for how in (os.SEEK_DATA, os.SEEK_HOLE) for place in (0, 5_000, 9_999, 10_000, 20_000)]
    os.close(handle)
    return seen


@long_check
def appending_by_several_at_once():
    def append(letter):
        handle = os.open("f", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for _ in range(30):
            os.write(handle, letter * 100)
        os.close(handle)

    at_once([lambda letter=letter: append(letter) for letter in (b"a", b"b", b"c")])
    text = read("f")
    pieces = [text[index : index + 100] for index in range(0, len(text), 100)]
    return [len(text), all(len(set(piece)) == 1 for piece in pieces), [text.count(letter) for letter in "abc"]]


@alike_check
def mappings_of_every_handle():
    write("f", "x" * 5_000)
    os.mkdir("d")
    shared, private, readable, writable = mmap.MAP_SHARED, mmap.MAP_PRIVATE, mmap.PROT_READ, mmap.PROT_READ | mmap.PROT_WRITE
    seen = []
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
        handle = os.open("f", flags)
        for how in (shared, private):
            for protection in (readable, writable):
                seen.append(tell(lambda: mmap.mmap(handle, 100, flags=how, prot=protection).close()))
        os.close(handle)
    handle = os.open("d", os.O_RDONLY)
    seen.append(tell(lambda: mmap.mmap(handle, 100, flags=shared, prot=readable).close()))
    os.close(handle)
    return seen


@alike_check
def a_mapping_beyond_the_end():
    write("f", "x" * 5_000)

    def touch(place, size=5_000):
        handle = os.open("f", os.O_RDWR)
        os.ftruncate(handle, 16_384)
        mapping = mmap.mmap(handle, 16_384)
        os.ftruncate(handle, size)
        return mapping[place]

    places = (4_999, 8_191, 8_192, 16_000)
    return [in_child(lambda: touch(place)) for place in places] + [in_child(lambda: touch(0, 0)), os.stat("f").st_size]


@alike_check
def what_is_written_behind_the_end_of_a_mapping_is_not_kept():
    write("f", "x" * 5_000)
    with open("f", "r+b") as file, mmap.mmap(file.fileno(), 5_000) as mapping:
        address = ctypes.addressof(ctypes.c_char.from_buffer(mapping))
        ctypes.memset(address + 5_000, 0x79, 100)
        mapping[4_999:5_000] = b"z"
        mapping.flush()
        size = os.stat("f").st_size
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        seen = [size, os.pread(file.fileno(), 200, 4_998).decode()]
        ctypes.memset(address + 5_000, 0, 100)
        return seen


@alike_check
def a_mapping_shared_by_processes():
    write("f", "." * 8_192)
    handle = os.open("f", os.O_RDWR)
    mapping = mmap.mmap(handle, 8_192)

    def other():
        theirs = os.open("f", os.O_RDWR)
        with mmap.mmap(theirs, 8_192) as mine:
            seen = mine[:5].decode()
            mine[5_000:5_005] = b"child"
        os.close(theirs)
        return seen

    mapping[:5] = b"first"
    seen = [in_child(other), mapping[5_000:5_005].decode(), os.pread(handle, 5, 5_000).decode()]
    os.unlink("f")
    mapping[:4] = b"gone"
    mapping.flush()
    seen += [os.pread(handle, 5, 0).decode(), os.fstat(handle).st_size]
    mapping.close()
    os.close(handle)
    return seen


@alike_check
def a_mapping_and_the_dates():
    write("f", "x" * 5_000)
    with open("f", "r+b") as file, mmap.mmap(file.fileno(), 0) as mapping:

        def change():
            mapping[:4] = b"more"
            mapping.flush()

        return dates_moved("f", change)


@alike_check
def copy_file_range_where_it_cannot_be():
    write("a", "0123456789")
    os.mkdir("d")
    both, reader, appender, folder = os.open("a", os.O_RDWR), os.open("a", os.O_RDONLY), os.open("b", os.O_WRONLY | os.O_CREAT | os.O_APPEND), os.open("d", os.O_RDONLY)
    seen = [
        tell(os.copy_file_range, both, both, 5, 0, 2),
        tell(os.copy_file_range, both, both, 3, 0, 10),
        tell(os.copy_file_range, reader, reader, 3, 0, 10),
        tell(os.copy_file_range, reader, appender, 3, 0),
        tell(os.copy_file_range, folder, both, 3, 0),
        tell(os.copy_file_range, reader, both, 3, 10, 0),
        tell(os.copy_file_range, reader, both, 3, 8, 20),
    ]
    for handle in (both, reader, appender, folder):
        os.close(handle)
    with open("a", "rb") as file:
        return seen + [file.read().hex()]


@alike_check
def splice_from_and_to_pipes():
    write("a", "0123456789")
    reader, writer = os.pipe()
    source, target = os.open("a", os.O_RDONLY), os.open("b", os.O_RDWR | os.O_CREAT)
    seen = [os.splice(source, writer, 6, offset_src=2), os.splice(reader, target, 6, offset_dst=1)]
    for handle in (reader, writer, source, target):
        os.close(handle)
    with open("b", "rb") as file:
        return seen + [file.read().hex()]
