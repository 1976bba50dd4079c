"""Everything that a device checks before it trusts a bundle."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from packaging.specifiers import SpecifierSet

from edge_app import __version__
from edge_app import bundle as bundles
from edge_app.bundle import MANIFEST_FILE, Bundle
from edge_app.detect import HaarDetector
from edge_app.emotion import CnnEmotionClassifier
from edge_app.errors import BundleError, RuntimeMissingError
from edge_app.identify import EigenfaceBasis
from edge_app.inference import NETWORKS, available
from edge_app.manifest import ModelFile
from edge_app.signature import SIGNATURE_FILE, verify_signature
from edge_app.types import FloatArray

_TIMED_FACES = 20


@dataclass(frozen=True)
class Replay:
    """A model file on this device. difference: largest from the golden outputs, of a probability.

    milliseconds: median for one face on one thread. None for both where its runtime is missing.
    """

    model: ModelFile
    difference: float | None
    milliseconds: float | None

    @property
    def passes(self) -> bool:
        """Whether the file runs here and gives what it gave on the workstation."""
        return self.difference is not None and self.difference <= self.model.tolerance


@dataclass(frozen=True)
class Verified:
    """A bundle that this device may use. signer: None for an unsigned one that was allowed."""

    bundle: Bundle
    signer: str | None
    replays: tuple[Replay, ...]

    @property
    def fastest(self) -> ModelFile:
        """The file that takes the least time on this device, of those that pass."""
        passing = [replay for replay in self.replays if replay.passes]
        return min(passing, key=lambda replay: replay.milliseconds or 0.0).model


def verify(folder: Path, allowed_signers: Path | None) -> Verified:
    """Check signature, hashes, compatibility, models and golden samples of a bundle.

    allowed_signers: OpenSSH's file of them; None lets unsigned bundles pass, and is for bundles
    that came with the package only. Raises BundleError for anything that is not as it should be.
    """
    signer = None
    manifest = folder / MANIFEST_FILE
    if folder.is_symlink() or manifest.is_symlink():
        raise BundleError(f"{folder}: expected a folder and a manifest, found a link; refuse it")
    if allowed_signers is not None:
        if not manifest.is_file():
            raise BundleError(f"{folder}: expected a bundle, found no {MANIFEST_FILE} in it")
        signer = verify_signature(manifest, folder / SIGNATURE_FILE, allowed_signers)
    bundle = bundles.load(folder)
    _check_compatible(bundle)
    _check_parts(bundle)
    replays = _replay(bundle)
    failing = [replay for replay in replays if replay.difference is not None and not replay.passes]
    if failing:
        listed = ", ".join(f"{replay.model.file} by {replay.difference:.3f}" for replay in failing)
        raise BundleError(f"{folder}: golden samples differ on this device: {listed}; refuse it")
    if not any(replay.passes for replay in replays):
        raise RuntimeMissingError(
            f"{folder}: no runtime of its models is installed; pip install ai-edge-litert"
        )
    return Verified(bundle, signer, replays)


def _check_compatible(bundle: Bundle) -> None:
    wanted = bundle.manifest.compatible
    if not SpecifierSet(wanted).contains(__version__, prereleases=True):
        raise BundleError(
            f"{bundle.folder}: expected reconocias {wanted}, found {__version__}; "
            "update reconocias, or take another bundle"
        )


def _check_parts(bundle: Bundle) -> None:
    """Load what is no network as the pipeline would."""
    manifest = bundle.manifest
    detector, identifier = manifest.detector, manifest.identifier
    HaarDetector(bundle.path(detector.file), detector, detector.moving)
    basis = EigenfaceBasis(bundle.path(identifier.file), identifier.components)
    if basis.size != identifier.crop.size:
        raise BundleError(
            f"{bundle.folder}: expected eigenfaces of {identifier.crop.size} pixels, "
            f"found {basis.size}"
        )


def _replay(bundle: Bundle) -> tuple[Replay, ...]:
    spec = bundle.manifest.emotion
    shape = (spec.crop.size, spec.crop.size, 1)
    golden = bundle.path(bundle.manifest.golden)
    try:
        with np.load(golden, allow_pickle=False) as samples:
            inputs = samples["inputs"]
            outputs = {model.file: samples[model.file] for model in spec.models}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise BundleError(f"{golden}: expected golden samples of every model ({error})") from error
    for name, expected in outputs.items():
        if inputs.shape[1:] != shape or expected.shape != (len(inputs), len(spec.labels)):
            raise BundleError(f"{golden}: the samples of {name} do not fit the input spec")
    return tuple(_replay_one(bundle, model, inputs, outputs[model.file]) for model in spec.models)


def _replay_one(
    bundle: Bundle, model: ModelFile, inputs: FloatArray, expected: FloatArray
) -> Replay:
    if available(model.runtime) is None:
        return Replay(model, None, None)
    network = NETWORKS[model.runtime](bundle.path(model.file))
    CnnEmotionClassifier(network, bundle.manifest.emotion)
    difference = float(np.abs(network(inputs) - expected).max())
    taken = []
    for face in inputs[:_TIMED_FACES]:
        started = time.perf_counter()
        network(face[None])
        taken.append(time.perf_counter() - started)
    return Replay(model, difference, float(np.median(taken) * 1e3))
