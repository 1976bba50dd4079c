"""Ways to find faces, one module each, behind ``core.types.Detector``."""
