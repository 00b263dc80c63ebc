"""Words stand beside their dots, and over nothing else."""

import json

import numpy as np

from plantedu.charts.label_places import GAP, LETTER, LINE, PLOT, in_lines, sides


def boxes(places, words):
    """Where words stand, by a calculation of its own."""
    (x, y) = np.asarray(places, float).T
    x, y = (
        (v - v.min()) / (np.ptp(v) or 1) * pixels for v, pixels in zip((x, y), PLOT, strict=True)
    )
    found = []
    for k, side in enumerate(sides(places, words)):
        if side:
            far = GAP + LETTER * len(words[k])
            ends = (x[k] + GAP, x[k] + far) if side == "right" else (x[k] - far, x[k] - GAP)
            found.append((*ends, y[k] - LINE / 2, y[k] + LINE / 2))
    return found


def test_no_two_words_lie_over_one_another():
    places = np.random.default_rng(0).uniform(size=(40, 2)).tolist()
    found = boxes(places, ["a factor"] * 40)
    assert len(found) > 8
    for k, one in enumerate(found):
        for other in found[:k]:
            apart_x = one[1] <= other[0] or other[1] <= one[0]
            assert apart_x or one[3] <= other[2] or other[3] <= one[2]


def test_a_word_goes_left_where_the_plot_ends_and_away_where_two_dots_are_one():
    assert sides([(0, 0), (1, 1)], ["first", "last"]) == ["right", "left"]
    assert sides([(0, 0), (0, 0), (1, 1)], ["one", "same", "last"])[1] == ""
    assert sides([], []) == []


def test_long_names_beside_an_axis_are_written_in_lines():
    expression = in_lines(["grokking", "rows are missing while training went on"])
    lines = json.loads(expression.removesuffix("[datum.label]"))
    assert lines["grokking"] == ["grokking"]
    assert lines["rows are missing while training went on"] == [
        "rows are missing",
        "while training",
        "went on",
    ]
