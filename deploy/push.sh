#!/usr/bin/env bash
# Put a model bundle on devices, or see and undo what is on them. Needs ssh and rsync only.
#
#   push.sh [OPTIONS] BUNDLE HOST...     send a bundle; each device keeps it or goes back by itself
#   push.sh [OPTIONS] --status HOST...   which bundle each device serves, and how it is
#   push.sh [OPTIONS] --rollback HOST... back to the bundle before
#
#   --inventory FILE   hosts, one a line; what follows a # is a comment
#   --canary N         the first N hosts first, and the others only if all of these thrive
#   --parallel N       so many hosts at once (default 4)
#   --frames N         healthy frames after which a device keeps the bundle (default 30)
#   --patience S       seconds that it waits for them (default 60)
#   --allowed-signers FILE  who may sign; default: any sound signature passes here, not on the devices
#
# Exit code: 0 every device did as asked, 1 some did not (the table says why), 2 nothing was tried.
# RECONOCIAS_SSH is the ssh command (default: ssh). A user other than root needs sudo without a
# password on the devices.
set -uo pipefail

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

ssh_command+=" -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3"
lost=255 # what ssh ends with when there is no connection, or no more

action=push canary=0 parallel=4 frames=30 patience=60 signers="" bundle=""
hosts=()

parse_options() {
  local words=()
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage; exit 0 ;;
      --status) action=status ;;
      --rollback) action=rollback ;;
      --inventory | --canary | --parallel | --frames | --patience | --allowed-signers)
        need_value "$1" $#
        take_value "$1" "$2"
        shift
        ;;
      -*) fail "unknown option $1; see --help" ;;
      *) words+=("$1") ;;
    esac
    shift
  done
  if [ "$action" = push ]; then
    [ ${#words[@]} -gt 0 ] || misused
    bundle=${words[0]%/}
    words=("${words[@]:1}")
  fi
  hosts+=("${words[@]}")
  [ ${#hosts[@]} -gt 0 ] || fail "expected hosts, found none; name them or give --inventory"
  local twice
  twice=$(printf '%s\n' "${hosts[@]}" | sort | uniq -d | head -n 1)
  [ -z "$twice" ] || fail "expected each host once, found $twice twice"
}

take_value() {
  case $1 in
    --inventory)
      need_file "$1" "$2"
      local listed=()
      mapfile -t listed < <(sed 's/#.*//' "$2" | tr -s '[:space:]' '\n' | sed '/^$/d')
      hosts+=("${listed[@]}")
      ;;
    --allowed-signers) need_file "$1" "$2"; signers=$2 ;;
    *)
      [[ $2 =~ ^[0-9]+$ ]] || fail "$1: expected a number, found $2"
      [ "$1" = --canary ] || [ "$2" -gt 0 ] || fail "$1: expected a number above 0, found $2"
      printf -v "${1#--}" %s "$2"
      ;;
  esac
}

# What can be told without Python; with reconocias at hand, all that a device would check.
check_bundle() {
  local manifest=$bundle/manifest.json signature=$bundle/manifest.json.sig
  [ -f "$manifest" ] || fail "$bundle: expected a bundle, found no manifest.json in it"
  [ -f "$signature" ] || fail "$bundle: expected manifest.json.sig, found none; sign it"
  if [ -n "$signers" ]; then
    local signer
    signer=$(ssh-keygen -Y find-principals -f "$signers" -s "$signature" 2>/dev/null | head -n 1)
    [ -n "$signer" ] || fail "$bundle: expected a signer that $signers lists, found another"
    ssh-keygen -Y verify -f "$signers" -I "$signer" -n "$signature_namespace" -s "$signature" \
      <"$manifest" >/dev/null 2>&1 || fail "$bundle: the signature does not fit the manifest"
    if command -v reconocias >/dev/null; then
      reconocias bundle verify "$bundle" --allowed-signers "$signers" >/dev/null || exit 2
    fi
  else
    ssh-keygen -Y check-novalidate -n "$signature_namespace" -s "$signature" <"$manifest" \
      >/dev/null 2>&1 || fail "$bundle: the signature does not fit the manifest"
  fi
  digest=$(sha256_of "$manifest")
  bytes=$(cat "$bundle"/* | wc -c | tr -d ' ') # a bundle has no folders
  [ -n "$digest" ] || fail "$bundle: expected its hash, found none; is there sha256sum or shasum?"
  [ "${bytes:-0}" -gt 0 ] || fail "$bundle: expected its size, found none"
}

sha256_of() { # FILE; macOS has shasum alone
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# device HOST COMMAND: the last line that it prints there; exit code as there, 255 without connection
device() {
  local said code
  # shellcheck disable=SC2086,SC2029  # the ssh command has options; $2 is meant for there
  said=$($ssh_command "$1" "$2" 2>&1 </dev/null)
  code=$?
  sed '/^$/d' <<<"$said" | tail -n 1
  return $code
}

# report HOST RESULT REASON: one row of the table
report() { printf '%s\t%s\n' "$2" "$3" >"$results/$1"; }

# report_line HOST LINE: a row of "RESULT: REASON", as reconocias rollout prints it
report_line() {
  local line=${2#reconocias: error: }
  if [ "$line" = "$2" ] && [[ $line == *": "* ]]; then
    report "$1" "${line%%: *}" "${line#*: }"
  else
    report "$1" failed "$line"
  fi
}

push_one() {
  local host=$1 line code
  line=$(device "$host" "reconocias rollout check --bytes $bytes")
  code=$?
  case $code in
    0) ;;
    "$lost") report "$host" offline "$line"; return ;;
    127) report "$host" failed "expected a provisioned kiosk; see provision.sh"; return ;;
    *) report_line "$host" "$line"; return ;;
  esac
  line=$(send "$host" 2>&1)
  code=$?
  if [ $code != 0 ]; then
    report "$host" "not sent" "$(grep -m 1 . <<<"$line") (rsync $code)" # the first is the cause
    return
  fi
  line=$(device "$host" "reconocias rollout take $incoming --frames $frames --patience $patience")
  code=$?
  if [ $code = "$lost" ]; then
    report_after_cut "$host"
  else
    report_line "$host" "$line"
  fi
}

# Only what changed since the last bundle; a transfer that was cut goes on where it stopped. What is
# there is nothing but a copy: the device serves its own, and takes this one as a whole or not at all.
send() {
  rsync --recursive --times --checksum --delete --partial --chmod=D755,F644 --timeout=30 \
    --rsh="$ssh_command" --rsync-path="$sudo_there rsync" \
    "$bundle/" "$1:$incoming/" </dev/null
}

# The device went on by itself: ask it how that ended.
report_after_cut() {
  local line code deadline=$((SECONDS + patience * 2 + 30))
  while [ $SECONDS -lt $deadline ]; do
    sleep 1
    line=$(device "$1" "reconocias rollout last --of $digest")
    code=$?
    if [ $code != $lost ]; then
      report_line "$1" "$line"
      return
    fi
  done
  report "$1" lost "the connection was cut, and the device is not reached since; see --status"
}

rollback_one() {
  local line code
  line=$(device "$1" "reconocias rollout back --frames $frames --patience $patience")
  code=$?
  if [ $code = "$lost" ]; then report "$1" offline "$line"; else report_line "$1" "$line"; fi
}

status_one() {
  local line code
  line=$(device "$1" "reconocias rollout status")
  code=$?
  if [ $code = "$lost" ]; then report "$1" offline "$line"; else report_line "$1" "$line"; fi
}

# share_connections FOLDER: one connection to each host for all that is done there, kept a minute at most
share_connections() {
  ssh_command+=" -o ControlMaster=auto -o ControlPath=$1/%C -o ControlPersist=60"
}

serve() { # HOST
  "${action}_one" "$1"
  # shellcheck disable=SC2086  # the ssh command has options
  $ssh_command -O exit "$1" >/dev/null 2>&1
}

# Do what was asked for on hosts, so many at once.
on_each() {
  local host running=0
  for host in "$@"; do
    if [ $running -ge "$parallel" ]; then
      wait -n || true
      running=$((running - 1))
    fi
    serve "$host" &
    running=$((running + 1))
  done
  wait
}

all_well() {
  local host
  for host in "$@"; do
    grep -qE '^(committed|unchanged|healthy)	' "$results/$host" 2>/dev/null || return 1
  done
}

table() {
  local host result reason
  printf '%-24s %-12s %s\n' host result reason
  for host in "${hosts[@]}"; do
    IFS=$'\t' read -r result reason <"$results/$host"
    printf '%-24s %-12s %s\n' "$host" "$result" "$reason"
  done
}

parse_options "$@"
[ "$action" != push ] || check_bundle
results=$(mktemp -d /tmp/push.XXXXXX) # a socket's name may have about a hundred characters
trap 'rm -rf "$results"' EXIT
share_connections "$results"
[ "$action" != status ] || canary=0

first=("${hosts[@]:0:canary}") rest=("${hosts[@]:canary}")
on_each "${first[@]}"
if all_well "${first[@]}"; then
  on_each "${rest[@]}"
else
  for host in "${rest[@]}"; do
    report "$host" "not tried" "a canary failed"
  done
fi
table
all_well "${hosts[@]}"
