import csv
import dataclasses

import pytest

from plantedu.errors import PlantEduError
from plantedu.sweeps.grid import GridRow
from plantedu.sweeps.table import as_json, outcome, text, write_table

ROW = GridRow("train", "a: steps=5", {"steps": 5}, {"probe_plants": 64})
LAST = {
    "loss": 1.5,
    "probe/disease/both": [0.9, 0.88, 0.92],
    "null/disease/both": [0.34, 0.3, 0.4],
}


@pytest.fixture
def done(store):
    run_id = store.submit("train", {}, lane="training", worker="w")
    store.finish(run_id, {"seconds": 12.0, "last": LAST}, worker="w")
    return store.run(run_id)


def test_a_value_stands_beside_its_null(done, tmp_path):
    outcomes = [outcome(ROW, done), outcome(ROW, None)]
    assert (outcomes[0].value, outcomes[0].null, outcomes[0].interval) == (0.9, 0.34, (0.88, 0.92))
    assert (outcomes[0].loss, outcomes[0].seconds, outcomes[0].n) == (1.5, 12.0, 64)
    assert outcomes[1].state == "waiting"
    write_table(outcomes, tmp_path / "t.csv")
    first, second = csv.DictReader((tmp_path / "t.csv").read_text().splitlines())
    assert (first["steps"], first["disease"], first["shuffled labels"]) == ("5", "0.9", "0.34")
    assert (second["state"], second["disease"]) == ("waiting", "")
    said = as_json(outcomes)[0]
    assert {"value", "null", "n", "seeds", "interval"} <= set(said)
    assert text(outcomes).splitlines()[0].split()[:3] == ["steps", "run", "state"]


def test_a_value_without_null_is_not_shown(done):
    last = {name: value for name, value in LAST.items() if "null" not in name}
    lone = dataclasses.replace(done, result={"last": last})
    assert outcome(ROW, lone).value is None


def test_an_evidence_is_shown_with_its_null(done):
    accuracy = {"value": 0.99, "null": 0.35, "interval": [0.98, 1.0], "n": 300}
    found = outcome(ROW, dataclasses.replace(done, result={"accuracy": accuracy}))
    assert (found.value, found.null, found.interval, found.n) == (0.99, 0.35, (0.98, 1.0), 300)


def test_errors_are_told_and_a_table_that_cannot_be_written(store, tmp_path):
    run_id = store.submit("train", {"a": 1}, lane="training", worker="w")
    store.fail(run_id, "The loss is nan.", worker="w")
    outcomes = [outcome(ROW, store.run(run_id))]
    assert "failed: The loss is nan." in text(outcomes)
    with pytest.raises(PlantEduError, match="cannot be written"):
        write_table(outcomes, tmp_path / "none" / "t.csv")
