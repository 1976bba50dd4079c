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
ssh_command=${RECONOCIAS_SSH:-ssh}

usage() { awk 'NR > 1 && /^set/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; }
fail() { echo "backup: error: $1" >&2; exit 2; }

case ${1-} in --help | -h) usage; exit 0 ;; esac
[ $# = 2 ] || { usage >&2; exit 2; }
host=$1 file=$2

# Runs there, between single quotes: it has none.
copy() {
  was=$(systemctl is-active reconocias)
  trap finish EXIT
  trap "exit 1" HUP INT TERM
  systemctl stop reconocias && tar -C /var/lib -czf - reconocias
}

finish() {
  code=$?
  case $was in
    active | activating | reloading) systemctl start reconocias || [ $code != 0 ] || code=3 ;;
  esac
  exit $code
}

umask 077 # faces are in it
draft=$file.part
trap 'rm -f "$draft"' EXIT
code=0
# shellcheck disable=SC2016,SC2086  # the ssh command has options; root may have no sudo there
$ssh_command "$host" '$([ "$(id -u)" = 0 ] || echo sudo -n) bash -c '"'$(declare -f copy finish); copy'" \
  </dev/null >"$draft" || code=$?
[ $code = 0 ] || [ $code = 3 ] || fail "$host: the copy failed (exit code $code), and $file was not written"
tar -tzf "$draft" >/dev/null || fail "$host: the copy is not whole, and $file was not written"
mv -f "$draft" "$file"
[ $code = 0 ] || fail "$host: $file is whole, but the kiosk does not start again; see reconocias doctor there"
echo "$file: $(wc -c <"$file" | tr -d ' ') bytes of $host"
