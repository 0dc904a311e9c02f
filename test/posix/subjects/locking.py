"""Locks between processes."""

import fcntl
import os

from telling import alike_check, at_once, done, in_child, long_check, tell, write


@alike_check
def flock_between_processes():
    write("a")
    with open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        def other():
            with open("a") as theirs:
                return tell(fcntl.flock, theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)

        seen = [in_child(other)]
        fcntl.flock(file, fcntl.LOCK_UN)
        return seen + [in_child(other)]


@alike_check
def fcntl_locks_between_processes():
    write("a", "0123456789")
    with open("a", "r+") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 5, 0)

        def other():
            with open("a", "r+") as theirs:
                lock = lambda start: tell(fcntl.lockf, theirs, fcntl.LOCK_EX | fcntl.LOCK_NB, 3, start)
                return [lock(0), lock(5)]

        seen = in_child(other)
        fcntl.lockf(file, fcntl.LOCK_UN, 5, 0)
        return seen + in_child(other)


@long_check
def a_lock_file_that_several_make_and_remove():
    """Whoever has it open is told of it, also when another has removed it before."""

    def take():
        errors = []
        for _ in range(200):
            handle = os.open("lock", os.O_RDWR | os.O_CREAT)
            fcntl.flock(handle, fcntl.LOCK_EX)
            errors.append(done(os.fstat, handle))
            try:
                if os.stat("lock").st_ino == os.fstat(handle).st_ino:
                    os.unlink("lock")
            except FileNotFoundError:
                pass
            os.close(handle)
        return sorted(set(errors))

    return at_once([take] * 4)
