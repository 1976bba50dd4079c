"""Bundles that are damaged, installations and changes of people that are cut short, often.

The suite runs a part, ``make stress`` all of it.
"""

import os

import pytest

FULL = os.environ.get("RECONOCIAS_STRESS") == "1"

long = pytest.mark.skipif(not FULL, reason="takes minutes; make stress runs it")
