"""Words that the manifest, the settings and the command line choose from.

A module without imports of weight: a command knows its choices before it loads what acts on them.
"""

from typing import Literal

Interpolation = Literal["area", "linear", "cubic"]
Normalization = Literal["none", "standard"]
Runtime = Literal["tflite", "onnx"]

DetectorKind = Literal["yunet", "haar"]
IdentifierKind = Literal["sface", "eigenfaces"]
