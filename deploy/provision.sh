#!/usr/bin/env bash
# From a fresh Raspberry Pi OS (bookworm or trixie, 64-bit) to a running kiosk.
#
#   provision.sh [OPTIONS] HOST      over ssh, as a user who may use sudo without a password (or root)
#   provision.sh [OPTIONS] --local   on the Pi itself
#
#   --input WHAT            where pictures come from: picamera (default), camera:0, an address, ...
#   --display               also show the kiosk's page on the Pi's own screen (cage and Chromium)
#   --network none|lan|any  whom the kiosk may talk to besides itself; default: as it is, at first none
#   --allowed-signers FILE  who may sign bundles for this kiosk (OpenSSH's format)
#   --bundle DIR            first bundle, signed; default: the one in the package
#   --wheel FILE            take this wheel; default: build it here
#   --extras NAMES          extras of the package, default: as they are, at first kiosk,web; also mqtt, onnx
#   --password-file FILE    its first line becomes the operator's password of the web page
#   --offline               the Pi has no internet: fetch its wheels here and copy them over
#   --dry-run               say what would be done, change nothing
#   --uninstall [--purge]   take the kiosk away; with --purge its people, events and settings too
#
# Run it again whenever it was cut off, or for a newer version: it changes only what is not so yet,
# leaves network, extras and screen as they are where no option names them, and goes back to the
# version before if the kiosk does not start.
# RECONOCIAS_SSH is the ssh command (default: ssh), PYTHON the Python here that builds and fetches
# wheels (default: python3).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
python=${PYTHON:-python3}
remote_payload=/var/tmp/reconocias-provision

host="" password_file="" wheel="" signers="" bundle="" extras="" local_machine=no offline=no
dry_run=no uninstall=no
setup_options=()

parse_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage; exit 0 ;;
      --local) local_machine=yes ;;
      --dry-run) dry_run=yes; setup_options+=("$1") ;;
      --display | --purge) setup_options+=("$1") ;;
      --uninstall) uninstall=yes; setup_options+=("$1") ;;
      --offline) offline=yes; setup_options+=("$1") ;;
      --input | --network | --extras | --allowed-signers | --bundle | --wheel | --password-file)
        need_value "$1" $#
        take_value "$1" "$2"
        shift
        ;;
      -*) fail "unknown option $1; see --help" ;;
      *) [ -z "$host" ] || fail "expected one host, found $host and $1"; host=$1 ;;
    esac
    shift
  done
  if [ "$local_machine" = yes ]; then
    [ -z "$host" ] || fail "expected a host or --local, found both"
    [ "$offline" = no ] || fail "--offline: expected a host that wheels are fetched for, found --local"
  else
    [ -n "$host" ] || misused
  fi
}

# Before anything is done: the password is set at the end.
check_password() {
  [ -s "$2" ] || fail "$1: expected a file with a password, found no $2"
  local password
  password=$(head -n 1 "$2")
  [ "${#password}" -ge 10 ] || fail "$1: expected a password of at least 10 characters, found ${#password} in $2"
}

take_value() {
  case $1 in
    --allowed-signers) need_file "$1" "$2"; signers=$2 ;;
    --bundle) [ -f "$2/manifest.json" ] || fail "$1: expected a bundle, found no $2/manifest.json"; bundle=$2 ;;
    --wheel) need_file "$1" "$2"; wheel=$2 ;;
    --extras) extras=$2; setup_options+=("$1" "$2") ;;
    --password-file) check_password "$1" "$2"; password_file=$2 ;;
    *) setup_options+=("$1" "$2") ;;
  esac
}

# Run a command on the machine that becomes a kiosk.
there() {
  if [ "$local_machine" = yes ]; then
    bash -c "$1"
  else
    # shellcheck disable=SC2086,SC2029  # the ssh command may have options; $1 is meant for there
    $ssh_command "$host" "$1"
  fi
}

as_root() {
  there "if [ \$(id -u) = 0 ]; then $1; else sudo $1; fi"
}

# Everything that setup.sh works with, in one folder.
fill_payload() {
  mkdir -p "$payload/wheel" "$payload/wheels"
  cp -r "$here/device" "$here/lib.sh" "$here/config.example.toml" "$payload/"
  [ "$uninstall$dry_run" = nono ] || return 0
  if [ -n "$wheel" ]; then
    cp "$wheel" "$payload/wheel/"
  else
    "$python" -m pip --version >/dev/null 2>&1 \
      || fail "expected pip for $python, found none; apt-get install python3-pip, or set PYTHON to one that has it"
    echo "building the wheel"
    "$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$payload/wheel" "$here/.."
  fi
  [ -z "$signers" ] || cp "$signers" "$payload/allowed_signers"
  [ -z "$bundle" ] || cp -r "$bundle" "$payload/bundle"
  [ "$offline" = no ] || fetch_wheels
}

fetch_wheels() {
  local cache machine version wanted=$extras
  [ -n "$wanted" ] || wanted=$(there "cat $opt/current/extras 2>/dev/null || echo $default_extras")
  { read -r machine && read -r version; } \
    < <(there 'uname -m; python3 -c "import sys; print(*sys.version_info[:2], sep=chr(46))"')
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/reconocias/wheels-$machine-$version
  echo "fetching wheels for Python $version on $machine"
  # shellcheck disable=SC2086  # the extras are words
  PYTHON=$python bash "$here/wheelhouse.sh" "$payload"/wheel/*.whl "$version" "$machine" "$cache" ${wanted//,/ }
  rm -f "$cache"/reconocias-*.whl
  cp -rl "$cache/." "$payload/wheels/" 2>/dev/null || cp -r "$cache/." "$payload/wheels/"
}

send_payload() {
  echo "copying to $host"
  rsync --recursive --links --times --checksum --partial --delete --chmod=D755,F644 --rsh="$ssh_command" \
    "$payload/" "$host:$remote_payload/"
}

run_setup() { # FOLDER
  local command="bash $1/device/setup.sh" option
  for option in "${setup_options[@]}"; do
    command+=" $(printf %q "$option")"
  done
  as_root "$command"
}

# Through standard input alone: it stands in no file and no list of processes on the way.
set_password() {
  [ -n "$password_file" ] && [ "$dry_run$uninstall" = nono ] || return 0
  head -n 1 "$password_file" | there "reconocias web password --stdin"
  if there "systemctl cat $display_unit >/dev/null 2>&1"; then # it was let in before the password
    as_root "systemctl try-restart $display_unit"
  fi
}

parse_options "$@"
payload=$(mktemp -d)
chmod 755 "$payload" # the service's user reads the bundle in it
trap 'rm -rf "$payload"' EXIT
if [ "$local_machine" = no ]; then
  there true || fail "expected to reach $host by: $ssh_command $host"
  # shellcheck disable=SC2016  # expanded there
  there '[ "$(id -u)" = 0 ] || sudo -n true' 2>/dev/null \
    || fail "expected sudo without a password on $host; sudo visudo there, or come as root"
  there 'command -v rsync >/dev/null' || fail "expected rsync on $host; sudo apt-get install rsync"
fi
fill_payload
if [ "$local_machine" = yes ]; then
  run_setup "$payload"
else
  send_payload
  run_setup "$remote_payload"
  there "rm -rf $remote_payload"
fi
set_password
