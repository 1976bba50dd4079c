"""The data sets that the networks are trained on, each read into the same arrays."""
