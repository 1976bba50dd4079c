"""Where things are on a device, and what they are called there.

``deploy/lib.sh`` has the same for its scripts, and the units repeat some of it: systemd gives them
no variables. tests/deploy/test_places.py holds that they all agree.
"""

from pathlib import Path

SETTINGS = Path("/etc/reconocias")
DEVICE_FILE = SETTINGS / "config.toml"
ALLOWED_SIGNERS = SETTINGS / "allowed_signers"

STATE = Path("/var/lib/reconocias")
BUNDLES = STATE / "bundles"
ROLLOUT = Path("/var/lib/reconocias-rollout")
"""Root's own: what is under way with a bundle, and how the last one went."""
RUNTIME = Path("/run/reconocias")

PROGRAM = "/usr/local/bin/reconocias"
"""Runs each command with the rights that it needs (deploy/device/reconocias)."""
UNIT = "reconocias.service"
FINISH_UNIT = "reconocias-finish.service"
