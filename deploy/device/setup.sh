#!/usr/bin/env bash
# Turn this machine into a kiosk, or take that back. Called by provision.sh, as root, with the
# folder that provision.sh filled. Every step looks first and changes only what is not so yet:
# run it again after a cut, a mistake, or for a newer version.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
payload=$(dirname "$here")
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$payload/lib.sh"
script=setup # it may be sourced

unit_names=("$kiosk_unit" reconocias-finish.service reconocias-retention.service
  reconocias-retention.timer)
enabled=("$kiosk_unit" reconocias-finish.service reconocias-retention.timer)

dry_run=no display=no network="" input="" extras="" uninstall=no purge=no offline=no
changed=0 environment=""

# change WHAT COMMAND...: do it and say so; with --dry-run only say so
change() {
  local what=$1
  shift
  changed=$((changed + 1))
  if [ "$dry_run" = yes ]; then
    echo "would: $what"
  else
    echo "  $what"
    "$@"
  fi
}

parse_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --dry-run) dry_run=yes ;;
      --display) display=yes ;;
      --offline) offline=yes ;;
      --uninstall) uninstall=yes ;;
      --purge) purge=yes ;;
      --network) network=$2; shift ;;
      --input) input=$2; shift ;;
      --extras) extras=$2; shift ;;
      *) fail "unknown option $1" ;;
    esac
    shift
  done
  case $network in "" | none | lan | any) ;; *) fail "--network: expected none, lan or any, found $network" ;; esac
}

# What nobody asks to be changed stays as it is: for a newer version no option need be said again.
keep_what_is() {
  [ -n "$extras" ] || extras=$(cat "$opt/current/extras" 2>/dev/null || echo "$default_extras")
  [ ! -e "$units/$display_unit" ] || display=yes
}

check_machine() {
  [ "$(id -u)" = 0 ] || fail "expected root, found $(id -un)"
  local codename
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME-unknown}")
  case $codename in
    bookworm | trixie) ;;
    *) fail "expected Raspberry Pi OS or Debian bookworm or trixie, found $codename" ;;
  esac
  [ "$(getconf LONG_BIT)" = 64 ] || fail "expected a 64-bit system; write the 64-bit image to the card"
}

is_raspberry_pi() { grep -qs 'Raspberry Pi' /proc/device-tree/model; }

install_packages() {
  local wanted=(python3-venv openssh-client) missing=()
  is_raspberry_pi && wanted+=(python3-picamera2 python3-lgpio)
  [ "$display" = yes ] && wanted+=(cage chromium seatd)
  for package in "${wanted[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$offline" = yes ] && [ "$dry_run" = no ]; then
    fail "expected these packages, found none and --offline: ${missing[*]}; install them once with internet"
  fi
  change "apt-get install ${missing[*]}" apt_install "${missing[@]}"
}

apt_install() {
  apt-get update -qq
  install_debian "$@"
}

add_user() { # NAME HOME
  getent passwd "$1" >/dev/null \
    || change "user $1, locked" useradd --system --user-group --home-dir "$2" --no-create-home \
      --shell /usr/sbin/nologin "$1"
}

add_users() {
  for group in gpio render; do # Raspberry Pi OS has them, Debian may not
    getent group "$group" >/dev/null || change "group $group" groupadd --system "$group"
  done
  add_user "$user" "$state"
  [ "$display" = no ] || add_user "$display_user" "/run/$display_user"
  [ -d "$state" ] || change "$state" install -d -m 0700 -o "$user" -g "$user" "$state"
  [ -d "$incoming" ] || change "$incoming" install -d -m 0755 "$incoming"
}

# One environment per wheel, made whole under its own name before `current` leads to it: a cut
# half-way leaves the kiosk with the one that it has.
make_program() {
  local wheel
  wheel=$(find "$payload/wheel" -name 'reconocias-*.whl' -print -quit)
  if [ -z "$wheel" ] && [ "$dry_run" = yes ]; then
    change "an environment below $opt, where the wheel is newer than the one there"
    return
  fi
  [ -n "$wheel" ] || fail "expected the wheel in $payload/wheel, found none"
  environment=venv-$(cat "$wheel" <(echo "$extras") | sha256sum | cut -c 1-16)
  if [ ! -e "$opt/$environment/complete" ]; then
    change "environment $opt/$environment" make_environment "$opt/$environment" "$wheel"
  fi
}

use_program() {
  if [ -n "$environment" ] && [ "$(readlink "$opt/current" || true)" != "$environment" ]; then
    change "use $environment" use_environment "$environment"
    restart_needed=yes
  fi
  install_file "$here/reconocias" "$bin/reconocias" 0755
}

make_environment() { # FOLDER WHEEL
  local from=()
  [ "$offline" = no ] || from=(--no-index --find-links "$payload/wheels")
  rm -rf "$1"
  python3 -m venv --system-site-packages "$1"
  "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
    "${from[@]}" "$2${extras:+[$extras]}"
  "$1/bin/reconocias" --version >/dev/null
  echo "$extras" >"$1/extras"
  touch "$1/complete"
}

# `before` leads to the one that the kiosk ran with, until it has started with the new one.
use_environment() { # NAME
  [ -L "$opt/before" ] || [ ! -L "$opt/current" ] || switch_link "$(readlink "$opt/current")" "$opt/before"
  switch_link "$1" "$opt/current"
}

switch_link() { # TARGET LINK
  ln -sfn "$1" "$2.new"
  mv -T "$2.new" "$2"
}

# Those of older wheels, once the kiosk runs with the new one.
forget_environments() {
  local current
  current=$(readlink "$opt/current" || true)
  for folder in "$opt"/venv-*; do
    [ ! -d "$folder" ] || [ "$(basename "$folder")" = "$current" ] \
      || change "remove $folder" rm -rf "$folder"
  done
}

install_file() { # SOURCE TARGET MODE
  local content
  content=$(cat "$1" && echo .) # the dot keeps the last line's end
  if [ ! -e "$2" ] || [ "$content" != "$(cat "$2" && echo .)" ]; then
    change "$2" write_file "${content%.}" "$2" "$3"
    restart_needed=yes
  fi
}

write_file() { # CONTENT TARGET MODE
  mkdir -p "$(dirname "$2")"
  printf %s "$1" >"$2.new"
  chmod "$3" "$2.new"
  mv "$2.new" "$2"
}

configure() {
  if [ ! -e "$etc/config.toml" ]; then
    change "$etc/config.toml" write_config
  elif [ -n "$input" ]; then
    check_input
  fi
  [ ! -e "$payload/allowed_signers" ] || install_file "$payload/allowed_signers" "$etc/allowed_signers" 0644
}

# A dry run has no other program than the one that is there, which may be older than this question.
check_input() {
  local found
  if found=$(settings get source.input --config "$etc/config.toml" 2>&1); then
    [ "$found" = "$input" ] \
      || fail "$etc/config.toml is there already and has another input; edit it, or move it away"
  else
    [ "$dry_run" = yes ] || fail "${found#reconocias: error: }"
  fi
}

# Whole or not at all: settings that are there are never written again.
write_config() {
  install -D -m 0644 "$payload/config.example.toml" "$etc/config.toml.new"
  [ -z "$input" ] || settings set "source.input=$input" --config "$etc/config.toml.new" >/dev/null \
    || fail "cannot write $etc/config.toml"
  mv "$etc/config.toml.new" "$etc/config.toml"
  restart_needed=yes
}

# By the program that is to be used, which the kiosk may not have yet.
settings() { "$opt/${environment:-current}/bin/reconocias" config "$@"; }

install_units() {
  local name network_file=$units/$kiosk_unit.d/network.conf
  if [ "$display" = yes ]; then
    unit_names+=("$display_unit")
    enabled+=("$display_unit")
  fi
  [ "$display" = no ] || install_file "$here/display-page" "$opt/display-page" 0755
  for name in "${unit_names[@]}"; do
    install_file "$here/$name" "$units/$name" 0644
  done
  if [ -n "$network" ] || [ ! -e "$network_file" ]; then
    install_file <(network_settings "${network:-none}") "$network_file" 0644
  fi
  for name in "${enabled[@]}"; do
    systemctl is-enabled --quiet "$name" 2>/dev/null || change "enable $name" enable "$name"
  done
}

enable() {
  systemctl daemon-reload
  systemctl enable --quiet "$1"
}

network_settings() { # NETWORK
  echo "# Written by provisioning: --network $1"
  echo "[Service]"
  case $1 in
    lan) echo "IPAddressAllow=localhost link-local multicast 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7" ;;
    any) echo "IPAddressAllow=any" ;;
  esac
}

install_first_bundle() { # or the first that this version of the program can use
  if [ -L "$state/bundles/current" ] && "$bin/reconocias" bundle status >/dev/null 2>&1; then
    return 0
  fi
  if [ -d "$payload/bundle" ]; then
    change "bundle of this provisioning" "$bin/reconocias" bundle install "$payload/bundle"
  else # it came inside of the wheel, which whoever provisions trusts already
    change "bundle of the package" install_packaged_bundle
  fi
  restart_needed=yes
}

install_packaged_bundle() {
  local folder
  folder=$("$opt/current/bin/python" -c 'from edge_app.bundle.loader import default_bundle_folder; print(default_bundle_folder())')
  "$bin/reconocias" bundle install --allow-unsigned "$folder"
}

start() {
  if [ "$restart_needed" = yes ] || [ -L "$opt/before" ] || ! systemctl is-active --quiet "$kiosk_unit"; then
    change "start the kiosk" start_kiosk
  fi
  systemctl is-active --quiet reconocias-retention.timer \
    || change "start the timer" systemctl start reconocias-retention.timer
  if [ "$display" = yes ] && { [ "$restart_needed" = yes ] || ! systemctl is-active --quiet "$display_unit"; }; then
    change "start the screen" start_screen
  fi
}

start_kiosk() {
  systemctl daemon-reload
  if restart_kiosk; then
    rm -f "$opt/before"
    return
  fi
  journalctl --unit "$kiosk_unit" --lines 20 --no-pager >&2
  [ -L "$opt/before" ] || fail "the kiosk does not start, see above and: reconocias doctor"
  go_back
}

start_screen() {
  systemctl restart "$display_unit" \
    || fail "the screen does not start, see: journalctl --unit $display_unit"
}

restart_kiosk() {
  systemctl reset-failed "$kiosk_unit" 2>/dev/null || true
  systemctl restart "$kiosk_unit"
}

# To the environment before, and say so: that is no success.
go_back() {
  local new before
  new=$(readlink "$opt/current")
  before=$(readlink "$opt/before")
  switch_link "$before" "$opt/current"
  rm "$opt/before"
  restart_kiosk || fail "the kiosk starts neither with $new, see above, nor with $before again"
  fail "the kiosk does not start with $new, see above; it runs with $before again"
}

take_away() {
  local name
  for name in "$display_unit" "${unit_names[@]}"; do
    if [ -e "$units/$name" ]; then
      change "remove $name" remove_unit "$name"
    fi
  done
  for path in "$opt" "$bin/reconocias" "$units/$kiosk_unit.d" "$cache"; do
    [ ! -e "$path" ] || change "remove $path" rm -rf "$path"
  done
  if [ "$purge" = yes ]; then
    for path in "$etc" "$state" "$rollout_state"; do
      [ ! -e "$path" ] || change "remove $path" rm -rf "$path"
    done
    for name in "$user" "$display_user"; do
      if getent passwd "$name" >/dev/null; then change "remove user $name" userdel "$name"; fi
    done
  else
    echo "kept: $etc and $state (people, events, bundles); --purge removes them"
  fi
  [ "$dry_run" = yes ] || systemctl daemon-reload
}

remove_unit() {
  systemctl disable --quiet --now "$1" || true
  rm -f "$units/${1:?}"
}

restart_needed=no

main() {
  parse_options "$@"
  check_machine
  if [ "$uninstall" = yes ]; then
    take_away
  else
    keep_what_is
    install_packages
    add_users
    make_program
    configure # before it is used: what is wrong here leaves the kiosk with the program it has
    use_program
    install_units
    install_first_bundle
    start
    forget_environments
  fi
  echo "$changed changes"
}

# Its functions alone, for whoever sources it: the tests.
[ "${BASH_SOURCE[0]}" != "$0" ] || main "$@"
