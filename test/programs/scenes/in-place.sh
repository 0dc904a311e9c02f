# Files changed where they are, and written by redirection, install, dd, truncate and split.
# needs: sed perl patch
# fast
# user

work() {
  seq 1 20000 >numbers
  sed -i 's/^7$/seven/' numbers
  sed -i.before 's/^8$/eight/' numbers
  sed -n 's/^9$/nine/w ninth' numbers
  perl -pi -e 's/^10$/ten/' numbers
  perl -pi.perl -e 's/^11$/eleven/' numbers
  chmod 640 numbers
  sed -i '1d' numbers
  stat -c '%a %s' numbers
  sort -rn -o numbers numbers
  shuf --random-source=<(yes) -o shuffled numbers
  cp numbers old
  sed -i 's/^500$/five hundred/' numbers
  diff -u --label old --label numbers old numbers >change.patch || true
  patch -s old change.patch
  cmp old numbers
  for i in {1..40}; do echo "line $i" >>appended; done
  echo tee | tee -a appended >/dev/null
  install -m 751 -D numbers bin/installed
  install -m 600 appended bin/installed-too
  install -d -m 711 made/by/install
  stat -c '%a %n' bin/* made/by/install
  dd if=numbers of=dd-synced bs=4096 conv=fsync status=none
  dd if=numbers of=dd-data-synced bs=4096 oflag=append conv=fdatasync,notrunc status=none
  dd if=/dev/zero of=dd-synced bs=1 count=5 seek=100000 conv=notrunc,fsync status=none
  dd if=numbers of=dd-direct bs=4096 oflag=dsync count=4 status=none
  dd if=dd-synced of=dd-swapped conv=swab status=none
  truncate -s 10 ninth
  truncate -s +5K ninth
  truncate -s 0 old
  truncate -s %4096 appended
  split -l 3000 numbers part-
  cat part-* | cmp - numbers
  csplit -s -f cut- numbers 100 2000
  sync numbers
  sync -f .
  : >numbers.before
  # Read while it is written, and written to by what has it open already.
  exec 3<>held
  echo first >&3
  rm held
  echo second >&3
  exec 4<"/proc/$$/fd/3"
  cat <&4
  exec 3>&- 4<&-
  { echo one; mv log log.old; echo two; } >log
  echo new >log
  mktemp -p . made.XXXXXX >/dev/null
  rename_all made.* made.final
  seq 100000 >secret
  shred -u -n 1 secret
  [[ ! -e secret ]]
}

rename_all() { mv "$1" "$2"; }

look() {
  find . -type f -print0 | sort -z | xargs -0 md5sum | grep -v made\\.
  cat log log.old
}
