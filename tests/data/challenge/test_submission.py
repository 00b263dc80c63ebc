"""Submissions: order and ids as asked, rows that sum to 1, and nothing lost."""

import csv
import io

import numpy as np
import pytest

from plantedu.data.challenge.layout import ImageRow, Layout
from plantedu.data.challenge.submission import SubmissionRows, read_asked, submission_text
from plantedu.errors import PlantEduError

NAMES = ("blast", "brown", "healthy")
PRIOR = np.array([0.5, 0.3, 0.2])


def folder(path, sample="Image_id,brown,blast,healthy\nb.jpg,0,0,0\na.jpg,0,0,0\n", absent=()):
    if sample is not None:
        (path / "SampleSubmission.csv").write_text(sample)
    rows = tuple(
        ImageRow(name, "", "test") for name in ("a.jpg", "a_rgn.jpg", "b.jpg", "b_rgn.jpg")
    )
    return Layout(path, path, rows, (), absent, ())


def test_asked_keeps_order_and_columns(tmp_path):
    assert read_asked(folder(tmp_path)) == SubmissionRows(
        ("b.jpg", "a.jpg"), ("brown", "blast", "healthy")
    )


@pytest.mark.parametrize(
    ("sample", "absent", "said"),
    [
        (None, ("SampleSubmission.csv",), "has no SampleSubmission.csv"),
        ("Image_id,a,b\n", ("Test.csv",), "has no Test.csv"),
        ("Image_id,a,b\nz.jpg,0,0\n", (), "1 picture.s. that Test.csv does not have"),
        ("Image_id,a,b\na.jpg,0,0\na.jpg,0,0\n", (), "more than once"),
        ("Image_id,a\na.jpg,0\n", (), "expected two classes"),
        ("Image_id,a,b\n", (), "asks for no picture"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path, sample, absent, said):
    with pytest.raises(PlantEduError, match=said):
        read_asked(folder(tmp_path, sample, absent))


def test_rows_are_as_asked_and_sum_to_one():
    generator = np.random.default_rng(0)
    plants = [f"p{k}" for k in range(40)]
    shares = dict(zip(plants, generator.dirichlet([0.1, 1, 1], 40), strict=True))
    asked = SubmissionRows(
        tuple(f"{p}.jpg" for p in reversed(plants)), ("healthy", "blast", "brown")
    )
    text, filled = submission_text(asked, shares, NAMES, PRIOR)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert filled == ()
    assert [row["Image_id"] for row in rows] == list(asked.ids)
    for row, plant in zip(rows, reversed(plants), strict=True):
        values = [float(row[name]) for name in NAMES]
        assert sum(int(row[name].replace(".", "")) for name in NAMES) == 10**8
        np.testing.assert_allclose(values, shares[plant], atol=3e-8)


def test_a_plant_without_forecast_is_given_the_fallback_and_named():
    text, filled = submission_text(SubmissionRows(("x.jpg",), NAMES), {}, NAMES, PRIOR)
    assert filled == ("x",)
    assert text.splitlines()[1] == "x.jpg,0.50000000,0.30000000,0.20000000"


@pytest.mark.parametrize("bad", [[0.5, 0.5, 0.5], [float("nan"), 0.5, 0.5], [-0.1, 0.6, 0.5]])
def test_what_is_no_forecast_is_refused(bad):
    with pytest.raises(PlantEduError, match="no set of probabilities"):
        submission_text(SubmissionRows(("x.jpg",), NAMES), {"x": np.array(bad)}, NAMES, PRIOR)
    with pytest.raises(PlantEduError, match="has the classes"):
        submission_text(SubmissionRows(("x.jpg",), ("a", "b")), {}, NAMES, PRIOR)
