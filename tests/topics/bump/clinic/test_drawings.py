"""Small charts: measured lines in colour, references in grey, gaps left out."""

import numpy as np

from plantedu.topics.bump.clinic.drawings import curve_drawing, lines_drawing

X = np.arange(4.0)


def test_the_curve_alone_is_one_line():
    drawing = curve_drawing("Case 7", np.array([3.0, 2.0, 1.0, 2.0]), False)
    assert set(drawing.rows["kind"]) == {"line"}
    assert drawing.alt.startswith("Case 7")
    assert "lowest 1, highest 3" in drawing.alt


def test_lines_references_and_band_are_rows_of_their_kind():
    drawing = lines_drawing(
        [("a", X, X), ("b", X, -X)], [("c", X, X)], "u", "said", dark=False, band=(0.0, 1.0)
    )
    kinds = drawing.rows.groupby("kind")["name"].unique()
    assert list(kinds["line"]) == ["a", "b"]
    assert list(kinds["null"]) == ["c"]
    band = drawing.rows[drawing.rows["kind"] == "band"]
    assert (band["low"].unique().tolist(), band["high"].unique().tolist()) == ([0.0], [1.0])


def test_values_that_are_not_there_are_not_drawn():
    values = np.array([1.0, np.nan, 2.0, 3.0])
    drawing = lines_drawing([("a", X, values)], [], "u", "said", dark=True)
    assert drawing.rows["step"].tolist() == [0, 2, 3]


def test_a_log_axis_is_a_log_axis_and_night_has_its_own_colours():
    day, night, log = (
        lines_drawing([("a", X, X + 1)], [], "u", "s", dark=dark, log=log).spec
        for dark, log in ((False, False), (True, False), (False, True))
    )
    assert day != night
    assert "log" in str(log)
    assert "'log'" not in str(day)
