"""What a stranger wrote does not reach a terminal as it is, and kills nobody who draws it."""

import json

import vl_convert

from plantedu.course.report_export.words import MOST, drawable, plainly


def test_escapes_and_turned_writing_become_question_marks():
    assert plainly("run \x1b[2J\x1b[1;32msame\r\n\u202eerom") == "run ?[2J?[1;32msame???erom"
    assert plainly("Größe 7 µm") == "Größe 7 µm"
    assert len(plainly("a" * 10_000)) == MOST


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
