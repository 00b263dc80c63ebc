"""A loss of one's own: file, numbers, table, by the topic's own search."""

import numpy as np
import pandas as pd
import pytest

from plantedu.errors import PlantEduError
from plantedu.own.bump import bump


def loss(step: float) -> np.ndarray:
    k = np.arange(120)
    return 2 - 0.004 * k + 0.02 * np.random.default_rng(0).standard_normal(120) - step * (k >= 70)


def test_a_step_is_found_beside_its_null_in_every_form(tmp_path):
    values = loss(0.5)
    found = bump(values, draws=99)
    (one,) = found.curves.values()
    assert [round(b.step) for b in one.bumps] == [70]
    assert found["loss"].value > found["loss"].null
    table = pd.DataFrame({"step": np.arange(120), "loss": values})
    table.to_csv(tmp_path / "loss.csv", index=False)
    for other in (table, tmp_path / "loss.csv", str(tmp_path / "loss.csv"), values.tolist()):
        assert bump(other, draws=99).lines[0][1].value == pytest.approx(found.lines[0][1].value)
    assert found.chart().alt


def test_no_step_is_no_step_and_bad_input_a_sentence(tmp_path):
    (one,) = bump(loss(0.0), draws=99).curves.values()
    assert one.bumps == ()
    with pytest.raises(PlantEduError, match="3 steps for 4 values"):
        bump([1, 2, 3, 4], steps=[0, 1, 2])
    with pytest.raises(PlantEduError, match="no column 'x'"):
        bump(pd.DataFrame({"loss": [1.0]}), column="x")
    with pytest.raises(PlantEduError, match="There is no file"):
        bump(tmp_path / "none.csv")
