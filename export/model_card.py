"""MODEL_CARD.md: what a bundle was trained on, how well it does, and where it fails."""

from collections.abc import Mapping, Sequence
from typing import Any

from export.parity import Proof


def model_card(
    name: str,
    version: str,
    config: dict[str, Any],
    report: dict[str, Any],
    proofs: Sequence[Proof],
    latencies_ms: Mapping[str, float],
    sizes: Mapping[str, int],
) -> str:
    """The card as Markdown, the same text for the same figures. sizes: bytes of each file."""
    rows = "\n".join(
        f"| `{proof.file}` | {proof.split} | {proof.evaluation.accuracy:.2%} | "
        f"{proof.evaluation.macro_f1:.3f} | {proof.max_difference:.1e} | "
        f"{proof.mean_difference:.1e} | {proof.agreement:.2%} | {proof.loss * 100:+.2f} |"
        for proof in proofs
    )
    slowest = max(latencies_ms.values())
    files = "\n".join(
        f"| `{file}` | {sizes[file] / 1e6:.2f} MB | {value / slowest:.2f} |"
        for file, value in latencies_ms.items()
    )
    last = next(proof for proof in proofs if proof.split == "PrivateTest").evaluation
    classes = "\n".join(
        f"| {label} | {precision:.2f} | {recall:.2f} | {f1:.2f} |"
        for label, precision, recall, f1 in zip(
            last.labels, last.precision, last.recall, last.f1, strict=True
        )
    )
    return f"""# {name} {version}

Says which of {len(last.labels)} emotions a face shows, finds faces (OpenCV's frontal Haar cascade)
and holds the eigenfaces that enrolled people are recognised with.

## Figures

One network, one forward pass, the official splits of FER2013. The network was trained on Training,
its epoch ({report["best_epoch"]} of {config["epochs"]}) chosen on PublicTest;
PrivateTest chose nothing. The right-hand columns hold the file against the Keras network on the
same images: largest and mean difference of a probability, images with the same label, points of
accuracy lost.

| file | split | accuracy | macro-F1 | largest | mean | same label | lost |
|---|---|---|---|---|---|---|---|
{rows}

Time for one face on one thread of the exporting machine, as a share of the slowest file's; a device
measures its own.

| file | size | time |
|---|---|---|
{files}

Per class on PrivateTest, `{proofs[0].file}`:

| class | precision | recall | F1 |
|---|---|---|---|
{classes}

## Trained on

- Emotions: FER2013, Training split (28,709 grey faces of 48x48 from the web), labels mixed with
  FER+'s votes (MIT licence) at a weight of {config["vote_weight"]}. FER2013 was published for
  research; look at its terms before other use.
- Eigenfaces: 1,000 faces of FER2013's Training split on which the cascade finds a face. The XML
  holds their mean, eigenvectors and projections, no picture of anybody.
- Architecture `{config["architecture"]}`, {config["epochs"]} epochs, seed {config["seed"]}, Keras
  {report["keras"]} on {report["backend"]}.

## Limits

- FER2013's labels are one person's guess on web images; people agree with them on about 65 %.
  Fear, sadness and anger are mixed up most: read the recall above before trusting a label.
- Posed and clear expressions are over-represented. Faces from the side, covered or small faces, and
  strong light from one side are often not found, or mislabelled.
- The data is not balanced by age, skin colour or culture, and no figure here is broken down by
  them, because the data does not say. Expect errors to be unevenly spread.
- A face that the eigenfaces name may still be a stranger's. The distance is no probability.

## Intended use

A kiosk that shows people what it sees, with notice, where they may walk away. Not for judging
anybody: not at work, in education, at borders, in health, or in any decision about a person. The
EU's AI Act forbids emotion inference at work and in education (Art. 5(1)(f)).
"""
