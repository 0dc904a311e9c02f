# Copies and moves of coreutils.
# fast
# user
# dates: ^(one|two|three|moved|up|in/back)(/|$)|^large-with-date$

work() {
  source "$SCENES/tree.bash"
  make_tree "$OUTSIDE/source"
  cp -a "$OUTSIDE/source" one
  cp -a one two
  cp -a --reflink=auto --sparse=always one three
  cp -au "$OUTSIDE/source/." one
  cp -a one "$OUTSIDE/back"
  diff -r --no-dereference "$OUTSIDE/source" "$OUTSIDE/back"
  diff -r --no-dereference one three
  cp -p one/large large-with-date
  cp one/large large
  cp --reflink=auto one/large reflink
  cp --reflink=always one/large refused 2>/dev/null && exit 1
  rm -f refused
  mv two moved
  mkdir in up
  mv moved/folder in/
  mv -n one/empty in/folder/run
  mv moved/large in/folder/run
  mv in/folder/deep up/
  mv "$OUTSIDE/back" in/back
  mv three "$OUTSIDE/out"
  mv "$OUTSIDE/out" three
  ln -s ../one/large in/link
  cp -L in/link in/followed
  cp -d in/link in/as-it-is
  cp -b --suffix=.before one/large large
  touch -d '2015-06-07 08:09:10.111' one moved in up in/folder
  # Onto the same file, and a folder into itself.
  cp large large 2>/dev/null && exit 1
  mv in in/itself 2>/dev/null && exit 1
  mv one/link one/link 2>/dev/null && exit 1
  rm -r up/deep
  rm -rf moved/closed
  touch -d '2015-06-07 08:09:10.111' moved up
}

look() { find . -printf '%p %y %m %s %l\n' | awk '/ d /{$4=""} {print}' | sort; }
