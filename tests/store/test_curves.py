"""Curves of many runs: written, read back, and refused where they are damaged."""

import gzip
import json
import math

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.store.curves import POINTS, curves_of, files, read_curves, write_curves
from plantedu.store.run import Metric
from plantedu.store.store import Store


@pytest.fixture
def curves(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    runs = []
    for size in (32, 64):
        for seed in (0, 1):
            request = {"image_size": size, "seed": seed}
            run_id = store.submit("train", request, lane="training", name=f"{size}-{seed}")
            rows = [Metric(step, "loss", 4 - step / 100 + seed) for step in range(1, 201)]
            rows.append(Metric(70, "loss", 99.0))
            for step in (0, 200):
                rows.append(Metric(step, "probe/disease/both", 0.4 + size / 200 + step / 2000))
                rows.append(Metric(step, "null/disease/both", 0.33))
            rows.sort(key=lambda row: row.step)
            store.log(run_id, rows, step=200)
            runs.append(store.run(run_id))
    empty = store.submit("train", {"image_size": 1, "seed": 9}, lane="training")
    found = curves_of(store, [*runs, store.run(empty)], ("image_size", "seed"), command="again")
    store.close()
    return found


def test_runs_with_their_settings_and_without_the_empty_one(curves):
    assert curves.runs["image_size"].tolist() == [32, 32, 64, 64]
    assert curves.runs["steps"].tolist() == [200] * 4
    loss = curves.of("loss", "seed")
    assert set(loss["setting"]) == {"0", "1"}
    assert loss.groupby("run").size().max() <= POINTS
    assert loss["value"].max() == 99, "a bump of one step survives"


def test_ends_are_the_last_values(curves):
    ends = curves.ends("probe/disease/both").set_index(["image_size", "seed"])["end"]
    assert ends[(64, 1)] == pytest.approx(0.4 + 0.32 + 0.1)
    assert len(curves.ends("not recorded")) == 0


def test_written_and_read_back(curves, tmp_path):
    write_curves(curves, tmp_path / "many.csv.gz")
    found = read_curves(tmp_path / "many.json")
    assert (found.command, found.knobs) == ("again", ("image_size", "seed"))
    assert found.runs.drop(columns="seconds").equals(curves.runs.drop(columns="seconds"))
    assert found.runs["seconds"].tolist() == pytest.approx(
        curves.runs["seconds"].tolist(), abs=1e-6
    )
    assert np.allclose(found.rows["value"], curves.rows["value"], rtol=1e-4)
    before = files(tmp_path / "many")[1].read_bytes()
    write_curves(found, tmp_path / "many")
    assert files(tmp_path / "many")[1].read_bytes() == before


@pytest.mark.parametrize("harm", ["missing", "cut", "columns", "strange", "no json"])
def test_damage_is_a_sentence(curves, tmp_path, harm):
    write_curves(curves, tmp_path / "many")
    table, points = files(tmp_path / "many")
    text = gzip.decompress(points.read_bytes()).decode()
    if harm == "missing":
        points.unlink()
    if harm == "cut":
        points.write_bytes(points.read_bytes()[:60])
    if harm == "columns":
        points.write_bytes(gzip.compress(text.replace("metric", "measure").encode()))
    if harm == "strange":
        points.write_bytes(gzip.compress(f"{text}zzz,loss,1,2\n".encode()))
    if harm == "no json":
        table.write_text(json.dumps({"runs": math.pi}))
    with pytest.raises(PlantEduError, match="many"):
        read_curves(tmp_path / "many")
