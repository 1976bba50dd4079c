# shellcheck shell=sh disable=SC2034  # what is set here is for those who source it
# What the scripts share: how they speak, how they reach a kiosk, and what is where on it.
# It is sourced, never run, and by sh as well.

# On a kiosk. edge_app/core/places.py has the same for the program; the units and Ansible repeat some
# of it, for want of variables: tests/deploy/test_places.py holds that all of them agree.
user=reconocias
display_user=reconocias-display
opt=/opt/reconocias
etc=/etc/reconocias
state=/var/lib/reconocias
rollout_state=/var/lib/reconocias-rollout
cache=/var/cache/reconocias
incoming=$cache/incoming # what push.sh sends; root's, the service only reads it
bin=/usr/local/bin
units=/etc/systemd/system
kiosk_unit=reconocias.service
display_unit=reconocias-display.service
default_extras=kiosk,web
signature_namespace=reconocias-bundle

script=$(basename "$0" .sh)
ssh_command=${RECONOCIAS_SSH:-ssh}
# shellcheck disable=SC2016  # expanded there: root may have no sudo
sudo_there='$([ "$(id -u)" = 0 ] || echo sudo -n)'

# The comment at the top of the script.
usage() { awk 'NR > 1 && /^set/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; }

fail() { # MESSAGE
  echo "$script: error: $1" >&2
  exit 2
}

misused() {
  usage >&2
  exit 2
}

# The option's value, as it was given, and whether it is a file.
need_value() { [ "$2" -ge 2 ] || fail "$1: expected a value after it"; } # OPTION COUNT
need_file() { [ -f "$2" ] || fail "$1: expected a file, found no $2"; }  # OPTION FILE

host_and_file() { # ARGUMENT...: the two of backup.sh and restore.sh
  case ${1-} in --help | -h) usage; exit 0 ;; esac
  [ $# = 2 ] || misused
  host=$1 file=$2
}

# bash there, as root; PROGRAM has no single quotes.
root_there() { # HOST PROGRAM
  # shellcheck disable=SC2086,SC2029  # the ssh command has options; PROGRAM is meant for there
  $ssh_command "$1" "$sudo_there bash -c '$2'"
}

is_installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; } # PACKAGE

install_debian() { # PACKAGE...: as root, or after a command of $as_root
  # shellcheck disable=SC2086  # none, or sudo and its options
  ${as_root-} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
