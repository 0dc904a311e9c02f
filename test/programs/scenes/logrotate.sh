# logrotate: by a new file, and by a copy that empties the old one, while a program writes on.
# needs: logrotate
# differing: \.gz$

work() {
  local i
  cat >"$OUTSIDE/rules" <<RULES
"$PWD/created.log" { rotate 3
size 1
create 0640
compress
delaycompress
missingok }
"$PWD/copied.log" { rotate 3
size 1
copytruncate
dateext
dateformat .%s
missingok }
RULES
  chmod 600 "$OUTSIDE/rules"
  exec 5>>copied.log 6>>created.log
  for i in 1 2 3; do
    echo "copied $i" >&5
    echo "created $i" >&6
    logrotate -f -s "$OUTSIDE/status" "$OUTSIDE/rules"
    echo "late $i" >&6
    exec 6>>created.log
    sleep 1.1
  done
  exec 5>&- 6>&-
  local number=0 file
  for file in copied.log.*; do mv "$file" "copied-$((++number)).log"; done
}

look() {
  stat -c '%n %a' -- *
  zcat -f -- *
}
