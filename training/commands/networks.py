"""Commands that train networks."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from training.commands.options import DataFolder
from training.config import ArchitectureName, Monitor, Optimizer, Precision, Schedule, recipe
from training.datasets.label_sets import LabelSetName

app = typer.Typer()


_Schedule = partial(typer.Option, rich_help_panel="Schedule")
_Faces = partial(typer.Option, rich_help_panel="Variations of the faces")
_Targets = partial(typer.Option, rich_help_panel="Targets")


@app.command()
def train(
    data: DataFolder,
    run: Annotated[Path, typer.Option("--run", help="Folder that receives the run.")],
    architecture: ArchitectureName = "compact",
    labels: LabelSetName = "fer7",
    init: Annotated[
        Path | None,
        typer.Option(help="A run of the same architecture, or a narrower one, to start from."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the weights, the order, the variations.")] = (
        None
    ),
    monitor: Annotated[
        Monitor | None, typer.Option(help="The figure on PublicTest that the best epoch has.")
    ] = None,
    epochs: Annotated[int | None, _Schedule(min=1)] = None,
    batch_size: Annotated[int | None, _Schedule(min=2, help="Faces a step.")] = None,
    optimizer: Annotated[Optimizer | None, _Schedule(help="sgd has Nesterov momentum.")] = None,
    schedule: Annotated[Schedule | None, _Schedule(help="How the learning rate falls.")] = None,
    learning_rate: Annotated[
        float | None, _Schedule(min=0.0, help="The largest of the schedule.")
    ] = None,
    weight_decay: Annotated[
        float | None, _Schedule(min=0.0, help="Decoupled, of the kernels; 0 is none.")
    ] = None,
    ema: Annotated[
        float | None, _Schedule(min=0.0, max=0.99999, help="Momentum of averaged weights; 0: none.")
    ] = None,
    precision: Annotated[
        Precision | None,
        _Schedule(help="bfloat16 is faster on processors that compute in it (avx512_bf16)."),
    ] = None,
    augment: Annotated[
        bool, _Faces("--augment/--no-augment", help="Vary the faces as the recipe does.")
    ] = True,
    rotation: Annotated[float | None, _Faces(min=0.0, help="Largest, in degrees.")] = None,
    scale: Annotated[float | None, _Faces(min=0.0, help="Largest, as a share of the side.")] = None,
    shift: Annotated[float | None, _Faces(min=0.0, help="Largest, as a share of the side.")] = None,
    gamma: Annotated[float | None, _Faces(min=0.0, help="Largest, as a power of e.")] = None,
    noise: Annotated[
        float | None, _Faces(min=0.0, help="Largest deviation, in grey levels; 0 is none.")
    ] = None,
    erase: Annotated[
        float | None, _Faces(min=0.0, max=1.0, help="Chance of a blanked rectangle (cutout).")
    ] = None,
    mixup: Annotated[
        float | None, _Faces(min=0.0, help="Alpha of the Beta distribution; 0 is none.")
    ] = None,
    label_smoothing: Annotated[
        float | None, _Targets(min=0.0, max=0.9, help="Share that all classes get alike.")
    ] = None,
    vote_weight: Annotated[
        float | None, _Targets(min=0.0, max=1.0, help="Share of FER+'s votes.")
    ] = None,
    class_balance: Annotated[
        float | None, _Targets(min=0.0, max=1.0, help="0 treats faces alike, 1 classes.")
    ] = None,
    teacher: Annotated[
        list[Path] | None,
        _Targets(help="A run or a bundle's file to learn from; may be given several times."),
    ] = None,
    teacher_weight: Annotated[
        float | None, _Targets(min=0.0, max=1.0, help="Share of the teachers' scores.")
    ] = None,
    teacher_temperature: Annotated[
        float | None, _Targets(min=0.1, help="Above 1 their scores are softened.")
    ] = None,
    teacher_views: Annotated[
        bool | None,
        _Targets(
            "--teacher-views/--teacher-once",
            help="Ask teachers about every varied face that the student sees, or once about each.",
        ),
    ] = None,
) -> None:
    """Train on the Training split, chosen on PublicTest. A stopped run is resumed.

    What is not given has the value of the architecture's recipe (training/config.py).
    """
    from training.runs import describe, read_report
    from training.train import train as run_training

    teaching = _given(
        teacher_weight=teacher_weight,
        teacher_temperature=teacher_temperature,
        teacher_views=teacher_views,
    )
    if teaching and not teacher:
        raise ValueError(
            "expected --teacher beside --teacher-weight, --teacher-temperature and --teacher-views"
        )
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
        init=None if init is None else str(init),
    )
    config = replace(recipe(architecture, labels), **settings, **teaching)
    if ema is not None:
        config = replace(config, ema_momentum=ema or None)
    if weight_decay is not None:
        config = replace(config, weight_decay=weight_decay or None)
    variations = _given(
        rotation=rotation,
        scale=scale,
        shift=shift,
        gamma=gamma,
        noise=noise,
        erase_probability=erase,
    )
    if augment and config.augmentation is not None:
        config = replace(config, augmentation=replace(config.augmentation, **variations))
    elif variations:
        raise ValueError(
            "--no-augment: expected none of --rotation, --scale, --shift, --gamma, --noise and "
            "--erase beside it, found some"
        )
    else:
        config = replace(config, augmentation=None)
    run_training(config, data, run)
    print(f"{run}: {describe(read_report(run))}")


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


@app.command()
def calibrate(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")], data: DataFolder
) -> None:
    """Fit on PublicTest what makes a run's scores fair and true, and put it into its network.

    How far they are divided by the classes' frequency, their temperature, and when a face shows a
    clear emotion.
    """
    from training.calibrate import calibrate_run

    found = calibrate_run(run, data)
    print(
        f"{run}: calibration error on PublicTest {found.error_before:.4f}, "
        f"now {found.error_after:.4f}; divided by the prior to the power {found.prior_power:.2f}, "
        f"temperature {found.temperature:.2f}"
    )
