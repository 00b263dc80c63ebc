"""One reader of numbers for every question."""

import pytest

from plantedu.course.number_forms import numbers_in
from plantedu.errors import PlantEduError


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("24901", (24901,)),
        ("24,901", (24901, 24.901)),
        ("0,182", (0.182,)),
        ("1,234,567", (1234567,)),
        ("14%", (0.14,)),
        ("1/7", (1 / 7,)),
        ("~ .5", (0.5,)),
        ("1e-3", (0.001,)),
        ("80 percent", (0.8,)),
        ("80 per cent", (0.8,)),
        ("none", (0,)),
        ("Zero.", (0,)),
        ("eleven", (11,)),
    ],
)
def test_numbers_are_read(answer, found):
    assert numbers_in(answer) == pytest.approx(found)


@pytest.mark.parametrize("answer", ["half", "", "1/0", "nan%%", "inf", "1/2/3", "%"])
def test_what_is_no_number_is_a_sentence(answer):
    with pytest.raises(PlantEduError, match="number"):
        numbers_in(answer)
