#!/usr/bin/env bash
# Bring back what backup.sh copied, on the same or another provisioned kiosk, in place of what it has.
#
#   restore.sh HOST FILE    e.g. restore.sh pi@kiosk-hall.local kiosk-hall.tgz
#
# The kiosk goes on until FILE is unpacked there as a whole, which takes room for both. What it had is
# deleted once it runs with what was restored; if it does not, it gets back what it had.
# RECONOCIAS_SSH is the ssh command (default: ssh). A user other than root needs sudo without a
# password there.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

host_and_file "$@"
[ -f "$file" ] || fail "expected a backup, found no $file"
tar -tzf "$file" >/dev/null 2>&1 || fail "$file: expected a whole backup, found a damaged one or none"

# Runs there, between single quotes: it has none.
replace() {
  [ -d "$state" ] || { echo "expected a provisioned kiosk; see provision.sh" >&2; exit 1; }
  new=$(mktemp -d "$state.restore.XXXXXX") || exit 1
  stopped=no
  trap finish EXIT
  trap "exit 1" HUP INT TERM
  tar -C "$new" -xpzf - "$name" && sync || exit 1
  stopped=yes
  systemctl stop "$kiosk_unit" && mv "$state" "$new/before" && mv "$new/$name" "$state" || exit 1
  systemctl start "$kiosk_unit" || exit 3
  trap "" HUP INT TERM
  rm -rf "$new/before"
  if systemctl cat "$display_unit" >/dev/null 2>&1; then # other passwords: it has to be let in again
    systemctl --no-block try-restart "$display_unit" || true
  fi
}

finish() {
  code=$?
  if [ $code != 0 ] && [ -d "$new/before" ]; then
    systemctl stop "$kiosk_unit"
    [ ! -e "$state" ] || mv "$state" "$new/$name"
    mv "$new/before" "$state" || exit 4
  fi
  if [ $code != 0 ] && [ "$stopped" = yes ]; then
    systemctl reset-failed "$kiosk_unit" 2>/dev/null
    systemctl start "$kiosk_unit" || code=4
  fi
  rm -rf "$new"
  exit $code
}

code=0
name=${state##*/}
root_there "$host" "$(declare -p state name kiosk_unit display_unit; declare -f replace finish); replace" \
  <"$file" || code=$?
case $code in
  0) echo "$host runs with what $file had" ;;
  3) fail "$host: the kiosk does not start with $file; it has what it had before" ;;
  4) fail "$host: the kiosk does not start; see reconocias doctor there, and $state*" ;;
  *) fail "$host: not restored (exit code $code); it has what it had before" ;;
esac
