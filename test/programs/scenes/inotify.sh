# Changes that are made here are told by inotify.
# needs: inotifywait
# user

work() {
  mkdir watched
  inotifywait -mq -r -e create,close_write,moved_from,moved_to,delete,attrib,modify --format '%e %w%f' watched >"$OUTSIDE/told" 2>/dev/null &
  local watcher=$!
  until inotify_is_set "$watcher"; do sleep 0.05; done
  echo text >watched/new
  mv watched/new watched/moved
  chmod 600 watched/moved
  touch watched/moved
  mkdir watched/folder
  rm watched/moved
  rmdir watched/folder
  echo end >watched/end
  until grep -q 'CLOSE_WRITE.* watched/end' "$OUTSIDE/told"; do sleep 0.05; done
  kill "$watcher"
  wait "$watcher" 2>/dev/null || true
  # An event more or less of one kind does not matter.
  uniq "$OUTSIDE/told"
}

inotify_is_set() { grep -qs '^inotify' "/proc/$1/fdinfo/"*; }
