"""Processes that do what they are told with files, and say what they saw."""

import ctypes
import errno
import mmap
import multiprocessing
import os

libc = ctypes.CDLL(None, use_errno=True)


class Wrong(Exception):
    pass


class Hands:
    """One process that has files open: what it is told to do it does at once, and says what it saw."""

    def __init__(self, folder):
        self.folder = folder
        self.handles = {}
        self.mappings = {}

    def path(self, file):
        return os.path.join(self.folder, f"file-{file}")

    def handle(self, file, place, flags):
        key = (file, place)
        if key not in self.handles:
            self.handles[key] = os.open(self.path(file), flags)
        return self.handles[key]

    def open(self, file, place, flags):
        self.handle(file, place, flags)

    def close(self, file, place):
        handle = self.handles.pop((file, place), None)
        if handle is not None:
            os.close(handle)

    def close_all(self):
        self.unmap_all()
        for handle in self.handles.values():
            os.close(handle)
        self.handles.clear()

    def read(self, file, place, start, length):
        return os.pread(self.handle(file, place, os.O_RDWR), length, start)

    def write(self, file, place, start, data):
        # A short write is none of ours to repeat: files have room.
        return os.pwrite(self.handle(file, place, os.O_RDWR), data, start)

    def write_pieces(self, file, place, start, pieces):
        return os.pwritev(self.handle(file, place, os.O_RDWR), pieces, start)

    def append(self, file, data):
        handle = os.open(self.path(file), os.O_WRONLY | os.O_APPEND)
        try:
            return os.write(handle, data)
        finally:
            os.close(handle)

    def direct_write(self, file, start, data):
        with mmap.mmap(-1, len(data)) as buffer:
            buffer.write(data)
            handle = os.open(self.path(file), os.O_WRONLY | os.O_DIRECT)
            try:
                return os.pwrite(handle, buffer, start)
            finally:
                os.close(handle)

    def direct_read(self, file, start, length):
        with mmap.mmap(-1, length) as buffer:
            handle = os.open(self.path(file), os.O_RDONLY | os.O_DIRECT)
            try:
                count = os.preadv(handle, [buffer], start)
            finally:
                os.close(handle)
            return buffer[:count]

    def truncate(self, file, size):
        os.truncate(self.path(file), size)

    def ftruncate(self, file, place, size):
        os.ftruncate(self.handle(file, place, os.O_RDWR), size)

    def empty(self, file):
        os.close(os.open(self.path(file), os.O_WRONLY | os.O_TRUNC))

    def fsync(self, file, place):
        os.fsync(self.handle(file, place, os.O_RDWR))

    def forget_pages(self, file, place):
        """What is read next comes from below the page cache."""
        handle = self.handle(file, place, os.O_RDWR)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)

    def size(self, file):
        return os.stat(self.path(file)).st_size

    def size_by_handle(self, file, place):
        return os.fstat(self.handle(file, place, os.O_RDWR)).st_size

    def map(self, file, length):
        self.unmap(file)
        handle = self.handle(file, 0, os.O_RDWR)
        self.mappings[file] = mmap.mmap(handle, length, flags=mmap.MAP_SHARED)

    def unmap(self, file):
        mapping = self.mappings.pop(file, None)
        if mapping is not None:
            mapping.close()

    def unmap_all(self):
        for file in list(self.mappings):
            self.unmap(file)

    def mapped_read(self, file, start, length):
        return self.mappings[file][start : start + length]

    def mapped_write(self, file, start, data):
        self.mappings[file][start : start + len(data)] = data

    def msync(self, file):
        self.mappings[file].flush()

    def private_mapping(self, file, place, length, start, data):
        """What is written to it stays in this process."""
        handle = self.handle(file, place, os.O_RDWR)
        with mmap.mmap(handle, length, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE) as mapping:
            before = mapping[:]
            mapping[start : start + len(data)] = data
            return before, mapping[start : start + len(data)]

    def copy_range(self, source, target, start, to, length):
        """In as many calls as it takes."""
        one, other = self.handle(source, 1, os.O_RDWR), self.handle(target, 2, os.O_RDWR)
        done = 0
        while done < length:
            count = os.copy_file_range(one, other, length - done, start + done, to + done)
            if count == 0:
                break
            done += count
        return done

    def send_file(self, source, target, start, to, length):
        one, other = self.handle(source, 1, os.O_RDWR), self.handle(target, 2, os.O_RDWR)
        os.lseek(other, to, os.SEEK_SET)
        done = 0
        while done < length:
            count = os.sendfile(other, one, start + done, length - done)
            if count == 0:
                break
            done += count
        return done

    def reserve(self, file, place, start, length):
        os.posix_fallocate(self.handle(file, place, os.O_RDWR), start, length)

    def fallocate(self, file, place, how, start, length):
        result = libc.fallocate(self.handle(file, place, os.O_RDWR), how, ctypes.c_int64(start), ctypes.c_int64(length))
        return errno.errorcode[ctypes.get_errno()] if result == -1 else "ok"

    def replace(self, file, data):
        """As editors save."""
        beside = self.path(file) + ".new"
        with open(beside, "wb") as new:
            new.write(data)
        os.rename(beside, self.path(file))

    def whole(self, file):
        with open(self.path(file), "rb") as handle:
            return handle.read()


class OtherHands:
    """Hands in a process of their own."""

    def __init__(self, folder):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self.serve, args=(folder, theirs), daemon=True)
        self.process.start()

    @staticmethod
    def serve(folder, pipe):
        hands = Hands(folder)
        while True:
            name, args = pipe.recv()
            if name == "end":
                return
            try:
                pipe.send((getattr(hands, name)(*args), None))
            except Exception as error:  # Whoever asked is told.
                pipe.send((None, f"{type(error).__name__}: {error}"))

    def __getattr__(self, name):
        def call(*args):
            self.pipe.send((name, args))
            if not self.pipe.poll(120):
                raise Wrong(f"no answer from the other process: {name}")
            result, failure = self.pipe.recv()
            if failure:
                raise Wrong(failure)
            return result

        return call

    def end(self):
        self.pipe.send(("end", ()))
        self.process.join(10)
