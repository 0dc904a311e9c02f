"""Named checks of what a folder does with the calls that programs make.

  python3 checks.py FOLDER [--short] [--who] [NAME...]

Each check works in a new folder of its own in FOLDER and tells what it saw, whatever that is: one JSON object, by name. Two
folders are alike when they tell the same. Nothing is installed for it: Python's own library reaches all the calls.
"""

import json
import os
import signal
import sys
import tempfile

sys.dont_write_bytecode = True

from subjects import attributes, content, dates, folders, links, locking, naming, opening, permissions, removing, renaming
from telling import checks, remove


def too_late(*_):
    raise RuntimeError("it takes too long")


def main():
    folder, *wanted = sys.argv[1:]
    left_out = [mark for option, mark in (("--short", "is_long"), ("--who", "is_alike")) if option in wanted]
    wanted = [name for name in wanted if not name.startswith("--")]
    signal.signal(signal.SIGALRM, too_late)
    os.umask(0o022)
    seen = {}
    for name, function in checks.items():
        if (wanted and name not in wanted) or any(hasattr(function, mark) for mark in left_out):
            continue
        own = tempfile.mkdtemp(prefix="check-", dir=folder)
        os.chdir(own)
        signal.alarm(200)
        try:
            seen[name] = function()
        except Exception as error:  # Whatever it is, it is what was seen.
            seen[name] = f"{type(error).__name__}: {error}"
        signal.alarm(0)
        os.chdir(folder)
        try:
            remove(own)
        except OSError as error:
            seen[name] = [seen[name], f"left behind: {error}"]
    json.dump(seen, sys.stdout, ensure_ascii=False, indent=1)


main()
