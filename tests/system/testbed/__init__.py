"""A machine like a Raspberry Pi without one: Debian 13, systemd, ssh, in a network namespace."""
