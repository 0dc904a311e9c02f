# Locks between processes.
# needs: flock python3
# user

work() {
  local i
  echo 0 >count
  for i in {1..4}; do
    (for _ in {1..10}; do flock lock bash -c 'echo $(($(cat count) + 1)) >count'; done) &
  done
  wait
  cat count
  flock lock sleep 5 &
  until ! flock -n lock true; do sleep 0.05; done
  flock -n lock true || echo 'held by another'
  flock -n -s lock true || echo 'not even shared'
  kill $!
  flock -w 20 lock echo 'free again'
  flock -s lock flock -n -s lock echo 'two share'
  flock . echo 'a folder too'
  python3 - <<'PY'
import fcntl, os, struct
file = open("records", "w+")
file.write("x" * 100)
file.flush()
fcntl.lockf(file, fcntl.LOCK_EX, 10, 0)
def child(start):
    pid = os.fork()
    if pid == 0:
        other = open("records", "r+")
        try:
            fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, start)
            os._exit(0)
        except OSError:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(child(0), child(5), child(10))
fcntl.lockf(file, fcntl.LOCK_UN, 10, 0)
print(child(0))
PY
}

look() { cat count; }
