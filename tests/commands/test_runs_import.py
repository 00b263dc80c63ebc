"""`runs import`: exports of wandb, Lightning and ours become runs that the live page can draw."""

import json

import pytest

from plantedu.__main__ import main
from plantedu.commands.runs_import import series_in
from plantedu.errors import PlantEduError
from plantedu.store.run import LOOP

WANDB = '"Step","run - train/loss","run - train/loss__MIN","note"\n' + "".join(
    f'"{k}","{3 - k / 10}","{2 - k / 10}","text"\n' for k in range(5)
)
LIGHTNING = "epoch,step,train_loss,val_acc\n0,9,2.5,\n0,9,,0.4\n1,19,2.1,\n1,19,,0.6\n"
SPLIT = "step,loss,split\n1,3.0,train\n1,3.5,valid\n2,2.0,train\n2,2.5,valid\n"
OURS = "name,step,value,low,high,seconds\nloss,0,3.5,,,0.1\nprobe/a,0,0.4,,,0.1\nloss,1,3.0,,,0.2\n"


@pytest.fixture
def written(tmp_path):
    def written(text, name="metrics.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return written


@pytest.mark.parametrize(
    ("text", "loss", "keys", "points"),
    [
        (WANDB, "run - train/loss", {"loss", "run - train/loss__MIN"}, (4, 2.6)),
        (LIGHTNING, "", {"loss", "val_acc"}, (19, 2.1)),
        (SPLIT, "", {"train/loss", "valid/loss"}, None),
        (OURS, "", {"loss", "probe/a"}, (1, 3.0)),
    ],
)
def test_every_column_of_numbers_is_a_series(written, text, loss, keys, points):
    found = series_in(written(text), loss=loss)
    assert set(found) == keys
    if points:
        assert found["loss"][-1] == points


def test_it_is_a_run_that_is_done(written, store, capsys):
    path = written(LIGHTNING)
    assert main(["runs", "import", str(path), "--name", "mine", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    run = store.run(said["run"]["id"])
    assert (run.kind, run.state, run.name, run.step) == (LOOP, "done", "mine", 19)
    assert store.metrics(run.id)["val_acc"].values.tolist() == [0.4, 0.6]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "no column of numbers|step"),
        ("step,note\n1,x\n2,y\n", "no column of numbers"),
        ("name,step,value\nloss,one,2\n", "line 2"),
        ("step,loss\n", "no column of numbers"),
    ],
)
def test_what_is_no_log_is_refused(written, text, said):
    with pytest.raises(PlantEduError, match=said):
        series_in(written(text))
