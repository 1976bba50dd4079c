"""Bundles on a device: verified, kept, put to use, watched, and taken back.

``verify`` decides whether a bundle is trusted here, ``store`` keeps it, ``rollback`` has a
kiosk that runs take another one and goes back if it does not thrive, and ``rollout`` does so with a
new one, as root beside the service.
"""
