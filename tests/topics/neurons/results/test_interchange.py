"""The table of an exchange: every control stands beside what is followed."""

from types import SimpleNamespace

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.results.interchange import LINES, interchange_chart


def share(value, null):
    return Evidence(question="?", value=value, null=null, control="at random", n=32)


def result(layers=("stage 1", "h")):
    cells = [
        SimpleNamespace(layer=layer, subspace=name, follows=share(v, 0.1), same=0.02, shuffled=0.5)
        for layer in layers
        for name, v in (("all", 0.9), ("means", 0.8), ("reader", 0.3), ("all but means", 0.05))
    ]
    return SimpleNamespace(
        settings=SimpleNamespace(network="cross-0", factor="bloom"),
        picture=share(0.9, 0.1),
        readable={layer: share(0.97, 0.5) for layer in layers},
        cells=cells,
        cell=lambda a, b: next(c for c in cells if (c.layer, c.subspace) == (a, b)),
    )


@pytest.mark.parametrize("dark", [False, True])
def test_every_layer_has_every_line(dark):
    drawing = interchange_chart(result(), dark=dark)
    assert len(drawing.rows) == 2 * len(LINES)
    there = drawing.rows[drawing.rows["layer"] == "h"].set_index("line")["share"]
    assert there["readable"] == 0.97
    assert there["means' rank, at random"] == 0.1
    assert there["other donors, means"] == 0.5
    assert "names its level in 0.97 of plants (shuffled levels 0.50)" in drawing.alt
    assert "0.80 where h gets the direction between the means" in drawing.alt


def test_nothing_exchanged_is_refused():
    with pytest.raises(PlantEduError, match="Nothing was exchanged"):
        interchange_chart(SimpleNamespace(cells=()))
