"""Numbers within a tolerance, all else exactly; what a run took is no finding."""

import math

import pytest

from plantedu.course.report_export.comparing import PASSING, close, differences, same_text


@pytest.mark.parametrize(
    ("reported", "found", "said"),
    [
        ({"a": 1.0}, {"a": 1.005}, None),
        ({"a": 1.0}, {"a": 1.02}, "/a is 1, made again 1.02"),
        ({"a": 1000.0}, {"a": 1009.0}, None),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, "/a has 2 entries, made again 3"),
        ({"a": "x"}, {"a": "y"}, "/a is 'x', made again 'y'"),
        ({"a": True}, {"a": 1}, "/a is 'True'"),
        ({"a": 1}, {"b": 1}, "/a stands in one of the two only"),
        ({"seconds": 1, "code": "a"}, {"seconds": 9, "code": "b"}, None),
        ({"a": None}, {"a": 0.0}, "/a is 'None'"),
        ({"a": math.nan}, {"a": math.nan}, None),
        ({"a": math.nan}, {"a": 0.0}, "/a is nan"),
        (None, None, None),
    ],
)
def test_what_differs_is_said(reported, found, said):
    sentences = list(differences(reported, found, tolerance=0.01, passing=PASSING))
    assert (not sentences) if said is None else sentences[0].startswith(said)


def test_the_tolerance_is_relative_from_one_on():
    assert close(0.0, 0.009, 0.01)
    assert not close(0.0, 0.011, 0.01)
    assert close(-200.0, -201.9, 0.01)


def test_names_that_pass_in_runs_do_not_pass_elsewhere():
    """Anything under "code" or "host" could be added to a chart before."""
    assert list(differences({"code": "x"}, {}, tolerance=0)) != []


def test_texts_are_the_same_but_for_last_digits_of_numbers():
    one = b'<path d="M1.5,20.00001 L3e-5"/>'
    assert same_text(one, one)
    assert same_text(one, one.replace(b"20.00001", b"20.00002"), tolerance=0.01)
    assert not same_text(one, one.replace(b"20.00001", b"21"), tolerance=0.01)
    assert not same_text(one, one.replace(b"path", b"text"), tolerance=0.01)
    assert not same_text(one, one + b"1", tolerance=0.01)
    assert not same_text(b"\xff", b"\xff")
