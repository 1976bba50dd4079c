"""Builds the emotion networks and the eigenfaces on a workstation (TensorFlow/Keras 3)."""
