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
ssh_command=${RECONOCIAS_SSH:-ssh}

usage() { awk 'NR > 1 && /^set/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; }
fail() { echo "restore: error: $1" >&2; exit 2; }

case ${1-} in --help | -h) usage; exit 0 ;; esac
[ $# = 2 ] || { usage >&2; exit 2; }
host=$1 file=$2
[ -f "$file" ] || fail "expected a backup, found no $file"
tar -tzf "$file" >/dev/null 2>&1 || fail "$file: expected a whole backup, found a damaged one or none"

# Runs there, between single quotes: it has none.
replace() {
  cd /var/lib || exit 1
  [ -d reconocias ] || { echo "expected a provisioned kiosk; see provision.sh" >&2; exit 1; }
  new=$(mktemp -d /var/lib/reconocias.restore.XXXXXX) || exit 1
  stopped=no
  trap finish EXIT
  trap "exit 1" HUP INT TERM
  tar -C "$new" -xpzf - reconocias && sync || exit 1
  stopped=yes
  systemctl stop reconocias && mv reconocias "$new/before" && mv "$new/reconocias" reconocias || exit 1
  systemctl start reconocias || exit 3
  trap "" HUP INT TERM
  rm -rf "$new/before"
  if systemctl cat reconocias-display >/dev/null 2>&1; then # other passwords: it has to be let in again
    systemctl --no-block try-restart reconocias-display || true
  fi
}

finish() {
  code=$?
  if [ $code != 0 ] && [ -d "$new/before" ]; then
    systemctl stop reconocias
    [ ! -e reconocias ] || mv reconocias "$new/reconocias"
    mv "$new/before" reconocias || exit 4
  fi
  if [ $code != 0 ] && [ "$stopped" = yes ]; then
    systemctl reset-failed reconocias 2>/dev/null
    systemctl start reconocias || code=4
  fi
  rm -rf "$new"
  exit $code
}

code=0
# shellcheck disable=SC2016,SC2086  # the ssh command has options; root may have no sudo there
$ssh_command "$host" '$([ "$(id -u)" = 0 ] || echo sudo -n) bash -c '"'$(declare -f replace finish); replace'" \
  <"$file" || code=$?
case $code in
  0) echo "$host runs with what $file had" ;;
  3) fail "$host: the kiosk does not start with $file; it has what it had before" ;;
  4) fail "$host: the kiosk does not start; see reconocias doctor there, and /var/lib/reconocias*" ;;
  *) fail "$host: not restored (exit code $code); it has what it had before" ;;
esac
