"""Maps of plants: every plant is drawn once, pictures only where there are some."""

import json

import pytest

from plantedu.topics.family.results.embedding import map_chart

POINTS, LABELS = [(0.0, 1.0), (2.0, -1.0), (3.0, 3.0)], ["healthy", "blast", "brown"]


@pytest.mark.parametrize("pictures", [(), ("data:1", "data:2")])
def test_every_plant_is_drawn_and_said(pictures):
    drawing = map_chart(POINTS, LABELS, [7, 8, 9], says="Three plants", pictures=pictures)
    assert drawing.rows["disease"].tolist() == ["healthy", "blast", "brown spot"]
    assert drawing.rows[["x", "y"]].to_numpy().tolist() == [list(p) for p in POINTS]
    assert drawing.alt == "Three plants"
    assert ("picture" in drawing.rows) == bool(pictures)
    kinds = drawing.rows["kind"].tolist()
    assert kinds == (["picture", "picture", "plant"] if pictures else ["plant"] * 3)
    assert ('"image"' in json.dumps(drawing.spec)) == bool(pictures)


def test_the_dark_map_has_its_own_colours():
    light, dark = (map_chart(POINTS, LABELS, [1, 2, 3], says="", dark=d) for d in (False, True))
    assert light.spec != dark.spec
