"""Columns as loggers name them: read, chosen, or listed."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.changepoints.reading import read_curves

STEPS = 10 * np.arange(60)
LOSS = 4 - np.arange(60) / 40 + 0.05 * np.random.default_rng(0).standard_normal(60)
ROWS = "".join(f"{step},{loss:.5f}\n" for step, loss in zip(STEPS, LOSS, strict=True))


def table(header, row):
    return header + "".join(row(k, v) for k, v in zip(STEPS, LOSS, strict=True))


EXPORTS = {
    "wandb": table(
        '"Step","rice - train_loss","rice - train_loss__MIN","rice - train_loss__MAX"\n',
        lambda k, v: f'"{k}","{v:.5f}","{v - 1:.5f}","{v + 1:.5f}"\n',
    ),
    "TensorBoard": table("Wall time,Step,Value\n", lambda k, v: f"17.5,{k},{v:.5f}\n"),
    "Lightning": table(
        "epoch,lr-Adam,step,train_loss_step\n",
        lambda k, v: f"0,,{k},{v:.5f}\n0,0.1,{k},\n",
    ),
    "fastai": table(
        "epoch,train_loss,valid_loss,time\n", lambda k, v: f"{k},{v:.5f},{v + 1:.5f},00:01\n"
    ),
    "Keras": table("epoch,accuracy,loss,val_loss\n", lambda k, v: f"{k},.5,{v:.5f},{v + 1:.5f}\n"),
    "Keras by pandas": table(",loss,val_loss\n", lambda k, v: f"{k},{v:.5f},{v + 1:.5f}\n"),
    "_step": table("_step,_runtime,loss\n", lambda k, v: f"{k},2.5,{v:.5f}\n"),
    "capitals": "Step,Loss\n" + ROWS,
    "sep line": "sep=,\nstep,loss\n" + ROWS,
    "savetxt": "# step,loss\n" + ROWS,
    "savetxt, blanks": "# step loss\n" + ROWS.replace(",", " "),
    "semicolons": "step;loss\n" + ROWS.replace(",", ";"),
    "tabs": "step\tloss\n" + ROWS.replace(",", "\t"),
    "CR alone": ("step,loss\n" + ROWS).replace("\n", "\r"),
    "CR LF": ("step,loss\n" + ROWS).replace("\n", "\r\n"),
    "a last comma": table("step,loss\n", lambda k, v: f"{k},{v:.5f},\n"),
    "no last line end": ("step,loss\n" + ROWS)[:-1],
}


def saved(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("name", EXPORTS)
def test_what_loggers_write_is_read(tmp_path, name):
    (curve,) = read_curves(saved(tmp_path / "a.csv", EXPORTS[name])).values()
    np.testing.assert_array_equal(curve.steps, STEPS)
    np.testing.assert_allclose(curve.values, LOSS, atol=1e-5)
    guessed = name in ("wandb", "Lightning")
    assert any("was read as the loss" in note for note in curve.notes) == guessed


def test_a_choice_of_columns(tmp_path):
    text = table("Step,a - loss,b - loss\n", lambda k, v: f"{k},{v:.5f},{v + 1:.5f}\n")
    path = saved(tmp_path / "a.csv", text)
    with pytest.raises(PlantEduError, match=r"could be the loss: a - loss, b - loss.*--column"):
        read_curves(path)
    (curve,) = read_curves(path, column="B - loss").values()
    np.testing.assert_allclose(curve.values, LOSS + 1, atol=1e-5)
    with pytest.raises(PlantEduError, match="no column 'c'; it has Step, a - loss, b - loss"):
        read_curves(path, column="c")


def test_two_columns_that_strip_to_one_name_are_refused(tmp_path):
    path = saved(tmp_path / "a.csv", table("step,loss ,loss\n", lambda k, v: f"{k},{v},{v + 1}\n"))
    with pytest.raises(PlantEduError, match="2 columns called 'loss'"):
        read_curves(path)
