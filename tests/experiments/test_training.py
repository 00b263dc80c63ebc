"""A recording says whether the weights of its name are of the same run."""

import pytest
import torch

from experiments import training


@pytest.mark.parametrize(("moved", "said"), [(0.0, ""), (1e-3, "its numbers are not theirs")])
def test_a_recording_of_another_run_than_the_weights_that_ship_says_so(monkeypatch, moved, said):
    weights = {"w": torch.ones(3).half()}
    monkeypatch.setattr(training, "weights_of", lambda *_: None)
    monkeypatch.setattr(training, "bare", lambda *_: ({"w": weights["w"] + moved}, {}))
    monkeypatch.setattr(training, "load_checkpoint", lambda _: (weights, {}))
    warning = training.other_than_shipped(None, None, "cross-0")  # type: ignore[arg-type]
    assert said in warning
    assert bool(warning) == bool(moved)
