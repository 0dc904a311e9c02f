"""Locks between processes."""

import fcntl

from telling import alike_check, in_child, tell, write


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
