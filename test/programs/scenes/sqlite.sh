# Both journals, two writers at once, and one that is killed amid a transaction.
# needs: sqlite3
# fast
# user
# differing: \.db$

work() {
  local mode modes=(delete wal)
  if [[ -z ${SHORT:-} ]]; then modes+=(truncate persist); fi
  for mode in "${modes[@]}"; do
    sqlite3 "$mode.db" "pragma journal_mode=$mode; create table t (id integer primary key, text);"
    two_writers "$mode.db"
    sqlite3 "$mode.db" <<SQL
begin; insert into t (text) values ('taken back'); rollback;
delete from t where text like '%3';
create index i on t (text);
vacuum;
SQL
    killed_writer "$mode.db"
    sqlite3 "$mode.db" "update t set text = text || '!' where text like '%4';"
  done
  # WAL has a file that all processes map.
  sqlite3 wal.db "pragma wal_checkpoint(truncate)"
  sqlite3 wal.db .dump | sqlite3 copy.db
  sqlite3 wal.db ".backup backup.db"
  sqlite3 wal.db "vacuum into 'into.db'"
}

two_writers() {
  local writer
  for writer in one two; do
    for i in {1..5}; do echo "insert into t (text) values ('$writer $i');"; done |
      sqlite3 -cmd '.timeout 20000' "$1" &
  done
  wait -n
  wait -n
}

# A reader and a writer hold the database while the writer dies.
killed_writer() {
  local pid line
  coproc sqlite3 "$1"
  pid=$!
  echo "pragma cache_size=1; begin immediate; with recursive c(n) as (select 1 union all select n+1 from c where n < 3000)
    insert into t (text) select 'never committed ' || n from c; select 'written';" >&"${COPROC[1]}"
  read -r line <&"${COPROC[0]}"
  [[ $line == written ]]
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  sqlite3 "$1" "select 'after the kill', count(*), (select count(*) from t where text like 'never%') from t; pragma integrity_check;"
}

look() {
  local file
  for file in *.db; do
    sqlite3 "$file" "select '$file', count(*) from t; pragma integrity_check;"
    sqlite3 "$file" "select text from t order by text" | md5sum
  done
  ls
}
