# shellcheck shell=bash
# Mounts, as the kernel lists them: looking at a mount itself could hang. Sourced, never run.

# Mount points at or under a folder, deepest first, one a line. Names with a newline are never ours and are skipped.
mounts_under() {
  local folder=$1 fields point
  while read -r -a fields; do
    printf -v point '%b' "${fields[4]//\\/\\0}"
    case $point in
      *$'\n'*) ;;
      "$folder" | "$folder"/*) printf '%s\n' "$point" ;;
    esac
  done </proc/self/mountinfo | sort -r
}

# True when a mount's process is gone: the kernel answers at once, "Transport endpoint is not connected".
is_dead_mount() {
  [[ $(LC_ALL=C timeout 5 stat -- "$1" 2>&1) == *'not connected'* ]]
}

# Takes a mount away, whatever its process does: what waits for an answer gets an error.
detach_mount() {
  local point=$1 device abort
  device=$(awk -v point="$point" '$5 == point { device = $3 } END { print device }' /proc/self/mountinfo)
  abort=/sys/fs/fuse/connections/${device#*:}/abort
  if [[ -w $abort ]]; then echo 1 >"$abort"; fi
  fusermount3 -uz -- "$point" 2>/dev/null || umount -l -- "$point" 2>/dev/null
}

# Processes that were started with TMPDIR at or under a folder; grep must not find itself.
processes_of() {
  local file
  TMPDIR="" grep -lszE -- "^TMPDIR=$1(/|\$)" /proc/[0-9]*/environ | while IFS=/ read -r _ _ file _; do printf '%s\n' "$file"; done
}

# Ends what was left behind: processes whose TMPDIR lay at or under a folder, mounts there. What is just about to end
# by itself gets two seconds. Fails when there was anything.
clear_leftovers() {
  local folder=$1 pid mount words left=0
  for _ in {1..20}; do
    if [[ -z $(processes_of "$folder")$(mounts_under "$folder") ]]; then return 0; fi
    sleep 0.1
  done
  for pid in $(processes_of "$folder"); do
    words=$(tr '\0' ' ' <"/proc/$pid/cmdline") 2>/dev/null
    if [[ -z $words ]]; then continue; fi # it has ended, only its parent has not asked yet
    echo "left behind: process $pid: $words" >&2
    kill -KILL "$pid"
    left=1
  done
  while read -r mount; do
    echo "left behind: mount $mount" >&2
    detach_mount "$mount"
    left=1
  done < <(mounts_under "$folder")
  return $left
}
