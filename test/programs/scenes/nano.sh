# Saves of nano, plain and with a backup, at a terminal.
# needs: nano tmux

work() {
  source "$SCENES/terminal.bash"
  printf 'one\n' >plain.txt
  printf 'one\n' >backup.txt
  chmod 600 backup.txt
  edit 'nano -I plain.txt' 'two ' C-o Enter 'three ' C-o Enter C-x
  edit 'nano -I -B backup.txt' 'two ' C-o Enter C-x
  edit 'nano -I -G new.txt' 'text' C-o Enter C-x
}

look() {
  ls -A
  tail -n +1 -- *.txt*
}
