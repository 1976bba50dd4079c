"""Bundles on a device: verified, kept, put to use, watched, and taken back.

``verify`` decides whether a bundle is trusted here, ``store`` keeps it, ``rollout`` changes the one
of a running service and goes back if that does not thrive.
"""
