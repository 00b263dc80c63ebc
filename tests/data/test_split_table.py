"""The split of a table: what stands on both sides is counted beside what luck gives."""

import numpy as np
import pytest

from plantedu.data.split_table import audit_split
from plantedu.errors import PlantEduError


@pytest.fixture
def table(tmp_path):
    def table(rows, head="file,split"):
        path = tmp_path / "ids.csv"
        path.write_text("\n".join([head, *rows]) + "\n")
        return path

    return table


def twins(deal):
    """Two pictures of each of 100 plants; `deal` says the side of plant k's picture j."""
    names = (("", 0), ("_rgn", 1))
    return [f"id_{k}{ending}.jpg,{deal(k, j)}" for k in range(100) for ending, j in names]


def test_a_split_by_plant_leaks_nothing_and_one_by_rows_most(table):
    found = audit_split(table(twins(lambda k, j: "train" if k < 80 else "valid")))
    assert (found.leaked, found.train, found.held_out, found.plants) == (0, 160, 40, 100)
    assert found.at_random == pytest.approx(160 / 199, abs=0.03), "the other picture is one of 199"
    assert "No held-out row" in found.sentence
    sides = iter(np.random.default_rng(0).permutation(["Training"] * 160 + ["test"] * 40))
    leaky = audit_split(table(twins(lambda k, j: next(sides))))
    assert leaky.leaked == pytest.approx(0.8, abs=0.15)
    assert "not one on new plants" in leaky.sentence


def test_another_column_may_say_whose_row_it_is(table):
    found = audit_split(table(["a,7,train", "b,7,held out"], head="File,Patient,Split"))
    assert (found.column, found.leaked) == ("Patient", 1)


@pytest.mark.parametrize(
    ("rows", "head", "says"),
    [
        (["1,2"], "a,b", "needs a column split and one of plant"),
        ([], "file,split", "no row"),
        (["a,train", "b,train"], "file,split", "all 2 rows on one side"),
    ],
)
def test_what_is_no_split_is_said(table, rows, head, says):
    with pytest.raises(PlantEduError, match=says):
        audit_split(table(rows, head))


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(PlantEduError, match="cannot be read as a csv"):
        audit_split(tmp_path / "none.csv")
