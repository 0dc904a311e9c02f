# Saves of emacs: backups by renaming and by copying, lock files (links to nowhere), auto-saves.
# needs: emacs tmux

work() {
  source "$SCENES/terminal.bash"
  local copying
  for copying in nil t; do
    printf 'one\n' >"$copying.txt"
    chmod 640 "$copying.txt"
    emacs -Q --batch --eval "(progn (setq backup-by-copying $copying version-control t) (find-file \"$copying.txt\")
      (goto-char (point-max)) (insert \"two\\n\") (save-buffer) (insert \"three\\n\") (save-buffer 16) (insert \"four\\n\") (save-buffer))"
  done 2>/dev/null
  emacs -Q --batch --eval '(progn (find-file "locked.txt") (insert "text\n") (lock-buffer) (princ (format "%s\n" (file-locked-p "locked.txt")))
    (do-auto-save) (save-buffer))' 2>/dev/null
  printf 'one\n' >typed.txt
  edit 'emacs -Q -nw typed.txt' 'two ' C-x C-s C-x C-c
}

look() {
  ls -A
  tail -n +1 -- *.txt*
}
