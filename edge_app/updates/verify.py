"""Everything that a device checks before it trusts a bundle."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from packaging.specifiers import SpecifierSet

from edge_app import __version__
from edge_app.bundle.loader import MANIFEST_FILE, Bundle
from edge_app.bundle.manifest import ModelFile, NetworkSpec
from edge_app.bundle.signature import SIGNATURE_FILE, verify_signature
from edge_app.core.errors import BundleError, InputMissingError, RuntimeMissingError
from edge_app.core.types import FloatArray
from edge_app.vision.detection.base import Search
from edge_app.vision.inference import NETWORKS, available, check_tensors
from edge_app.vision.parts import detector_specs, identifier_specs, load_bundle, networks


@dataclass(frozen=True)
class Golden:
    """Of one network. inputs: float32 (N, *its shape). answers: per model file, (N, M)."""

    inputs: FloatArray
    answers: Mapping[str, FloatArray]


@dataclass(frozen=True)
class Replay:
    """A model file on this device. difference: of its answers from the golden ones, at the worst.

    In the network's own measure; infinite for a file that does not load or run. milliseconds:
    median for one input on one thread, of the CPU: what else runs does not count.
    """

    model: ModelFile
    difference: float
    milliseconds: float
    trouble: str = ""
    """Why a file could not be run; empty for one that ran."""

    @property
    def passes(self) -> bool:
        """Whether it gives here what it gave on the workstation (a NaN does not)."""
        return self.difference <= self.model.tolerance

    def __str__(self) -> str:
        """What is wrong with a file that does not pass."""
        if self.trouble:
            return f"{self.model.file}: {self.trouble}"
        return f"{self.model.file} by {self.difference:.3g} (at most {self.model.tolerance:g})"


@dataclass(frozen=True)
class Verified:
    """A bundle that this device may use, its models ranked as measured here.

    signer: None where nobody asked for a signature. replays: of all files that a runtime here runs.
    """

    bundle: Bundle
    signer: str | None
    replays: tuple[Replay, ...]

    @property
    def failed(self) -> tuple[Replay, ...]:
        """Files that are left out on this device."""
        return tuple(replay for replay in self.replays if not replay.passes)


def verify(folder: Path, allowed_signers: Path | None) -> Verified:
    """Check signature, hashes, compatibility, models and golden samples of a bundle.

    A file that gives other answers on this processor than it should is left out; the bundle is
    refused where a network that it needs has none left. It needs the network of emotions, and one
    way to find faces and to recognise people.

    allowed_signers: OpenSSH's file of them; None asks for no signature. Raises InputMissingError
    where there is no bundle, RuntimeMissingError where nothing can run its models, and BundleError
    for anything that is not as it should be.
    """
    bundle, signer = check_origin(folder, allowed_signers)
    _check_compatible(bundle)
    replays = [found for spec in networks(bundle) for found in _replay_all(bundle, spec)]
    replays.sort(key=lambda replay: replay.milliseconds)
    measured = tuple(replay.model.file for replay in replays if replay.passes)
    failed = tuple(replay.model.file for replay in replays if not replay.passes)
    bundle = replace(bundle, measured=measured, failed=failed)
    _check_roles(bundle, replays)
    _check_parts(bundle)
    return Verified(bundle, signer, tuple(replays))


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


def _check_roles(bundle: Bundle, replays: Sequence[Replay]) -> None:
    roles: tuple[Sequence[object], ...] = (
        (bundle.manifest.emotion,),
        detector_specs(bundle),
        identifier_specs(bundle),
    )
    for parts in roles:
        left = [part for part in parts if not isinstance(part, NetworkSpec) or _left(bundle, part)]
        if left:
            continue
        files = {model.file for part in parts for model in getattr(part, "models", ())}
        failing = [str(replay) for replay in replays if replay.model.file in files]
        if failing:
            raise BundleError(
                f"{bundle.folder}: golden samples differ on this device: {', '.join(failing)}; "
                "refuse it"
            )
        raise RuntimeMissingError(
            f"{bundle.folder}: no runtime of its models is installed; pip install ai-edge-litert"
        )


def _left(bundle: Bundle, spec: NetworkSpec) -> bool:
    return any(available(model.runtime) for model in bundle.models(spec))


def _check_parts(bundle: Bundle) -> None:
    """Load what is no network as the pipeline would: it has no golden samples."""
    for detector in detector_specs(bundle):
        if not isinstance(detector, NetworkSpec):
            detector.build(bundle, Search())
    for identifier in identifier_specs(bundle):
        if not isinstance(identifier, NetworkSpec):
            identifier.load(bundle)


def _replay_all(bundle: Bundle, spec: NetworkSpec) -> list[Replay]:
    """Every file of a network that a runtime on this device can run."""
    golden = read_golden(bundle, spec)
    return [
        replay(bundle, spec, model, golden) for model in spec.models if available(model.runtime)
    ]


def read_golden(bundle: Bundle, spec: NetworkSpec) -> Golden:
    """The golden samples of a network's files. Raises BundleError where they do not fit."""
    path = bundle.path(spec.golden)
    try:
        with np.load(path, allow_pickle=False) as samples:
            inputs = samples["inputs"]
            answers = {model.file: samples[model.file] for model in spec.models}
    except Exception as error:  # zipfile, zlib, struct and NumPy raise a dozen kinds
        raise BundleError(f"{path}: expected golden samples of every model ({error})") from error
    if inputs.dtype not in (np.float32, np.uint8) or not len(inputs) or not _fits(inputs, spec):
        wanted = ", ".join("any" if size is None else str(size) for size in spec.input_shape)
        raise BundleError(
            f"{path}: expected float32 or uint8 inputs (N, {wanted}), "
            f"found {inputs.dtype} {inputs.shape}"
        )
    for name, values in answers.items():
        if values.dtype != np.float32 or values.shape != (len(inputs), spec.outputs):
            raise BundleError(
                f"{path}: expected float32 ({len(inputs)}, {spec.outputs}) for {name}, "
                f"found {values.dtype} {values.shape}"
            )
    return Golden(inputs.astype(np.float32), answers)


def _fits(inputs: FloatArray, spec: NetworkSpec) -> bool:
    shape = inputs.shape[1:]
    return len(shape) == len(spec.input_shape) and all(
        expected in (None, found) for found, expected in zip(shape, spec.input_shape, strict=True)
    )


def replay(bundle: Bundle, spec: NetworkSpec, model: ModelFile, golden: Golden) -> Replay:
    """Run a model file on the golden inputs, one by one, and take its time.

    A file that does not load, has other tensors than the manifest says, or cannot be run does not
    pass. Raises RuntimeMissingError where its runtime is not installed.
    """
    outputs, taken = [], []
    try:
        network = NETWORKS[model.runtime](bundle.path(model.file))
        check_tensors(network, spec)
        for one in golden.inputs:
            started = time.thread_time()
            outputs.append(network(one[np.newaxis]))
            taken.append(time.thread_time() - started)
        with np.errstate(all="ignore"):  # what is no number does not pass
            answers = spec.answers(np.concatenate(outputs))
            difference = _difference(spec, answers, golden.answers[model.file])
    except RuntimeMissingError:
        raise
    except Exception as error:  # a runtime's own classes, which have no common base
        return Replay(model, float("inf"), float("inf"), str(error))
    return Replay(model, difference, float(np.median(taken) * 1e3))


def _difference(spec: NetworkSpec, found: FloatArray, expected: FloatArray) -> float:
    """Raises ValueError for answers of another shape, which NumPy might stretch to fit."""
    if found.shape != expected.shape:
        raise ValueError(f"expected answers {expected.shape}, found {found.shape}")
    return spec.difference(found, expected)
