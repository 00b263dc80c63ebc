"""A number within its tolerance is right, one beyond it is wrong, and no number is a sentence."""

import pytest

from plantedu.course.validators import near, word
from plantedu.errors import PlantEduError


@pytest.mark.parametrize(("answer", "right"), [("0.5", True), (".51", True), ("0.52", False)])
def test_a_number_is_right_within_its_tolerance(answer, right):
    assert near("0.5", 0.011, "Yes.")(answer, None).right is right


def test_what_is_no_number_is_a_sentence():
    with pytest.raises(PlantEduError, match="number"):
        near("0.5", 0.01, "Yes.")("half", None)


def test_a_word_is_right_whatever_its_case():
    judge = word("lower", "Yes.")
    assert judge(" Lower ".strip(), None).right
    assert not judge("higher", None).right


@pytest.mark.parametrize("answer", ["X1", "the RGB camera", "rgb", "it is X1."])
def test_a_camera_may_be_called_by_its_letter_or_its_bands(answer):
    assert word("x1", "Yes.")(answer, None).right
    assert not word("x2", "Yes.")(answer, None).right


def test_a_wrong_word_is_never_said_to_be_another_thing():
    """RGB is X1: "It is not RGB" was false."""
    said = word("mesophyll", "Yes.")("the bloom factor", None)
    assert not said.right
    assert "It is not" not in said.text


@pytest.mark.parametrize(
    ("expected", "tolerance", "answer"),
    [
        ("24901", 0.4, "24,901"),
        ("24901", 0.4, "24.901"),
        ("24901", 0.4, "24 901"),
        ("1/7", 0.004, "14%"),
        ("1/7", 0.004, "14.3 %"),
        ("1/7", 0.004, "1/7"),
        ("25/48", 0.006, "25/48"),
        ("25/48", 0.006, "about 0,52"),
        ("3.1543", 0.01, "3,154"),
        ("0.8", 0.011, "80 %."),
        ("-3", 0.1, "\u22123"),
    ],
)
def test_every_way_to_write_a_number_is_understood(expected, tolerance, answer):
    assert near(expected, tolerance, "Yes.")(answer, None).right


def test_where_percents_are_asked_for_a_percent_is_itself():
    judge = near("100", 0.6, "Yes.", percent=True)
    assert judge("100%", None).right
    assert judge("100", None).right
    assert not judge("1", None).right
    assert not near("0.8", 0.011, "Yes.")("0.8%", None).right


@pytest.mark.parametrize("answer", ["No.", "no", " NO! ", '"no"'])
def test_a_word_is_right_with_its_full_stop(answer):
    assert word("no|never", "Yes.")(answer, None).right
