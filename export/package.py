"""From a training run to a bundle: convert, prove, describe, sign, and only then name it."""

import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_app import __version__
from edge_app.bundle.loader import MANIFEST_FILE, file_sha256
from edge_app.bundle.manifest import (
    SCHEMA_VERSION,
    EmotionSpec,
    FileEntry,
    Manifest,
)
from edge_app.core.progress import SILENT, Progress
from edge_app.updates.verify import Verified, verify
from edge_app.vision.preprocess import normalize
from export import published
from export.basis import write_eigenfaces
from export.checks import check_before
from export.formats import without
from export.latency import latencies_ms
from export.model_card import model_card
from export.networks import Written, write_detector, write_embedding, write_emotion
from export.notice import NOTICE_FILE, notice
from export.parity import ParityError, Proof, prove, require
from export.reference import Likeness
from export.sign import sign
from training.config import TrainConfig, read_config
from training.datasets.fer2013 import TEST_SPLITS
from training.datasets.label_sets import LabelledFaces
from training.judging import Judge
from training.models import ARCHITECTURES
from training.network import Predict, load_predictor
from training.recipe import EIGENFACES, EMOTION_CROP, HAAR, SFACE, YUNET, opencv_cascade
from training.runs import CONFIG_FILE, MODEL_FILE, REPORT_FILE, read_report

_log = logging.getLogger(__name__)

_GOLDEN = "golden-emotion.npz"
_CARD = "MODEL_CARD.md"
_USUAL_COHORT = "faces that `python -m training eigenfaces` was given, usually FER2013's Training"
_OWN_COHORT = "photographs of the exporter's own choice, of people who are not to be enrolled"


@dataclass(frozen=True)
class Run:
    """A finished training run, and what it says of itself."""

    folder: Path
    config: TrainConfig
    report: Mapping[str, Any]

    @property
    def network(self) -> Path:
        return self.folder / MODEL_FILE


def open_run(folder: Path) -> Run:
    """Raises FileNotFoundError for a folder without one of the files that a bundle needs."""
    for needed in (CONFIG_FILE, REPORT_FILE, MODEL_FILE):
        if not (folder / needed).is_file():
            raise FileNotFoundError(f"{folder}: expected a finished run, found no {needed} in it")
    return Run(folder, read_config(folder / CONFIG_FILE), read_report(folder))


def package(
    run: Run,
    faces: LabelledFaces,
    *,
    name: str,
    version: str,
    output: Path,
    people: Path | None = None,
    detector: Path | None = None,
    embedding: Path | None = None,
    progress: Progress = SILENT,
    leave_out: Sequence[str] = (),
    key: Path | None = None,
) -> Manifest:
    """Write the bundle of a run into the folder ``output``, replacing what is there.

    faces: with the run's own labels. people: see ``write_eigenfaces``. detector, embedding: the
    published YuNet and SFace; those that are not given are fetched, once, which ``progress`` is
    told of. leave_out: see ``without``. key: SSH key to sign with; without one the bundle is
    unsigned, and only a device that allows that takes it. Raises ParityError when a file is not
    what it should be, SigningError, what ``write_eigenfaces``, ``published.obtain`` and ``without``
    raise, DataError for faces without a test split, and ValueError for a name or version that no
    manifest takes, or an ``output`` that holds something else than a bundle; it is then left as it
    was.
    """
    check_before(run.folder, faces, name, version, output, people, key)
    formats = without(leave_out)
    detector = published.obtain(published.YUNET, detector, progress)
    embedding = published.obtain(published.SFACE, embedding, progress)
    emotion = EmotionSpec(
        golden=_GOLDEN,
        labels=faces.labels,
        crop=EMOTION_CROP,
        normalization=ARCHITECTURES[run.config.architecture].normalization,
        clear=run.report.get("clear"),
        models=formats.emotion,
    )
    yunet = YUNET.model_copy(update={"models": formats.detector})
    sface = SFACE.model_copy(update={"models": formats.embedding})
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=output.parent) as scratch:
        folder = Path(scratch) / name
        folder.mkdir()
        write_eigenfaces(run.folder, people, folder / EIGENFACES.file)
        shutil.copyfile(opencv_cascade(), folder / HAAR.file)
        found, detector_proofs = write_detector(detector, folder, yunet)
        embedded, embedding_proofs = write_embedding(embedding, folder, sface)
        read = write_emotion(run.network, folder, emotion, faces, name, version)
        proofs = _prove(run, faces, emotion, read.predictors)
        card = _card(
            run,
            folder,
            faces,
            _OWN_COHORT if people else _USUAL_COHORT,
            proofs,
            [*detector_proofs, *embedding_proofs],
            [found, embedded, read],
            name,
            version,
        )
        (folder / _CARD).write_text(card, encoding="utf-8")
        (folder / NOTICE_FILE).write_text(notice(), encoding="utf-8")
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            name=name,
            version=version,
            compatible=_compatible(__version__),
            created=run.report["finished"],
            git_commit=run.report["git_commit"],
            emotion=emotion,
            detectors=(yunet, HAAR),
            identifiers=(sface, EIGENFACES),
            metrics=_metrics(proofs),
            files={path.name: _entry(path) for path in sorted(folder.iterdir())},
        )
        text = manifest.model_dump_json(indent=2) + "\n"
        (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")
        if key is not None:
            sign(folder, key)
        _require_all(verify(folder, None))
        _replace(folder, output)
    return manifest


def _card(
    run: Run,
    folder: Path,
    faces: LabelledFaces,
    cohort: str,
    proofs: Sequence[Proof],
    likeness: Sequence[Likeness],
    written: Sequence[Written],
    name: str,
    version: str,
) -> str:
    _log.info("measuring the time of each file")
    files = {
        folder / file: (predict, network.inputs)
        for network in written
        for file, predict in network.predictors.items()
    }
    return model_card(
        name,
        version,
        run.config,
        run.report,
        _counts(run, faces),
        cohort,
        proofs,
        likeness,
        latencies_ms(run.folder, files),
        {path.name: path.stat().st_size for path in files},
    )


def _counts(run: Run, faces: LabelledFaces) -> dict[str, int]:
    """Faces of Training that the network learned from, by what most chose."""
    learned = faces.targets("Training", vote_weight=run.config.vote_weight).faces
    counts = np.bincount(learned.labels, minlength=len(faces.labels))
    return dict(zip(faces.labels, counts.tolist(), strict=True))


def _compatible(runtime: str) -> str:
    """Every later patch of the same minor version of the runtime."""
    major, minor, _ = runtime.split(".")
    return f">={runtime},<{major}.{int(minor) + 1}"


def _prove(
    run: Run, faces: LabelledFaces, emotion: EmotionSpec, predictors: Mapping[str, Predict]
) -> list[Proof]:
    """Every file on both test splits. Raises ParityError once all of them are known."""
    keras_predict = load_predictor(run.network)
    proofs = []
    for split in TEST_SPLITS:
        _log.info("comparing every file with Keras on %s", split)
        judge = Judge(faces, split)
        inputs = normalize(judge.images, emotion.normalization)
        expected = keras_predict(inputs)
        proofs += [
            prove(
                model.file,
                model.precision,
                predictors[model.file],
                split=split,
                judge=judge,
                inputs=inputs,
                expected=expected,
                clear=emotion.clear,
            )
            for model in emotion.models
        ]
    require(proofs)
    return proofs


def _metrics(proofs: Sequence[Proof]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for proof in proofs:
        where = f"{proof.file}/{proof.split}"
        majority, labels = proof.verdict.majority, proof.verdict.labels
        figures[f"{where}/majority_accuracy"] = round(majority.accuracy, 4)
        figures[f"{where}/majority_mean_recall"] = round(majority.mean_recall, 4)
        figures[f"{where}/label_accuracy"] = round(labels.accuracy, 4)
    return figures


def _require_all(verified: Verified) -> None:
    """Raises ParityError for a file that this machine's device would leave out."""
    if verified.failed:
        failed = ", ".join(str(replay) for replay in verified.failed)
        raise ParityError(f"expected every file to give its own golden answers, found {failed}")


def _entry(path: Path) -> FileEntry:
    return FileEntry(size=path.stat().st_size, sha256=file_sha256(path))


def _replace(folder: Path, output: Path) -> None:
    """Swap folders by renaming; the old one goes only when the new one is in place."""
    old = folder.with_name(".replaced")
    if output.exists():
        output.rename(old)
    try:
        folder.rename(output)
    except OSError:
        if old.exists():
            old.rename(output)
        raise
