from edge_app.bundle import Bundle
from edge_app.i18n import translate


def test_every_label_of_the_bundle_has_a_spanish_word(bundle: Bundle) -> None:
    for label in (*bundle.manifest.emotion.labels, "bored"):
        assert label == "neutral" or translate(label, "es") != label


def test_english_shows_the_label_itself() -> None:
    assert translate("happy", "en") == "happy"


def test_a_word_nobody_knows_is_shown_as_it_is() -> None:
    assert translate("puzzled", "es") == "puzzled"
