# With --desktop-trash allow a desktop's trash works as it does elsewhere: into it, and back.
# needs: gio
# alone
# mount: --desktop-trash allow

work() {
  mkdir folder
  echo text >file
  echo inside >folder/file
  gio trash file folder
  ls -A
  local trash
  for trash in ../.Trash-*; do ls "$trash/files" "$trash/info"; done
  cat ../.Trash-*/files/file ../.Trash-*/files/folder/file
}

look() {
  ls -A
  find ../.Trash-*/files | wc -l
}
