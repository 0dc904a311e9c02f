# tail -f sees what is appended, and what takes the name.
# needs: tail
# user

work() {
  : >log
  tail -n +1 -F log >"$OUTSIDE/seen" 2>/dev/null &
  local tail=$!
  wait_for() { until grep -q "^$1\$" "$OUTSIDE/seen"; do sleep 0.05; done; }
  local i
  for i in {1..30}; do echo "line $i" >>log; done
  wait_for 'line 30'
  exec 5>>log
  echo 'held open' >&5
  wait_for 'held open'
  mv log log.1
  echo 'still the old one' >&5
  echo 'the new one' >log
  wait_for 'the new one'
  exec 5>&-
  echo last >>log
  wait_for last
  kill "$tail"
  wait "$tail" 2>/dev/null || true
  # It may have turned away from the old one before that was written.
  grep -v old "$OUTSIDE/seen"
  # Until a program ends.
  sleep 1 &
  local short=$!
  echo more >>log
  tail -n 1 -f --pid="$short" log
  wait "$short"
}

look() { head -n 50 log log.1; }
