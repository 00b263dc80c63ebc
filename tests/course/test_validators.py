"""A number within its tolerance is right, one beyond it is wrong, and no number is a sentence."""

import pytest

from plantedu.course.validators import near, word
from plantedu.errors import PlantEduError


@pytest.mark.parametrize(("answer", "right"), [("0.5", True), (".51", True), ("0.52", False)])
def test_a_number_is_right_within_its_tolerance(answer, right):
    assert near(0.5, 0.011, "Yes.")(answer, None).right is right


def test_what_is_no_number_is_a_sentence():
    with pytest.raises(PlantEduError, match="number"):
        near(0.5, 0.01, "Yes.")("half", None)


def test_a_word_is_right_whatever_its_case():
    judge = word("lower", "Yes.")
    assert judge(" Lower ".strip(), None).right
    assert not judge("higher", None).right
