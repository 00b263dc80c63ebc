"""The chart of effects: every representation, the null's colour, words."""

import pytest

from plantedu.charts.palette import colour
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.effects import LOWEST, effect_chart


def evidence(value):
    return Evidence(question="?", value=value, null=0.0, control="c", n=9, interval=(value, value))


@pytest.mark.parametrize("dark", [False, True])
def test_factors_are_in_the_order_of_their_effect_and_random_weights_grey(dark):
    lines = [
        (f, of, evidence(v)) for f, v in (("a", 0.1), ("b", 0.5)) for of in ("own h", "random h")
    ]
    drawing = effect_chart([*lines, ("c", "own h", evidence(0.0))], null="random h", dark=dark)
    assert drawing.alt.index("b own h 0.500") < drawing.alt.index("a own h 0.100")
    assert drawing.rows["effect"].min() == LOWEST
    assert colour("null", dark=dark) in str(drawing.spec)
    assert "n = 9" in drawing.alt
    assert "own h: b moves it most, 0.50 of the variance over plants" in drawing.caption
    assert "(random weights 0.50); 0 of 3 factors" in drawing.caption


def test_nothing_is_said():
    with pytest.raises(PlantEduError, match="nothing to show"):
        effect_chart([], null="random h")
