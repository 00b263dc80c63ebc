"""The result of where samples differ: plain values, its chart beside its nulls."""

import json

from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.sample_deviation import (
    NOTHING,
    Camera,
    DeviationResult,
    Settings,
)


def number(value):
    return Evidence(
        question="Where?",
        value=value,
        null=0.2,
        control="the map of another plant",
        n=48,
        interval=(value - 0.1, value + 0.1),
    )


FOUND = DeviationResult(
    Settings(),
    "cross-0 h of rgb and rgn",
    tuple(Camera(name, number(0.6), number(0.3), 9.0, 30.0) for name in ("rgb", "rgn")),
    {"soil_rgb": 0.9, "light_rgb": 0.1},
)


def test_it_is_read_back_as_it_was_written():
    assert DeviationResult.from_json(json.loads(json.dumps(FOUND.as_json()))) == FOUND


def test_the_chart_has_a_line_for_each_camera_and_for_no_condition_with_its_null():
    drawing = FOUND.chart()
    assert list(drawing.rows["what"]) == ["rgb", f"rgb, {NOTHING}", "rgn", f"rgn, {NOTHING}"]
    assert set(drawing.rows["null"]) == {0.2}
    assert "0.600 [0.500, 0.700]" in drawing.alt
