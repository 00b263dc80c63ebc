"""The chart of a push: the largest effects first, each beside pushes elsewhere."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.results.steer import SHOWN, Settings, steer_chart


def test_the_largest_effects_are_shown_beside_pushes_elsewhere():
    effects = {
        f"f{k}": Evidence(question="?", value=k - 20.0, null=1.0, control="pushes", n=6)
        for k in range(15)
    }
    drawing = steer_chart(effects, "feature 3", dark=True)
    assert drawing.alt.index("f0 -20.00") < drawing.alt.index("f1 -19.00")
    assert len(drawing.rows) == 2 * SHOWN
    null = drawing.rows[drawing.rows["kind"] == "null"]
    assert (null["low"] == -1).all()
    assert (null["high"] == 1).all()
    with pytest.raises(PlantEduError, match="Nothing was read"):
        steer_chart({}, "x")


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"sensor": "nir"}, "rgb or rgn"),
        ({"plants": 1}, "2 to 64; got 1"),
        ({"samples": 0}, "1 to 16; got 0"),
        ({"times": 99.0}, "-50 to 50"),
    ],
)
def test_settings_that_cannot_be_are_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**knobs)
