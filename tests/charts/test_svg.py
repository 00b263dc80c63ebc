"""A drawing as SVG; what a stranger wrote kills nobody who draws it."""

import json

import vl_convert

from plantedu.charts.forest import forest_chart
from plantedu.charts.svg import drawable, svg_of
from plantedu.statistics.evidence import Evidence


def test_a_drawing_becomes_an_svg_with_its_words():
    one = Evidence(question="q", value=0.5, null=0.1, control="shuffled", n=9)
    svg = svg_of(forest_chart([("my line", one)], unit="accuracy"))
    assert svg.startswith("<svg")
    assert "my line" in svg


def test_what_would_abort_the_process_that_draws_it_is_a_question_mark():
    """Before, one escape character in the source of a claim ended the verifier, or the server."""
    spec = {
        "data": {"values": [{"a": "x\x1b]0;y\x07\ud800 é\u00a0z", "b": 1}]},
        "mark": "bar",
        "encoding": {"y": {"field": "a", "type": "nominal"}, "x": {"field": "b"}},
    }
    svg = vl_convert.vegalite_to_svg(json.dumps(drawable(spec)))
    assert "x?]0;y?? é\u00a0z" in svg.replace("&nbsp;", "\u00a0")
    plain = {"a": ["é\u00a0\n", 1, None, {"b": 0.5}]}
    assert drawable(plain) == plain
