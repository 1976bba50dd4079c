"""Commands that train networks."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from training.commands.options import DataFolder
from training.config import ArchitectureName, Monitor, Optimizer, Precision, Schedule, recipe
from training.datasets.label_sets import LabelSetName

app = typer.Typer()


@app.command()
def train(
    data: DataFolder,
    run: Annotated[Path, typer.Option("--run", help="Folder that receives the run.")],
    architecture: ArchitectureName = "compact",
    labels: LabelSetName = "fer7",
    epochs: Annotated[int | None, typer.Option(min=1)] = None,
    batch_size: Annotated[int | None, typer.Option(min=2)] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=0.0, help="The largest of the schedule.")
    ] = None,
    optimizer: Optimizer | None = None,
    schedule: Annotated[Schedule | None, typer.Option(help="How the learning rate falls.")] = None,
    precision: Annotated[
        Precision | None,
        typer.Option(help="bfloat16 is faster on processors that compute in it (avx512_bf16)."),
    ] = None,
    seed: int | None = None,
    augment: Annotated[
        bool, typer.Option("--augment/--no-augment", help="Vary the faces as the recipe does.")
    ] = True,
    rotation: Annotated[float | None, typer.Option(min=0.0, help="Largest, in degrees.")] = None,
    scale: Annotated[
        float | None, typer.Option(min=0.0, help="Largest change of size, of the side.")
    ] = None,
    shift: Annotated[float | None, typer.Option(min=0.0, help="Largest, of the side.")] = None,
    gamma: Annotated[
        float | None, typer.Option(min=0.0, help="Largest change of light, as a power of e.")
    ] = None,
    erase: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Chance of a blanked rectangle (cutout).")
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option(min=0.0, help="Largest deviation of added noise, in grey levels; 0 is none."),
    ] = None,
    mixup: Annotated[
        float | None, typer.Option(min=0.0, help="Alpha of the Beta distribution; 0 is none.")
    ] = None,
    label_smoothing: Annotated[float | None, typer.Option(min=0.0, max=0.9)] = None,
    vote_weight: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Share of FER+'s votes in the targets.")
    ] = None,
    ema: Annotated[
        float | None,
        typer.Option(min=0.0, max=0.99999, help="Momentum of averaged weights; 0 is none."),
    ] = None,
    weight_decay: Annotated[
        float | None, typer.Option(min=0.0, help="Decoupled, of the kernels; 0 is none.")
    ] = None,
    class_balance: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="0 treats faces alike, 1 treats classes alike."),
    ] = None,
    monitor: Annotated[
        Monitor | None, typer.Option(help="The figure on PublicTest that the best epoch has.")
    ] = None,
    teacher: Annotated[
        list[Path] | None,
        typer.Option(help="A run or a bundle's file to learn from; may be given several times."),
    ] = None,
    teacher_weight: Annotated[float | None, typer.Option(min=0.0, max=1.0)] = None,
    teacher_temperature: Annotated[float | None, typer.Option(min=0.1)] = None,
    init: Annotated[
        Path | None, typer.Option(help="A run of the same architecture to start from.")
    ] = None,
) -> None:
    """Train on the Training split, chosen on PublicTest. A stopped run is resumed.

    What is not given has the value of the architecture's recipe (training/config.py).
    """
    from training.train import train as run_training

    settings = _given(
        epochs=epochs,
        batch_size=batch_size,
        peak_learning_rate=learning_rate,
        optimizer=optimizer,
        schedule=schedule,
        precision=precision,
        seed=seed,
        mixup=mixup,
        label_smoothing=label_smoothing,
        vote_weight=vote_weight,
        class_balance=class_balance,
        monitor=monitor,
        teachers=tuple(map(str, teacher)) if teacher else None,
        teacher_weight=teacher_weight,
        teacher_temperature=teacher_temperature,
        init=None if init is None else str(init),
    )
    config = replace(recipe(architecture, labels), **settings)
    if ema is not None:
        config = replace(config, ema_momentum=ema or None)
    if weight_decay is not None:
        config = replace(config, weight_decay=weight_decay or None)
    if not augment:
        config = replace(config, augmentation=None)
    elif config.augmentation is not None:
        changes = _given(
            rotation=rotation,
            scale=scale,
            shift=shift,
            gamma=gamma,
            erase_probability=erase,
            noise=noise,
        )
        config = replace(config, augmentation=replace(config.augmentation, **changes))
    run_training(config, data, run)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


@app.command()
def calibrate(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")], data: DataFolder
) -> None:
    """Fit the temperature of a run's scores on PublicTest and put it into its network."""
    from training.calibrate import calibrate_run

    before, after = calibrate_run(run, data)
    print(f"{run}: calibration error on PublicTest {before:.4f}, now {after:.4f}")
