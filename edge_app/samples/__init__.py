"""Faces that anybody may use: a public-domain portrait, and faces that this code draws."""
