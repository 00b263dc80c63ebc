"""Charts of a loop of one's own: what they say, their nulls, and what they refuse."""

import numpy as np
import pytest

from plantedu.charts.loop_curves import layers_in, loop_chart, loop_loss_chart, others_chart
from plantedu.charts.tables import series_of
from plantedu.errors import PlantEduError
from plantedu.store.run import Event, Metric

EVENTS = [Event(50, "probe starts anew", "", 0.0)]


@pytest.fixture
def runs():
    values = {"probe/layer4": 0.8, "null/layer4": 0.3, "start/layer4": 0.5, "chance": 0.25}
    rows = [Metric(k, name, v) for name, v in values.items() for k in range(1, 101)]
    rows += [Metric(k, "loss", 3 / k) for k in range(1, 101)]
    return series_of([*rows, *(Metric(k, "grad", float(k)) for k in range(1, 101))])


def test_the_chart_has_its_nulls_and_says_them(runs):
    drawing = loop_chart(runs, EVENTS)
    assert layers_in(runs) == ["layer4"]
    assert "layer4 0.80, shuffled labels 0.30, random-init start 0.50" in drawing.alt
    assert "Chance 0.25. The probes started anew 1 times." in drawing.alt
    assert set(drawing.rows.kind) == {"probe", "null", "start", "chance", "event"}
    probe = drawing.rows[drawing.rows.kind == "probe"]
    assert np.allclose(probe.value, 0.8)  # the running mean does not lean to its beginning


def test_many_batches_are_few_rows():
    rows = [Metric(k, "probe/a", float(k % 2)) for k in range(9000)]
    assert len(loop_chart(series_of(rows)).rows) < 1000


def test_loss_and_others_as_they_are(runs):
    assert "3 at first, 0.03 at step 100" in loop_loss_chart(runs, EVENTS, dark=True).alt
    assert "grad: 1 at first" in others_chart(runs, "grad").alt


@pytest.mark.parametrize(
    "drawn", [loop_chart, loop_loss_chart, lambda runs: others_chart(runs, "grad")]
)
def test_nothing_is_drawn_of_nothing(drawn):
    with pytest.raises(PlantEduError):
        drawn({})
