# shellcheck shell=bash
# What the scripts say, and how. Sourced, never run.

# A line of progress: what is being looked after, then what was found or done.
say_step() { printf '%s: %-9s %s\n' "${0##*/}" "$1" "$2"; }

# Ends the script: what happened, then what to do next, a line each.
fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  shift
  local line
  for line; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# Runs a command that is only worth reading when it fails: run_quietly 'npm ci' npm ci
run_quietly() {
  local name=$1 log
  shift
  log=$(mktemp)
  if "$@" >"$log" 2>&1 </dev/null; then
    rm -f "$log"
    return
  fi
  cat "$log" >&2
  rm -f "$log"
  fail "$name failed; its own words are above"
}
