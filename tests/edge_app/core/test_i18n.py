from typing import get_args

from edge_app.bundle.loader import Bundle
from edge_app.core.i18n import Language, translate
from edge_app.enrolment.selection import Refusal


def test_every_label_of_the_bundle_has_a_spanish_word(bundle: Bundle) -> None:
    for label in (*bundle.manifest.emotion.labels, "bored"):
        assert label == "neutral" or translate(label, "es") != label


def test_english_shows_the_label_itself() -> None:
    assert translate("happy", "en") == "happy"


def test_a_word_nobody_knows_is_shown_as_it_is() -> None:
    assert translate("puzzled", "es") == "puzzled"


def test_every_refusal_has_its_own_words_for_people_and_for_photos() -> None:
    keys = [key for refusal in Refusal for key in (str(refusal), refusal.about_photo)]
    for language in get_args(Language):
        texts = [translate(key, language) for key in keys]
        assert len(set(texts)) == len(texts) and not set(texts) & set(keys)
