# Programs at a terminal: tmux stands for the one who types.
export TMUX_TMPDIR=$TMPDIR

# Starts an editor at a terminal and types to it; it must end by that.
edit() {
  local key
  tmux -L scene -f /dev/null new-session -d -x 80 -y 24 "$1"
  settle
  shift
  for key; do
    case $key in
      Enter | Escape | C-*) tmux -L scene send-keys "$key" ;;
      *) tmux -L scene send-keys -l -- "$key" ;;
    esac
    sleep 0.2
  done
  ended
}

# Until the editor has drawn its screen, and that does not change.
settle() {
  local before=none now=
  while [[ $before != "$now" || -z ${now//[[:space:]]/} ]]; do
    before=$now
    sleep 0.3
    now=$(tmux -L scene capture-pane -p)
  done
}

ended() {
  local i
  for i in {1..200}; do
    tmux -L scene has-session 2>/dev/null || return 0
    sleep 0.1
  done
  tmux -L scene capture-pane -p
  tmux -L scene kill-server
  return 1
}
