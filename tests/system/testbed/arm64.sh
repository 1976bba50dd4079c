#!/usr/bin/env bash
# Run the aarch64 wheels and a bundle as a Raspberry Pi would, emulated, and compare every golden
# output with what the workstation's processor gave.
#   arm64.sh [BUNDLE]      default: models/emotions-fer7; minutes, and nothing about speed
# Run as root. Needs: mmdebstrap debian-archive-keyring zstd qemu-user-static python3
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../../.." && pwd)
bundle=${1:-$project/models/emotions-fer7}
python=${PYTHON:-python3}
version=3.13
cache=${XDG_CACHE_HOME:-$HOME/.cache}/reconocias
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# Unpacked only: nothing but Python runs in it, and no maintainer script under emulation.
archive=$cache/trixie-arm64-python.tar.zst
if [ ! -e "$archive" ]; then
  mkdir -p "$cache"
  # shellcheck disable=SC2016  # apt expands it
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
  mmdebstrap --quiet --architectures=arm64 --variant=extract --include=base-files,python3,libstdc++6,libgcc-s1 \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg --aptopt='Acquire::Languages "none"' \
    trixie "$archive.new.tar.zst" "$mirror"
  mv "$archive.new.tar.zst" "$archive"
fi
tar -C "$root" --zstd -xpf "$archive"

"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$root/wheel" "$project"
PYTHON=$python bash "$project/deploy/wheelhouse.sh" "$root"/wheel/*.whl $version aarch64 \
  "$cache/wheels-aarch64-$version" onnx kiosk web mqtt
site=$root/usr/lib/python3/dist-packages
for wheel in "$cache/wheels-aarch64-$version"/*.whl "$root"/wheel/*.whl; do
  "$python" -m zipfile -e "$wheel" "$site"
done

# onnxruntime looks there for the processor's kind: a Raspberry Pi 4's, whatever runs the emulation.
cat >"$root/cpuinfo" <<'END'
processor	: 0
BogoMIPS	: 108.00
Features	: fp asimd evtstrm crc32 cpuid
CPU implementer	: 0x41
CPU architecture: 8
CPU variant	: 0x0
CPU part	: 0xd08
CPU revision	: 3

Hardware	: BCM2835
Revision	: c03115
Model		: Raspberry Pi 4 Model B Rev 1.5
END

# emulated PROCESSOR ARGUMENT...: Python there. The processor matters: with qemu's own, which has every
# extension there is, TFLite takes kernels that no Pi can run, and under qemu 7.2 int8 came out wrong.
emulated() {
  processor=$1; shift
  # shellcheck disable=SC2016  # the inner shell expands it
  QEMU_CPU=$processor unshare --mount sh -c '
    mount --bind "$1/cpuinfo" /proc/cpuinfo
    root=$1; shift
    exec env PYTHONDONTWRITEBYTECODE=1 OPENBLAS_CORETYPE=CORTEXA57 \
      qemu-aarch64-static -L "$root" "$root/usr/bin/python3.13" "$@"' sh "$root" "$@"
}

emulated cortex-a72 -c 'import platform; print("Python", platform.python_version(), "on", platform.machine())'
emulated cortex-a72 - <<'END'
import importlib
for name in ("ai_edge_litert.interpreter", "av", "cv2.face", "numpy", "onnxruntime", "PIL.Image",
             "pydantic", "fastapi", "uvicorn", "argon2", "gpiozero", "paho.mqtt.client"):
    importlib.import_module(name)
    print("imports", name)
END
for processor in cortex-a72 cortex-a76; do # Raspberry Pi 4 and 5
  echo "$processor:"
  emulated $processor -m edge_app bundle verify --allow-unsigned --json "$bundle"
done
