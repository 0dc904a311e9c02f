# Python's own library: archives, shelves, databases, temporary files, copies, rotated logs.
# needs: python3
# user
# differing: \.(pyc|pickle)$|shelf|\.zip$

work() {
  python3 -B - <<'PY'
import compileall, dbm.dumb, json, logging.handlers, mailbox, mmap, os, pathlib, shelve, shutil, sqlite3, tempfile, zipfile

with zipfile.ZipFile("all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for n in range(20):
        archive.writestr(f"file{n}.txt", f"text {n}\n" * 100)
with zipfile.ZipFile("all.zip", "a") as archive:
    archive.writestr("late.txt", "late")
    print(archive.testzip(), len(archive.namelist()))
    archive.extractall("out")

with shelve.open("shelf") as shelf:
    for n in range(200):
        shelf[f"key {n}"] = list(range(n))
    del shelf["key 7"]
with shelve.open("shelf", writeback=True) as shelf:
    shelf["key 8"].append("more")
with dbm.dumb.open("dumb", "c") as base:
    for n in range(50):
        base[f"k{n}"] = f"v{n}"

pathlib.Path("settings.json").write_text(json.dumps({"a": 1}))
for n in range(10):
    with tempfile.NamedTemporaryFile("w", dir=".", delete=False) as new:
        json.dump({"a": n}, new)
        new.flush()
        os.fsync(new.fileno())
    os.replace(new.name, "settings.json")
    folder = os.open(".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)

with tempfile.TemporaryDirectory(dir=".") as folder:
    with tempfile.TemporaryFile(dir=folder) as nameless:
        nameless.write(b"nameless" * 10000)
        nameless.seek(8)
        print(nameless.read(8))

log = logging.getLogger("scene")
log.addHandler(logging.handlers.RotatingFileHandler("rotated.log", maxBytes=400, backupCount=3))
for n in range(60):
    log.warning("line %d", n)

shutil.copytree("out", "copied")
shutil.move("copied", "moved")
shutil.make_archive("packed", "gztar", "moved")
shutil.rmtree("moved")

box = mailbox.Maildir("mail")
for n in range(5):
    box.add(f"Subject: {n}\n\ntext\n")
print(len(box))
shutil.rmtree("mail")
box = mailbox.mbox("mbox")
box.lock()
for n in range(5):
    box.add(f"From: a@example.org\nSubject: {n}\n\ntext\n")
box.unlock()
box.close()

base = sqlite3.connect("base.db")
base.execute("create table t (x)")
base.executemany("insert into t values (?)", [(n,) for n in range(1000)])
base.commit()
base.close()

with open("mapped", "w+b") as file:
    file.truncate(20000)
    with mmap.mmap(file.fileno(), 0) as mapped:
        mapped[5000:5006] = b"mapped"
        mapped.resize(30000)
        mapped[29990:29996] = b"longer"
os.makedirs("modules")
for n in range(5):
    pathlib.Path(f"modules/m{n}.py").write_text(f"value = {n}\n")
compileall.compile_dir("modules", quiet=1)
PY
  PYTHONPATH=modules python3 -c 'import m1, m2; print(m1.value + m2.value)'
  rm -f mbox packed.tar.gz
}

look() {
  python3 -B - <<'PY'
import dbm.dumb, shelve, sqlite3, zipfile
print(len(zipfile.ZipFile("all.zip").namelist()))
with shelve.open("shelf", "r") as shelf:
    print(len(shelf), shelf["key 8"], "key 7" in shelf)
with dbm.dumb.open("dumb", "r") as base:
    print(len(base))
base = sqlite3.connect("base.db")
print(base.execute("pragma integrity_check").fetchall(), base.execute("select sum(x) from t").fetchall())
PY
  cat settings.json rotated.log*
}
