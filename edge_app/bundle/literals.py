"""Words that the manifest, the settings and the command line choose from.

A module without imports of weight: a command knows its choices before it loads what acts on them.
"""

from typing import Literal

Interpolation = Literal["area", "linear", "cubic"]
Normalization = Literal["none", "standard"]
Runtime = Literal["tflite", "onnx"]

DetectorChoice = Literal["auto", "yunet", "haar"]
MethodChoice = Literal["auto", "sface", "eigenfaces"]
"""auto: the first of a bundle's of which something runs on the device."""
