# Packed and unpacked by tar and cpio, and compared.
# needs: tar cpio gzip
# fast
# user
# dates: ^(one|two|three)|^four/(folder|large|Папка|sparse)
# differing: \.(tar|tgz|cpio)$

work() {
  source "$SCENES/tree.bash"
  make_tree "$OUTSIDE/source"
  tar c -C "$OUTSIDE/source" . | tar x -p --one-top-level=one
  tar d -C one -f <(tar c -C "$OUTSIDE/source" .)
  tar czf all.tgz -C one .
  tar czf sorted.tgz --sort=name -C one .
  mkdir two three four
  tar xpf all.tgz -C two
  tar xpf sorted.tgz -C three
  tar dpf all.tgz -C three
  tar cf all.tar -C one .
  tar rf all.tar -C one large
  tar --delete -f all.tar ./large
  tar tf all.tar | sort
  tar xpf all.tar -C two
  (cd one && find . -depth -print0 | cpio -0 -o -H newc --quiet) >all.cpio
  (cd four && cpio -idm --quiet --no-absolute-filenames) <all.cpio
}

look() {
  local folder
  for folder in two three; do tar df all.tgz -C "$folder"; done
  find one two three four -printf '%p %y %m %s %l\n' | awk '/ d /{$4=""} {print}' | sort
}
