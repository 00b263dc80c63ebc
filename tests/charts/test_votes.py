"""A class's votes: counts, shares, an even spread, and the answer only when it may be shown."""

import pytest

from plantedu.charts.votes import votes_chart


def test_votes_are_shares_beside_an_even_spread():
    drawing = votes_chart([("yes", 3), ("no", 1), ("?", 0)])
    assert drawing.rows["share"].tolist() == [0.75, 0.25, 0]
    assert drawing.spec["layer"][-1]["encoding"]["x"]["datum"] == pytest.approx(1 / 3)
    assert "Right" not in drawing.alt
    assert set(drawing.rows["answer"]) == {"an option"}
    chart = votes_chart([("yes", 3), ("no", 1)], right="no", dark=True)
    assert chart.rows["answer"].tolist() == ["an option", "right"]
    assert "Right: no." in chart.alt


def test_a_long_option_is_broken_into_lines_and_keeps_its_words():
    text = "More often than chance, for less than half of the plants that are asked about."
    (shown, _) = votes_chart([(text, 2), ("no", 1)]).rows["option"]
    assert shown.replace("\n", " ") == text
    assert max(map(len, shown.split("\n"))) <= 34


def test_the_right_option_has_a_tick_and_a_word_and_a_wall_has_larger_letters():
    plain = votes_chart([("yes", 3), ("no", 1)], right="no")
    assert plain.rows["option"].tolist() == ["yes", "✓ Right: no"]
    wall = votes_chart([("yes", 3), ("no", 1)], large=True)
    sizes = [
        drawing.spec["layer"][0]["encoding"]["y"]["axis"]["labelFontSize"]
        for drawing in (plain, wall)
    ]
    assert sizes == [12, 20]
