#!/bin/sh
# Install Debian packages where that is possible: as root, or through sudo without a password.
#   apt-install.sh PACKAGE...      exit 0: all are there; exit 1: says which command to run
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
missing=""
for package in "$@"; do
  is_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  echo "please run: sudo apt-get install$missing" >&2
  exit 1
fi
# shellcheck disable=SC2086  # the list is meant to be split
install_debian $missing 2>/dev/null && exit 0
$as_root apt-get update -qq
# shellcheck disable=SC2086
install_debian $missing
