# What a file manager does by GIO: copy, move, rename; the trash is refused, and moves nothing.
# needs: gio
# alone

work() {
  source "$SCENES/tree.bash"
  make_tree "$OUTSIDE/source"
  mkdir in out
  gio copy -p "$OUTSIDE/source/large" in/
  gio copy -P "$OUTSIDE/source/link" in/
  gio copy "$OUTSIDE/source/folder/run" in/run
  gio copy in/large out/copy
  cmp "$OUTSIDE/source/large" out/copy
  [[ -L in/link && -x in/run ]]
  gio move in/run out/moved
  gio rename out/moved renamed
  [[ -x out/renamed && ! -e in/run && ! -e out/moved ]]
  gio mkdir -p out/a/b
  echo saved | gio save out/saved
  gio cat out/saved
  gio info -a standard::name,standard::size out/saved | grep -E 'name|size'
  gio list -a standard::name out | sed 's/\t.*//' | sort
  gio trash out/saved 2>"$OUTSIDE/refusal" && exit 1
  cat "$OUTSIDE/refusal"
  [[ $(cat out/saved) == saved ]]
  gio trash out/a 2>/dev/null && exit 1
  [[ -d out/a/b ]]
  gio remove out/renamed
}

look() {
  local home
  find . -printf '%p %y %m\n' | sort
  home=$(cd .. && ls -A | grep -i trash) || true
  [[ -z $home ]]
}
