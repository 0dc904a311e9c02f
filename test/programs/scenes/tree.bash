# A small tree of all that a folder can hold here, with dates of its own.
make_tree() (
  mkdir -p "$1/folder/deep" "$1/Папка" "$1/closed"
  cd "$1"
  printf 'text\n' >folder/deep/text
  printf '#!/bin/sh\necho run\n' >folder/run
  if [[ -n ${SHORT:-} ]]; then seq 1 20000; else seq 1 150000; fi >large
  : >empty
  printf 'Привет\n' >'Папка/Заметка ☃.txt'
  printf 'x' >$' a name\nof two lines '
  printf 'secret' >closed/secret
  truncate -s 300000 sparse
  printf 'end' >>sparse
  ln -s folder/deep/text link
  ln -s /nowhere/at/all broken
  ln -s folder link-to-folder
  chmod 755 folder/run
  chmod 444 empty
  chmod 600 closed/secret
  chmod 700 closed
  touch -d '2020-05-06 07:08:09.123456789' folder/deep/text
  touch -d '1970-01-02 23:59:58.25' folder/run
  touch -d '2026-01-19 03:14:08' large
  touch -d '1999-12-31 23:59:59.999999999' 'Папка/Заметка ☃.txt'
  touch -d '2012-03-04 05:06:07' empty closed/secret sparse $' a name\nof two lines '
  touch -h -d '2010-01-01 00:00:00.5' link broken link-to-folder
  find . -depth -type d -exec touch -d '2015-06-07 08:09:10.111' {} +
)
