"""Turns a training run into a bundle that a device may trust."""
