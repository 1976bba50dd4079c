#!/usr/bin/env bash
# Copy a kiosk's people, samples, events, models and passwords into one file here.
#
#   backup.sh HOST FILE     e.g. backup.sh pi@kiosk-hall.local kiosk-hall.tgz
#
# The kiosk stops meanwhile, and starts again whatever happens if it ran. FILE is there once it is whole; one
# that was there before stays until then. restore.sh brings it back.
# RECONOCIAS_SSH is the ssh command (default: ssh). A user other than root needs sudo without a
# password there.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

host_and_file "$@"

# Runs there, between single quotes: it has none.
copy() {
  was=$(systemctl is-active "$kiosk_unit")
  trap finish EXIT
  trap "exit 1" HUP INT TERM
  systemctl stop "$kiosk_unit" && tar -C "${state%/*}" -czf - "${state##*/}"
}

finish() {
  code=$?
  case $was in
    active | activating | reloading) systemctl start "$kiosk_unit" || [ $code != 0 ] || code=3 ;;
  esac
  exit $code
}

umask 077 # faces are in it
draft=$file.part
trap 'rm -f "$draft"' EXIT
code=0
root_there "$host" "$(declare -p state kiosk_unit; declare -f copy finish); copy" </dev/null >"$draft" || code=$?
[ $code = 0 ] || [ $code = 3 ] || fail "$host: the copy failed (exit code $code), and $file was not written"
tar -tzf "$draft" >/dev/null || fail "$host: the copy is not whole, and $file was not written"
mv -f "$draft" "$file"
[ $code = 0 ] || fail "$host: $file is whole, but the kiosk does not start again; see reconocias doctor there"
echo "$file: $(wc -c <"$file" | tr -d ' ') bytes of $host"
