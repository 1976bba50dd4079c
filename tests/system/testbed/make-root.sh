#!/usr/bin/env bash
# Build a Debian root with systemd, like the userland of Raspberry Pi OS, as one archive.
#   make-root.sh ARCHITECTURE SUITE ARCHIVE [PACKAGE...]      e.g. amd64 trixie root.tar.zst; about a minute
# Run as root. Needs: mmdebstrap debian-archive-keyring zstd (arm64 also qemu-user-static binfmt-support)
# shellcheck disable=SC2016  # apt and mmdebstrap expand what stands in single quotes
set -euo pipefail
architecture=$1 suite=$2 archive=$3
shift 3

# The mirror that this machine itself uses; nothing else knows what is reachable from here.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
[ -n "$mirror" ] || { echo "make-root: expected an apt mirror, found none; run apt-get update" >&2; exit 2; }

packages=systemd,systemd-sysv,libpam-systemd,dbus,udev,openssh-server,sudo,rsync
packages+=,python3,python3-venv,ca-certificates,procps,iproute2,netbase
for package in "$@"; do packages+=,$package; done

draft=$archive.$$.tar.zst
trap 'rm -f "$draft"' EXIT
mmdebstrap --quiet --architectures="$architecture" --variant=minbase --include="$packages" \
  --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
  --aptopt='Acquire::Languages "none"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='rm -f "$1"/etc/ssh/ssh_host_*' \
  --customize-hook=': >"$1/etc/machine-id"' \
  --customize-hook='chroot "$1" useradd --create-home --shell /bin/bash pi' \
  --customize-hook='echo "pi ALL=(ALL) NOPASSWD: ALL" >"$1/etc/sudoers.d/pi"' \
  "$suite" "$draft" "$mirror"
mv "$draft" "$archive"
