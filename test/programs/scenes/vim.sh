# Saves of vim in all its manners, at a terminal.
# needs: vim tmux
# differing: \.un~$
# differing: ^(nothing)$

work() {
  local manner
  source "$SCENES/terminal.bash"
  for manner in backupcopy=yes backupcopy=no backupcopy=auto 'backup writebackup' undofile fsync 'nowritebackup noswapfile'; do
    printf 'one\ntwo\n' >"${manner%% *}.txt"
    chmod 640 "${manner%% *}.txt"
    edit "vim -u NONE -N --cmd 'set $manner' -- '${manner%% *}.txt'" Othree Escape ':w' Enter ofour Escape ':wq' Enter
  done
  ln -s fsync.txt link.txt
  edit "vim -u NONE -N -- link.txt" Gofive Escape ':x' Enter
  edit "vim -u NONE -N -- new.txt" isix Escape ':wq' Enter
  # Killed with a swap file, which another one recovers from.
  printf 'safe\n' >swapped.txt
  tmux -L scene -f /dev/null new-session -d -x 80 -y 24 "vim -u NONE -N --cmd 'set updatecount=1' -- swapped.txt"
  settle
  tmux -L scene send-keys -l 'ounsaved'
  tmux -L scene send-keys Escape
  until grep -aq unsaved .swapped.txt.swp; do sleep 0.1; done
  kill -KILL "$(tmux -L scene list-panes -F '#{pane_pid}')"
  ended
  vim -u NONE -N -es -r swapped.txt -c ':wq' >/dev/null 2>&1 || true
  rm -f .swapped.txt.sw?
  cat swapped.txt
}

look() {
  ls -A
  tail -n +1 -- *.txt
}
