"""``reconocias doctor``: what is installed, what works, and what to do about the rest."""

import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib import metadata
from pathlib import Path

import av
import cv2
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge_app import __version__
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import ModelFile, NetworkSpec
from edge_app.core.errors import ReconociasError
from edge_app.kiosk.settings import device_settings
from edge_app.media.sources import KINDS
from edge_app.updates.store import bundle_in_use
from edge_app.updates.verify import read_golden, replay
from edge_app.vision.detection.base import Search
from edge_app.vision.inference import ONNX_PACKAGE, TFLITE_PACKAGES, available
from edge_app.vision.parts import (
    RecognitionSettings,
    detector_specs,
    identifier_specs,
    networks,
    parts_in_use,
)

_PACKAGES = ("numpy", "opencv-contrib-python-headless", "av", "pillow", "pydantic")
_OK, _BAD, _MISSING = Text("ok", "green"), Text("bad", "red"), Text("-", "yellow")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. required: nothing works without it."""

    what: str
    ok: bool
    detail: str
    required: bool = True


def examine(bundle_folder: Path | None = None) -> list[Finding]:
    """Look at the installation, the bundle (by default the one in use) and the cameras."""
    contrib = _contrib()
    findings = [
        Finding("reconocias", True, f"{__version__}, Python {platform.python_version()}"),
        Finding("machine", True, f"{platform.machine()}, {platform.system()}"),
        *(Finding(name, *_version(name)) for name in _PACKAGES),
        contrib,
        _encoders(),
    ]
    try:
        bundle = bundle_in_use(bundle_folder)
    except ReconociasError as error:
        findings.append(Finding("bundle", False, str(error)))
    else:
        manifest = bundle.manifest
        detail = f"{manifest.name} {manifest.version} in {bundle.folder}, all hashes right"
        findings.append(Finding("bundle", True, detail))
        if contrib.ok:  # without it the eigenfaces cannot even be tried
            findings.extend(_parts(bundle, device_settings().recognition))
    return findings + _cameras()


def _version(package: str) -> tuple[bool, str]:
    try:
        return True, metadata.version(package)
    except metadata.PackageNotFoundError:
        return False, f"not installed; pip install {package}"


def _contrib() -> Finding:
    if hasattr(cv2, "face"):
        return Finding("cv2.face", True, f"in OpenCV {cv2.__version__}")
    return Finding(
        "cv2.face",
        False,
        "missing: another opencv package hides opencv-contrib-python-headless; uninstall it "
        "and install opencv-contrib-python-headless again",
    )


def _encoders() -> Finding:
    wanted = {"libx264", "libvpx-vp9"}
    missing = wanted - set(av.codecs_available)
    detail = f"missing: {', '.join(missing)}" if missing else ", ".join(sorted(wanted))
    return Finding("video encoders", not missing, detail)


def _parts(bundle: Bundle, recognition: RecognitionSettings) -> list[Finding]:
    """Load every part of a bundle as the pipeline would, and replay its golden samples."""
    findings = [
        _attempt(spec.title, partial(spec.build, bundle, Search()))
        for spec in detector_specs(bundle)
        if not isinstance(spec, NetworkSpec)
    ]
    findings += [
        _attempt(spec.title, partial(spec.load, bundle))
        for spec in identifier_specs(bundle)
        if not isinstance(spec, NetworkSpec)
    ]
    failed = list(bundle.failed)
    for network in networks(bundle):
        found = {model.file: _model(bundle, network, model) for model in network.models}
        findings += found.values()
        failed += [
            model.file
            for model in network.models
            if available(model.runtime) and not found[model.file].ok
        ]
    return [*findings, *_in_use(replace(bundle, failed=tuple(failed)), recognition)]


def _in_use(bundle: Bundle, recognition: RecognitionSettings) -> list[Finding]:
    """What works in each role, and whether it is what the bundle or the settings prefer."""
    try:
        parts = parts_in_use(bundle, recognition)
    except ReconociasError as error:
        return [Finding("parts in use", False, str(error))]
    preferred = {
        "detector": (detector_specs(bundle)[0].title, recognition.detector),
        "identifier": (identifier_specs(bundle)[0].title, recognition.method),
    }
    findings = []
    for part in parts:
        detail = f"{part.title}, {part.file}"
        first, chosen = preferred.get(part.role, (part.title, "auto"))
        as_wanted = chosen != "auto" or part.title == first
        if not as_wanted:
            detail += f"; expected {first}, of which nothing runs here, so far less is recognised"
        findings.append(Finding(f"{part.role} in use", as_wanted, detail))
    return findings


def _attempt(what: str, load: Callable[[], object]) -> Finding:
    try:
        load()
    except ReconociasError as error:
        return Finding(what, False, str(error))
    return Finding(what, True, "loads")


def _model(bundle: Bundle, spec: NetworkSpec, model: ModelFile) -> Finding:
    what = f"{model.file} ({model.runtime})"
    package = available(model.runtime)
    if package is None:
        packages = list(TFLITE_PACKAGES) if model.runtime == "tflite" else [ONNX_PACKAGE]
        return Finding(what, False, f"not installed: {' or '.join(packages)}", required=False)
    try:
        found = replay(bundle, spec, model, read_golden(bundle, spec))
    except ReconociasError as error:
        return Finding(what, False, str(error), required=False)
    if not found.passes:
        return Finding(what, False, f"{package}: left out, {found}", required=False)
    detail = f"{package}: golden samples differ by at most {found.difference:.1e}"
    return Finding(what, True, detail, required=False)


def _cameras() -> list[Finding]:
    devices = [device for kind in KINDS.values() for device in kind.devices()]
    return [Finding(*device, required=False) for device in devices]


def print_report(findings: list[Finding], console: Console) -> None:
    """A table of what was found: right, wrong, or missing but not needed."""
    table = Table("", "what", "found", box=None, pad_edge=False)
    for finding in findings:
        mark = _OK if finding.ok else _BAD if finding.required else _MISSING
        table.add_row(mark, finding.what, finding.detail)
    console.print(table)
    broken = [finding.what for finding in findings if finding.required and not finding.ok]
    console.print(f"Not working: {', '.join(broken)}" if broken else "Everything needed works.")
