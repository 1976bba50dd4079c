"""Bundles that are damaged and installations that are cut short, many times over.

The suite runs a part, ``make stress`` all of it.
"""

import os

FULL = os.environ.get("RECONOCIAS_STRESS") == "1"
