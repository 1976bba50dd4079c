#!/usr/bin/env bash
# Boot a root folder with systemd as its first process, in a network namespace with loopback only.
#   boot.sh ROOT NAMESPACE      runs until SIGTERM, which shuts the machine down (never SIGKILL it:
#                               that leaves its processes behind)
# Run as root. Needs: systemd-container iproute2. The extra capabilities and system calls let
# IPAddressDeny= work inside; without them systemd leaves it out and says nothing.
set -euo pipefail
root=$1 namespace=$2
cgroups=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)
[ -n "$cgroups" ] || { echo "boot: expected a cgroup2 file system, found none mounted" >&2; exit 2; }

keep_unit=()
if [ ! -d /run/systemd/system ]; then # nobody here to give the machine a control group of its own
  mkdir -p "$cgroups/$namespace"
  echo "$BASHPID" >"$cgroups/$namespace/cgroup.procs"
  keep_unit=(--keep-unit)
fi
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
exec systemd-nspawn --quiet --register=no "${keep_unit[@]}" --directory="$root" \
  --network-namespace-path="/run/netns/$namespace" --machine="$namespace" \
  --capability=CAP_BPF,CAP_NET_ADMIN,CAP_PERFMON --system-call-filter="bpf @keyring" \
  --boot --console=pipe </dev/null
