"""Random work on the bytes of files, against a plain model of them.

  python3 exercise.py FOLDER MODELS --seed N --operations N [--first N] [--damage N]

A few files of FOLDER are written, cut, mapped, copied from one to another and read by two processes with several handles each. After
every operation that reads, and now and then in full, what the files hold is compared with what they must hold. Ends with 0 and one
line of JSON about what was done; or with 1 and, on stderr, the seed, the number of the operation, what was found, and the last
operations before it. What the files hold at the end is written to MODELS, a folder elsewhere: whoever looks later, by another way, compares
with that. When MODELS holds something already, the work begins with files of that content.

--first counts operations from there on, so that one seed can be done in parts. --damage N changes a byte of each file behind the model's
back before operation N: it has to be found.
"""

import argparse
import collections
import json
import mmap
import os
import random
import sys

sys.dont_write_bytecode = True

from hands import Hands, OtherHands, Wrong

FILES = 3
LONGEST = 300_000
LONGEST_PIECE = 70_000
PAGE = mmap.PAGESIZE
HANDLES = 3

# Modes of fallocate(2).
KEEP_SIZE, PUNCH, ZERO = 1, 2, 16


class Exerciser:
    def __init__(self, folder, seed, first):
        self.folder = folder
        self.random = random.Random(f"{seed} {first}")
        self.hands = [Hands(folder), OtherHands(folder)]
        self.models = [bytearray() for _ in range(FILES)]
        # How long the mapping of a file is, by process.
        self.mapped = [{}, {}]
        self.last = collections.deque(maxlen=25)
        self.counts = collections.Counter()
        self.bytes = 0
        self.refused = set()

    # Choices

    def below(self, end):
        return self.random.randrange(end) if end > 0 else 0

    def place(self, file, beyond=20_000):
        """Somewhere in the file, or a little beyond its end; often at the edges of pages."""
        spot = self.below(min(len(self.models[file]) + beyond, LONGEST - LONGEST_PIECE))
        return spot // PAGE * PAGE + self.random.choice((0, 0, 1, -1)) % PAGE if self.random.random() < 0.3 else spot

    def length(self):
        return self.random.choice((1, self.below(100) + 1, self.below(5_000) + 1, PAGE, self.below(LONGEST_PIECE) + 1))

    def data(self, length):
        return self.random.randbytes(length)

    # The model

    def put(self, file, start, data):
        model = self.models[file]
        if start > len(model):
            model.extend(bytes(start - len(model)))
        model[start : start + len(data)] = data
        self.bytes += len(data)

    def cut(self, file, size):
        model = self.models[file]
        if size < len(model):
            del model[size:]
        else:
            model.extend(bytes(size - len(model)))

    def same(self, found, expected, what, start=0):
        self.bytes += len(expected)
        if found == bytes(expected):
            return
        if len(found) != len(expected):
            raise Wrong(f"{what}: {len(found)} bytes in place of {len(expected)}")
        at = next(index for index, (one, other) in enumerate(zip(found, expected)) if one != other)
        wrong = sum(one != other for one, other in zip(found, expected))
        raise Wrong(f"{what}: {wrong} of {len(found)} bytes are wrong, the first at {start + at}: {found[at]:#04x} in place of {expected[at]:#04x}")

    def counted(self, found, expected, what):
        if found != expected:
            raise Wrong(f"{what}: {found} in place of {expected}")

    # One operation

    def step(self):
        name = self.random.choices(list(self.operations), list(self.operations.values()))[0]
        who = self.below(2)
        file = self.below(FILES)
        self.counts[name] += 1
        getattr(self, name)(who, self.hands[who], file, self.below(HANDLES))
        return name

    def note(self, name, *what):
        self.last.append(f"{self.number} {name} {' '.join(map(str, what))}")

    # How often each.
    operations = {
        "read": 14,
        "write": 14,
        "write_pieces": 3,
        "append": 4,
        "direct_write": 2,
        "direct_read": 2,
        "truncate": 5,
        "ftruncate": 4,
        "empty": 1,
        "mapped_write": 9,
        "mapped_read": 7,
        "msync": 2,
        "unmap": 2,
        "private_mapping": 3,
        "copy_range": 4,
        "send_file": 2,
        "reserve": 1,
        "fallocate": 2,
        "fsync": 2,
        "forget_pages": 4,
        "size": 3,
        "close": 8,
        "close_all": 0.4,
        "replace": 0.6,
        "whole": 2,
    }

    def read(self, who, hands, file, handle):
        start, length = self.place(file), self.length()
        self.note("read", who, file, handle, start, length)
        self.same(hands.read(file, handle, start, length), self.models[file][start : start + length], "read", start)

    def write(self, who, hands, file, handle):
        start, length = self.place(file), self.length()
        self.note("write", who, file, handle, start, length)
        data = self.data(length)
        self.counted(hands.write(file, handle, start, data), length, "write")
        self.put(file, start, data)

    def write_pieces(self, who, hands, file, handle):
        start, pieces = self.place(file), [self.data(self.below(3_000)) for _ in range(self.below(5) + 1)]
        self.note("write_pieces", who, file, handle, start, [len(piece) for piece in pieces])
        whole = b"".join(pieces)
        self.counted(hands.write_pieces(file, handle, start, pieces), len(whole), "writev")
        if whole:
            self.put(file, start, whole)

    def append(self, who, hands, file, handle):
        length = min(self.length(), LONGEST - len(self.models[file]))
        if length <= 0:
            return
        self.note("append", who, file, length)
        data = self.data(length)
        self.counted(hands.append(file, data), length, "append")
        self.put(file, len(self.models[file]), data)

    def direct_write(self, who, hands, file, handle):
        start, data = self.place(file) // PAGE * PAGE, self.data((self.below(8) + 1) * PAGE)
        self.note("direct_write", who, file, start, len(data))
        self.counted(hands.direct_write(file, start, data), len(data), "direct write")
        self.put(file, start, data)

    def direct_read(self, who, hands, file, handle):
        start, length = self.place(file) // PAGE * PAGE, (self.below(8) + 1) * PAGE
        self.note("direct_read", who, file, start, length)
        self.same(hands.direct_read(file, start, length), self.models[file][start : start + length], "direct read", start)

    def new_size(self, file):
        return self.random.choice((self.place(file), self.below(len(self.models[file]) + 1), len(self.models[file]) // PAGE * PAGE))

    def truncate(self, who, hands, file, handle):
        size = self.new_size(file)
        self.note("truncate", who, file, size)
        hands.truncate(file, size)
        self.cut(file, size)

    def ftruncate(self, who, hands, file, handle):
        size = self.new_size(file)
        self.note("ftruncate", who, file, handle, size)
        hands.ftruncate(file, handle, size)
        self.cut(file, size)

    def empty(self, who, hands, file, handle):
        self.note("empty", who, file)
        hands.empty(file)
        self.cut(file, 0)

    def mapping(self, who, hands, file):
        """How much of a shared mapping may be touched; made, or made anew, where it is needed."""
        size = len(self.models[file])
        if size == 0:
            return 0
        length = self.mapped[who].get(file, 0)
        if length == 0 or self.random.random() < 0.1:
            length = self.random.choice((size, self.below(size) + 1))
            self.note("map", who, file, length)
            hands.map(file, length)
            self.mapped[who][file] = length
        return min(length, size)

    def mapped_write(self, who, hands, file, handle):
        room = self.mapping(who, hands, file)
        if room == 0:
            return
        start = self.below(room)
        data = self.data(min(self.length(), room - start))
        self.note("mapped_write", who, file, start, len(data))
        hands.mapped_write(file, start, data)
        self.put(file, start, data)

    def mapped_read(self, who, hands, file, handle):
        room = self.mapping(who, hands, file)
        if room == 0:
            return
        start = self.below(room)
        length = min(self.length(), room - start)
        self.note("mapped_read", who, file, start, length)
        self.same(hands.mapped_read(file, start, length), self.models[file][start : start + length], "mapped read", start)

    def msync(self, who, hands, file, handle):
        if file in self.mapped[who]:
            self.note("msync", who, file)
            hands.msync(file)

    def unmap(self, who, hands, file, handle):
        if self.mapped[who].pop(file, None) is not None:
            self.note("unmap", who, file)
            hands.unmap(file)

    def private_mapping(self, who, hands, file, handle):
        size = len(self.models[file])
        if size == 0:
            return
        start = self.below(size)
        data = self.data(min(self.length(), size - start))
        self.note("private_mapping", who, file, handle, start, len(data))
        before, after = hands.private_mapping(file, handle, size, start, data)
        self.same(before, self.models[file], "private mapping")
        self.same(after, data, "what was written to a private mapping", start)

    def copy(self, name, who, hands, file):
        source = self.below(FILES)
        start, to, length = self.place(source, 0), self.place(file), self.length()
        length = min(length, max(0, len(self.models[source]) - start))
        if length == 0 or (source == file and abs(start - to) < length):
            return
        self.note(name, who, source, file, start, to, length)
        data = bytes(self.models[source][start : start + length])
        self.counted(getattr(hands, name)(source, file, start, to, length), length, name)
        self.put(file, to, data)

    def copy_range(self, who, hands, file, handle):
        self.copy("copy_range", who, hands, file)

    def send_file(self, who, hands, file, handle):
        self.copy("send_file", who, hands, file)

    def reserve(self, who, hands, file, handle):
        start, length = self.place(file), self.length()
        self.note("reserve", who, file, handle, start, length)
        hands.reserve(file, handle, start, length)
        if start + length > len(self.models[file]):
            self.cut(file, start + length)

    def fallocate(self, who, hands, file, handle):
        how = self.random.choice((0, KEEP_SIZE, PUNCH | KEEP_SIZE, ZERO, ZERO | KEEP_SIZE))
        start, length = self.place(file), self.length()
        self.note("fallocate", who, file, handle, how, start, length)
        result = hands.fallocate(file, handle, how, start, length)
        if result in ("EOPNOTSUPP", "ENOTSUP"):
            self.refused.add("fallocate")
            return
        self.counted(result, "ok", "fallocate")
        size = len(self.models[file])
        if how in (0, ZERO) and start + length > size:
            self.cut(file, start + length)
        if how & (PUNCH | ZERO):
            end = min(start + length, len(self.models[file]))
            if end > start:
                self.models[file][start:end] = bytes(end - start)

    def fsync(self, who, hands, file, handle):
        self.note("fsync", who, file, handle)
        hands.fsync(file, handle)

    def forget_pages(self, who, hands, file, handle):
        self.note("forget_pages", who, file, handle)
        hands.forget_pages(file, handle)

    def size(self, who, hands, file, handle):
        self.note("size", who, file, handle)
        self.counted(hands.size(file), len(self.models[file]), "size")
        self.counted(hands.size_by_handle(file, handle), len(self.models[file]), "size by a handle")

    def close(self, who, hands, file, handle):
        self.note("close", who, file, handle)
        hands.close(file, handle)

    def close_all(self, who, hands, file, handle):
        """Nobody has anything open: what is opened next is another version, perhaps a sent one."""
        self.note("close_all")
        self.let_go()

    def replace(self, who, hands, file, handle):
        data = self.data(self.length())
        self.note("replace", who, file, len(data))
        # Handles and mappings would go on with the old file.
        for index, each in enumerate(self.hands):
            self.mapped[index].pop(file, None)
            each.unmap(file)
            for place in range(HANDLES):
                each.close(file, place)
        hands.replace(file, data)
        self.models[file] = bytearray(data)

    def whole(self, who, hands, file, handle):
        self.note("whole", who, file)
        self.same(hands.whole(file), self.models[file], "the whole file")

    # Around them

    def let_go(self):
        for index, hands in enumerate(self.hands):
            hands.close_all()
            self.mapped[index].clear()

    def begin(self, models):
        for file in range(FILES):
            path = os.path.join(models, f"file-{file}")
            if os.path.exists(path):
                with open(path, "rb") as kept:
                    self.models[file] = bytearray(kept.read())
            else:
                os.close(os.open(os.path.join(self.folder, f"file-{file}"), os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        self.compare()

    def compare(self):
        for file in range(FILES):
            for hands in self.hands:
                self.same(hands.whole(file), self.models[file], f"the whole file {file}")

    def damage(self):
        for file, model in enumerate(self.models):
            if model:
                self.hands[0].write(file, 0, 0, bytes([model[0] ^ 1]))

    def end(self, models):
        self.compare()
        self.let_go()
        self.compare()
        for file in range(FILES):
            with open(os.path.join(models, f"file-{file}"), "wb") as kept:
                kept.write(self.models[file])
        self.hands[1].end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("models")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--operations", type=int, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--damage", type=int)
    options = parser.parse_args()
    exerciser = Exerciser(options.folder, options.seed, options.first)
    exerciser.number = options.first
    try:
        exerciser.begin(options.models)
        for exerciser.number in range(options.first, options.first + options.operations):
            if exerciser.number == options.damage:
                exerciser.damage()
            exerciser.step()
        exerciser.end(options.models)
    except (Wrong, OSError) as error:
        sizes = [len(model) for model in exerciser.models]
        print(f"seed {options.seed}, operation {exerciser.number}: {error}\nfiles of {sizes} bytes; before that:", file=sys.stderr)
        print("\n".join(exerciser.last), file=sys.stderr)
        sys.exit(1)
    done = {"seed": options.seed, "operations": options.operations, "bytes": exerciser.bytes}
    print(json.dumps({**done, "refused": sorted(exerciser.refused), "counts": exerciser.counts}))


if __name__ == "__main__":
    main()
