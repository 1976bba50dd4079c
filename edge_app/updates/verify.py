"""Everything that a device checks before it trusts a bundle."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from packaging.specifiers import SpecifierSet

from edge_app import __version__
from edge_app.bundle.loader import MANIFEST_FILE, Bundle
from edge_app.bundle.manifest import ModelFile, NetworkSpec
from edge_app.bundle.signature import SIGNATURE_FILE, verify_signature
from edge_app.core.errors import (
    BundleError,
    InputMissingError,
    ReconociasError,
    RuntimeMissingError,
)
from edge_app.core.types import FloatArray
from edge_app.vision.inference import NETWORKS, available, check_tensors
from edge_app.vision.parts import build_detector, load_bundle, networks
from edge_app.vision.recognition.methods import load_space


@dataclass(frozen=True)
class Golden:
    """Of one network. inputs: float32 (N, *its shape). outputs: per model file, (N, numbers)."""

    inputs: FloatArray
    outputs: Mapping[str, FloatArray]


@dataclass(frozen=True)
class Replay:
    """A model file on this device. difference: largest of an output from the golden one.

    milliseconds: median for one input on one thread, of the CPU: what else runs does not count.
    """

    model: ModelFile
    difference: float
    milliseconds: float

    @property
    def passes(self) -> bool:
        """Whether it gives here what it gave on the workstation (a NaN does not)."""
        return self.difference <= self.model.tolerance


@dataclass(frozen=True)
class Verified:
    """A bundle that this device may use, its models ranked as measured here.

    signer: None where no signature was asked for. replays: of the files that a runtime on this
    device can run, fastest first.
    """

    bundle: Bundle
    signer: str | None
    replays: tuple[Replay, ...]


def verify(folder: Path, allowed_signers: Path | None) -> Verified:
    """Check signature, hashes, compatibility, models and golden samples of a bundle.

    allowed_signers: OpenSSH's file of them; None asks for no signature. Raises InputMissingError
    where there is no bundle, RuntimeMissingError where nothing can run its models, and BundleError
    for anything that is not as it should be.
    """
    bundle, signer = check_origin(folder, allowed_signers)
    _check_compatible(bundle)
    _check_parts(bundle)
    replays = [found for spec in networks(bundle) for found in _replay_all(bundle, spec)]
    failing = [replay for replay in replays if not replay.passes]
    if failing:
        listed = ", ".join(
            f"{replay.model.file} by {replay.difference:.3f} (at most {replay.model.tolerance:g})"
            for replay in failing
        )
        raise BundleError(f"{folder}: golden samples differ on this device: {listed}; refuse it")
    replays.sort(key=lambda replay: replay.milliseconds)
    measured = tuple(replay.model.file for replay in replays)
    return Verified(replace(bundle, measured=measured), signer, tuple(replays))


def check_origin(folder: Path, allowed_signers: Path | None) -> tuple[Bundle, str | None]:
    """The cheap half of ``verify``: who signed it, and whether every file is what they signed."""
    manifest = folder / MANIFEST_FILE
    if manifest.is_symlink() or not manifest.is_file():
        raise InputMissingError(f"{folder}: expected a bundle, found no {MANIFEST_FILE} in it")
    signer = None
    if allowed_signers is not None:
        signer = verify_signature(manifest, folder / SIGNATURE_FILE, allowed_signers)
    return load_bundle(folder), signer


def _check_compatible(bundle: Bundle) -> None:
    wanted = bundle.manifest.compatible
    if not SpecifierSet(wanted).contains(__version__, prereleases=True):
        raise BundleError(
            f"{bundle.folder}: expected reconocias {wanted}, found {__version__}; "
            "update reconocias, or take another bundle"
        )


def _check_parts(bundle: Bundle) -> None:
    """Load what is no network as the pipeline would."""
    build_detector(bundle)
    load_space(bundle)


def _replay_all(bundle: Bundle, spec: NetworkSpec) -> list[Replay]:
    """Every file of a network that a runtime on this device can run."""
    golden = read_golden(bundle, spec)
    runnable = [model for model in spec.models if available(model.runtime)]
    if not runnable:
        raise RuntimeMissingError(
            f"{bundle.folder}: no runtime of its models is installed; pip install ai-edge-litert"
        )
    return [replay(bundle, spec, model, golden) for model in runnable]


def read_golden(bundle: Bundle, spec: NetworkSpec) -> Golden:
    """The golden samples of a network's files. Raises BundleError where they do not fit."""
    path = bundle.path(spec.golden)
    try:
        with np.load(path, allow_pickle=False) as samples:
            inputs = samples["inputs"]
            outputs = {model.file: samples[model.file] for model in spec.models}
    except Exception as error:  # zipfile, zlib, struct and NumPy raise a dozen kinds
        raise BundleError(f"{path}: expected golden samples of every model ({error})") from error
    if inputs.dtype != np.float32 or inputs.shape[1:] != spec.input_shape or not len(inputs):
        raise BundleError(
            f"{path}: expected float32 inputs (N, {', '.join(map(str, spec.input_shape))}), "
            f"found {inputs.dtype} {inputs.shape}"
        )
    for name, values in outputs.items():
        if values.dtype != np.float32 or values.shape != (len(inputs), spec.outputs):
            raise BundleError(
                f"{path}: expected float32 ({len(inputs)}, {spec.outputs}) for {name}, "
                f"found {values.dtype} {values.shape}"
            )
    return Golden(inputs, outputs)


def replay(bundle: Bundle, spec: NetworkSpec, model: ModelFile, golden: Golden) -> Replay:
    """Run a model file on the golden inputs, one by one, and take its time.

    Raises RuntimeMissingError where its runtime is not installed, BundleError for a file that does
    not load, has other tensors than the manifest says, or cannot be run.
    """
    path = bundle.path(model.file)
    network = NETWORKS[model.runtime](path)
    check_tensors(network, spec)
    expected = golden.outputs[model.file]
    outputs, taken = [], []
    try:
        for one in golden.inputs:
            started = time.thread_time()
            outputs.append(network(one[np.newaxis]))
            taken.append(time.thread_time() - started)
        difference = float(np.abs(np.concatenate(outputs) - expected).max())
    except ReconociasError:
        raise
    except Exception as error:  # a runtime's own classes, which have no common base
        raise BundleError(f"{path}: loads but cannot be run ({error}); refuse it") from error
    return Replay(model, difference, float(np.median(taken) * 1e3))
