# A second time, nothing is copied.
# needs: rsync
# fast
# user
# dates: ^(tree|inplace)

work() {
  source "$SCENES/tree.bash"
  make_tree "$OUTSIDE/source"
  rsync -a "$OUTSIDE/source/" tree
  rsync -ai --delete "$OUTSIDE/source/" tree
  rsync -aic "$OUTSIDE/source/" tree
  # Something changed, something went.
  echo more >>"$OUTSIDE/source/folder/deep/text"
  touch -d '2021-02-03 04:05:06.789' "$OUTSIDE/source/folder/deep/text"
  rm "$OUTSIDE/source/empty"
  touch -d '2021-02-03 04:05:07' "$OUTSIDE/source"
  rsync -ai --delete "$OUTSIDE/source/" tree
  rsync -ai --delete "$OUTSIDE/source/" tree
  rsync -a tree/ "$OUTSIDE/back"
  rsync -ai "$OUTSIDE/source/" "$OUTSIDE/back"
  rsync -a --inplace --no-whole-file "$OUTSIDE/source/" inplace
  head -c 300000 /dev/zero | tr '\0' x | dd of="$OUTSIDE/source/large" bs=100000 seek=5 conv=notrunc status=none
  touch -d '2022-02-03 04:05:06.5' "$OUTSIDE/source/large"
  rsync -ai --inplace --no-whole-file "$OUTSIDE/source/" inplace
  rsync -ai --no-whole-file "$OUTSIDE/source/" tree
  rsync -ai --append-verify "$OUTSIDE/source/" tree
  cmp inplace/large tree/large
}

look() { rsync -ain --delete "$OUTSIDE/source/" tree; }
