"""Charts of two rulers: shared axes, floors, nulls and the switch are in them."""

import json
import math

import numpy as np
import pytest

from plantedu.store.series import Series
from plantedu.topics.bump.results.objectives import rulers_chart

SIZES = {"start": 400, "prototypes": 512, "batch": 16, "queue": 1024}


def series(values):
    nan = np.full(len(values), math.nan)
    return Series(np.arange(401, 401 + len(values)), np.array(values, float), nan, nan, nan)


@pytest.mark.parametrize("dark", [False, True])
def test_every_ruler_has_a_panel_with_its_floor_and_its_null(dark):
    readings = [
        (ruler, place, 5.0, (4.9, 5.1), 4.0, 7.0, floor)
        for ruler, floor in (("no queue", 3.5), ("queue", 0.0))
        for place in ("before", "after")
    ]
    drawing = rulers_chart(readings, dark=dark)
    assert len(drawing.rows) == 4
    assert "no queue: before 5.00 (H 4.00), after 5.00 (H 4.00); random init 7.00" in drawing.alt
    assert json.loads(drawing.vega_lite())["facet"]["field"] == "ruler"
