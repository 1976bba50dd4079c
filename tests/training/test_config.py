import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from training.augment import Augmentation
from training.config import RECIPES, TrainConfig, read_config, recipe
from training.models import ARCHITECTURES


@pytest.mark.parametrize("config", [*RECIPES.values(), replace(TrainConfig(), augmentation=None,
                                    teachers=("a", "b"), init="c")])  # fmt: skip
def test_a_config_is_read_back_as_it_was(config: TrainConfig, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(config.to_json())

    assert read_config(tmp_path / "config.json") == config


def test_settings_that_did_not_exist_yet_have_their_defaults(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    augmentation = {"rotation": 3.0}
    path.write_text(json.dumps({"epochs": 40, "vote_weight": 0.3, "augmentation": augmentation}))

    assert read_config(path) == TrainConfig(
        epochs=40, vote_weight=0.3, augmentation=Augmentation(rotation=3.0)
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"epochs": 1, "epoches": 2}', "epoches: Unexpected keyword argument"),
        ('{"augmentation": {"rotation": 1, "spin": 2}}', "augmentation.spin: Unexpected keyword"),
        ('{"architecture": "resnet"}', "architecture: Input should be 'compact', 'compact-"),
        ("[]", "the file: Input should be an object"),
        ("", "the file: Invalid JSON"),
    ],
)
def test_settings_of_another_version_are_named(text: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)

    expected = rf"config\.json: expected settings of this version, found {re.escape(found)}"
    with pytest.raises(ValueError, match=expected):
        read_config(tmp_path / "config.json")


def test_every_architecture_has_a_recipe_of_its_own() -> None:
    assert set(RECIPES) == set(ARCHITECTURES)
    assert all(config.architecture == name for name, config in RECIPES.items())


def test_the_vgg_recipe_is_the_student_projects() -> None:
    vgg = recipe("vgg", "fer7")

    assert (vgg.optimizer, vgg.peak_learning_rate, vgg.batch_size, vgg.epochs) == (
        "adam", 1e-3, 32, 100)  # fmt: skip
    assert (vgg.plateau_patience, vgg.stop_patience) == (7, 11)


def test_bored4_is_chosen_by_macro_f1_and_balanced() -> None:
    config = recipe("compact", "bored4")

    assert (config.labels, config.monitor) == ("bored4", "macro_f1")
    assert config.class_balance > 0
