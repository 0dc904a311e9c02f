# zip and unzip: made, added to, freshened, something deleted from it.
# needs: zip unzip
# dates: ^(out|again)/(folder/|large|closed|Папка/)
# differing: \.zip$

work() {
  source "$SCENES/tree.bash"
  make_tree "$OUTSIDE/source"
  # unzip leaves out what it does not like in a name.
  rm "$OUTSIDE/source/"*$'\n'*
  cp -a "$OUTSIDE/source" tree
  (cd tree && zip -qry ../all.zip .)
  unzip -tq all.zip
  unzip -q all.zip -d out
  diff -r --no-dereference tree out
  printf 'added\n' >added.txt
  zip -q all.zip added.txt
  zip -qd all.zip large
  printf 'changed\n' >>added.txt
  touch -d '2030-01-01' added.txt
  zip -qf all.zip
  unzip -qo all.zip -d again
  (cd "$OUTSIDE/source" && zip -qr - .) >piped.zip
  unzip -tq piped.zip
}

look() {
  unzip -tq all.zip
  unzip -l all.zip | awk '{print $1, $4, $5}' | sort
}
