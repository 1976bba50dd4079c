#!/usr/bin/env bash
# Fetch on a workstation every wheel that a device needs, so that the device needs no internet.
#   wheelhouse.sh WHEEL PYTHON MACHINE FOLDER [EXTRA...]
#   e.g. wheelhouse.sh dist/reconocias-1.0-py3-none-any.whl 3.13 aarch64 wheels/ onnx
# PYTHON is the device's version, MACHINE its `uname -m`. What FOLDER has already is not fetched again.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
[ $# -ge 4 ] || misused
wheel=$1 python=$2 machine=$3 folder=$4
shift 4
extras=$(IFS=,; echo "$*")

platforms=()
for glibc in 39 36 35 34 31 28 27 17 12 5; do # manylinux tags that bookworm or trixie can load
  if [ "$glibc" -le 36 ] || [ "$python" = 3.13 ]; then
    platforms+=(--platform "manylinux_2_${glibc}_$machine")
  fi
done
platforms+=(--platform "manylinux2014_$machine" --platform "linux_$machine")

mkdir -p "$folder"
download=("${PYTHON:-python3}" -m pip download --quiet --disable-pip-version-check
  --only-binary=:all: --implementation cp --python-version "$python"
  --abi "cp${python/./}" --abi abi3 --abi none "${platforms[@]}"
  --find-links "$folder" --dest "$folder" "$wheel${extras:+[$extras]}")
"${download[@]}" --no-index 2>/dev/null || "${download[@]}"
