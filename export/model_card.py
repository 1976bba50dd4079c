"""MODEL_CARD.md: what a bundle was trained on, how well it does, and where it fails."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from export import published
from export.parity import Proof
from export.published import Published
from export.reference import Likeness
from training.config import TrainConfig
from training.evaluate import Evaluation

_MISSED = 2


def model_card(
    name: str,
    version: str,
    config: TrainConfig,
    report: Mapping[str, Any],
    training_faces: Mapping[str, int],
    cohort: str,
    proofs: Sequence[Proof],
    likeness: Sequence[Likeness],
    latencies_ms: Mapping[str, float],
    sizes: Mapping[str, int],
) -> str:
    """The card as Markdown, the same text for the same figures.

    report: the run's trained.json. training_faces: how many of each label it learned from. cohort:
    whose faces the eigenfaces were made of. sizes: bytes of each file.
    """
    rows = "\n".join(map(_row, proofs))
    alike = "\n".join(
        f"| `{one.file}` | {one.measure} | {one.worst:.4f} | {one.mean:.4f} |" for one in likeness
    )
    slowest = max(latencies_ms.values())
    files = "\n".join(
        f"| `{file}` | {sizes[file] / 1e6:.2f} MB | {value:.2f} ms | {value / slowest:.2f} |"
        for file, value in latencies_ms.items()
    )
    verdict = next(proof for proof in proofs if proof.split == "PrivateTest").verdict
    last, clear = verdict.majority, verdict.clear
    classes = "\n".join(
        f"| {label} | {precision:.2f} | {recall:.2f} | {f1:.2f} |"
        for label, precision, recall, f1 in zip(
            last.labels, last.precision, last.recall, last.f1, strict=True
        )
    )
    return f"""# {name} {version}

Says which of {len(last.labels)} emotions a face shows, finds faces (YuNet, or OpenCV's frontal Haar
cascade) and recognises enrolled people (SFace, or eigenfaces).

## Figures

One network, one forward pass, {_splits(config)}. FER+ is what ten people saw in each face: accuracy
and mean recall over the classes are of the faces in which more than half of them saw the same
({last.confusion.sum():,} of PrivateTest), "new" of those that Training does not have as well;
"labels" is the accuracy by FER2013's own labels, of all faces. The network was trained on Training;
its epoch ({report["best_epoch"]} of {report["epochs"]}), how far its scores are divided by the
classes' frequency (to the power {report.get("prior_power", 0.0):g}), their temperature
({report["temperature"]}) and when a face shows a clear emotion were chosen on PublicTest, and
nothing on PrivateTest. The right-hand columns hold the file against the
Keras network on the same images: largest and mean difference of a probability, images with the same
label, points of accuracy lost.

| file | split | FER+ | mean recall | new | labels | largest | mean | same label | lost |
|---|---|---|---|---|---|---|---|---|---|
{rows}

Of PrivateTest, `{proofs[0].file}` shows an emotion on {clear.shown:.1%} of the faces that people
agree on, {clear.right:.1%} of them the one that they saw, and on {clear.disputed:.1%} of the faces
that people do not agree on. Its calibration error (15 bins) is {last.reliability.error:.3f}.

The files of the published networks against what OpenCV gives for the published file, on variants of
one portrait (and two drawn faces for the embedding):

| file | measure | worst | mean |
|---|---|---|---|
{alike}

Time for one input on one thread of the exporting machine (of the detector: 128x128 pixels), and
as a share of the slowest file's; a device measures its own.

| file | size | time | share |
|---|---|---|---|
{files}

Per class on PrivateTest, by FER+, `{proofs[0].file}`:

| class | precision | recall | F1 |
|---|---|---|---|
{classes}

## Trained on

- Emotions: {_data(config, report, training_faces)}
- Eigenfaces: {cohort}. The XML holds their mean, eigenvectors and projections, no picture of
  anybody.
- Architecture `{config.architecture}`, {report["epochs"]} epochs, seed {config.seed}, Keras
  {report["keras"]} on {report["backend"]}, {_beginning(config)}.

## Published networks

{_published(published.YUNET)}
{_published(published.SFACE)}

Both were rebuilt in Keras from the published file, with its weights, and converted by the code that
converts the emotion network. NOTICE has the licences.

## Limits

- People do not agree on what a face shows: for a quarter of FER2013's faces no answer has more than
  half of ten votes, and its own labels are those of most people in 72 % of the others. Here
  {_missed(last)} are missed most: read the recall above before trusting a label.
- Posed and clear expressions are over-represented. Faces from the side, covered or small faces, and
  strong light from one side are often not found, or mislabelled.
- The data is not balanced by age, skin colour or culture, and no figure here is broken down by
  them, because the data does not say. Expect errors to be unevenly spread.
- A face that is named may still be a stranger's. The distance is no probability.
- Nobody has published how well YuNet and SFace do by age, skin colour or sex on data like a
  kiosk's. SFace learned from faces of well-known people of the web: expect it to confuse people who
  are rare among them, children first, more often.

## Intended use

A kiosk that shows people what it sees, with notice, where they may walk away. Not for judging
anybody: not at work, in education, at borders, in health, or in any decision about a person. The
EU's AI Act forbids emotion inference at work and in education (Art. 5(1)(f)).
"""


def _row(proof: Proof) -> str:
    verdict = proof.verdict
    seen, labels = verdict.majority, verdict.labels
    fresh = "-" if verdict.fresh is None else f"{verdict.fresh.accuracy:.2%}"
    return (
        f"| `{proof.file}` | {proof.split} | {seen.accuracy:.2%} | {seen.mean_recall:.3f} | "
        f"{fresh} | {labels.accuracy:.2%} | {proof.max_difference:.1e} | "
        f"{proof.mean_difference:.1e} | {proof.agreement:.2%} | {proof.loss * 100:+.2f} |"
    )


def _published(network: Published) -> str:
    return f"""- {network.title}: {network.address}
  SHA-256 {network.sha256}; {network.licence}, {network.copyright}; {network.authors_page}.
  Published: {network.figures}.
  Trained on: {network.trained_on}."""


def _splits(config: TrainConfig) -> str:
    if config.labels == "bored4":
        return "FER2013's official splits, and bored faces split by scene"
    return "the official splits of FER2013"


def _beginning(config: TrainConfig) -> str:
    """Where the weights came from: the epochs of a run are not all that they have seen."""
    if config.init is None:
        return "from random weights"
    return f"from the weights of the run `{PurePath(config.init).name}`"


def _missed(evaluation: Evaluation) -> str:
    """The labels that are recognised least."""
    order = sorted(zip(evaluation.recall, evaluation.labels, strict=True))
    return " and ".join(label for _, label in order[:_MISSED])


def _data(config: TrainConfig, report: Mapping[str, Any], faces: Mapping[str, int]) -> str:
    """What the emotions were learned from, and under which terms."""
    bored = faces.get("bored", 0)
    lines = [
        f"{sum(faces.values()) - bored:,} faces of FER2013's Training split (grey, 48x48, from the "
        "web).",
        "  FER2013 was published for research; look at its terms before other use.",
    ]
    if bored:
        lines.append(f"  {bored:,} bored faces were cut from photographs of the exporter's choice.")
    teachers = config.teacher_weight if config.teachers else 0.0
    if config.vote_weight and report.get("votes", True):
        share = (1.0 - teachers) * config.vote_weight
        lines.append(f"  FER+'s votes (MIT licence) count for {share:.0%} of what it was taught.")
    if config.teachers:
        others = f"{len(config.teachers)} other networks"
        if len(config.teachers) == 1:
            others = "another network"
        lines.append(f"  Scores of {others}, trained on the same faces, count for {teachers:.0%}.")
    return "\n".join(lines)
