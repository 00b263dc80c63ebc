"""Heat maps and cells: what they draw is what they were given, with its null."""

import numpy as np
import pytest
import vl_convert

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.results.compare_chart import AT, Heat, evidence_chart, heat_map

HEAT = Heat(
    *(("a", "b"), ("c", "d", "e"), ("left", "right")),
    *(np.arange(6.0).reshape(2, 3) / 6, np.full((2, 3), 0.1), np.full((2, 3), 0.5)),
    *(False, 1.0, (("d", "queue on"),), "says"),
)


@pytest.mark.parametrize("dark", [False, True])
def test_a_heat_map_draws_every_cell_its_level_and_the_event(dark):
    drawing = heat_map(HEAT, dark=dark)
    cells = drawing.rows[drawing.rows["kind"] == "cell"]
    assert len(cells) == 6
    assert cells["level"].tolist() == [0.1] * 6
    assert set(cells["beyond"]) == {"no"}
    picture = vl_convert.vegalite_to_svg(drawing.vega_lite())
    for word in ("queue on", "0.83", "0.100", "left", "right"):
        assert word in picture


def test_a_cell_stands_above_its_null():
    drawing = evidence_chart(
        0.8, (0.7, 0.9), np.linspace(0, 0.3, len(AT)), says="says", label="CKA"
    )
    rows = drawing.rows.set_index("kind")
    assert rows.loc["value", ["x", "low", "high"]].tolist() == [0.8, 0.7, 0.9]
    assert rows.loc["null", "high"] == pytest.approx(0.3)
    assert "shuffled plants" in vl_convert.vegalite_to_svg(drawing.vega_lite())


def test_nothing_to_draw_is_said():
    from dataclasses import replace

    with pytest.raises(PlantEduError, match="nothing to compare"):
        heat_map(replace(HEAT, value=np.zeros((0, 0))))
