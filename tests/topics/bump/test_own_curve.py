"""A table that a learner brought: the job reads it once, and tells what the page draws of it."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.jobs.jobs import Work
from plantedu.store.store import Store
from plantedu.store.uploads import Uploads
from plantedu.topics.bump import own_curve
from plantedu.topics.bump.changepoints.causes import Happening
from plantedu.topics.bump.changepoints.curve import tidy
from plantedu.topics.bump.changepoints.reading import columns_in
from plantedu.topics.bump.detect import bump
from plantedu.topics.bump.own_curve import read
from plantedu.topics.bump.results.detect import MOST, shown, shown_again


def table(*names, rows=300, at=200):
    generator = np.random.default_rng(1)
    columns = [
        4 - np.arange(rows) / rows + generator.normal(0, 0.02, rows) - (np.arange(rows) >= at)
        for _ in names[1:]
    ]
    lines = [",".join(names)]
    lines += [
        ",".join([str(10 * k), *(f"{column[k]:.4f}" for column in columns)]) for k in range(rows)
    ]
    return "\n".join(lines).encode() + b"\n"


def test_what_is_shown_draws_what_the_search_drew():
    steps = np.arange(5000)
    values = 5 - steps / 5000 + np.random.default_rng(0).normal(0, 0.02, 5000)
    values[3000:] -= 0.5
    happened = [Happening(3000.0, "queue on", "objective")]
    whole = bump(tidy(steps, values), happened)
    again = shown_again(json.loads(json.dumps(shown(whole))), happened)
    assert again.as_json() | {"n": 0} == whole.as_json() | {"n": 0}
    for one, other in ((again.chart(), whole.chart()), (again.null_chart(), whole.null_chart())):
        assert one.alt == other.alt
    assert again.evidence == whole.evidence
    assert len(again.search.curve.steps) <= MOST
    assert np.ptp(again.search.curve.values) == np.ptp(whole.search.curve.values)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (("step", "loss"), ["loss"]),
        (("step", "a loss", "b loss"), ["a loss", "b loss"]),
        (("step", "energy", "score"), ["energy", "score"]),
    ],
)
def test_columns_to_choose_from(names, columns):
    found = read(table(*names))
    assert found["columns"] == columns
    assert ("found" in found) == (len(columns) == 1)
    for place, name in enumerate(columns):
        chosen = read(table(*names), column=place)
        assert chosen["column"] == name
        assert 2000.0 in [one["step"] for one in chosen["found"]["bumps"]]


def test_without_a_step_the_columns_are_listed(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(table("time", "a loss", "b loss"))
    with pytest.raises(PlantEduError, match=r"no column step.*it has time, a loss, b loss"):
        columns_in(path)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"column": 7}, "The file has 1 columns that could be the loss"),
        ({"split": 7}, "The file has 1 splits"),
    ],
)
def test_a_place_that_is_not_there_is_a_sentence(asked, said):
    with pytest.raises(PlantEduError, match=said):
        read(table("step", "loss"), **asked)


def test_the_file_is_gone_after_the_job_whatever_came_of_it(plantedu_home):
    store = Store(plantedu_home / "plantedu.sqlite")
    uploads = Uploads(plantedu_home)
    for data, fails in ((table("step", "loss"), False), (b"no table", True)):
        name = uploads.keep(data, learner="a" * 22)
        request = {"column": -1, "split": 0, own_curve.TABLE: name}
        store.submit("own_curve", request, lane="analysis", learner="a" * 22)
        run = store.lease("analysis", "tester")
        work = Work(store, run, SimpleNamespace(wish=""))
        if fails:
            with pytest.raises(PlantEduError, match="The file"):
                own_curve.job(work)
        else:
            assert own_curve.job(work)["found"]["bumps"]
        store.fail(run.id, "over", worker="tester")
        with pytest.raises(PlantEduError, match="not here any more"):
            uploads.read(name, learner="a" * 22)
    store.close()
