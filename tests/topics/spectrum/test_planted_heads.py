"""Planted heads are read off within the error that the lesson states."""

import json

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum import planted_heads as module
from plantedu.topics.spectrum.planted_heads import METHOD, covariances_of, heads
from plantedu.topics.spectrum.results.planted_heads import HeadsResult, Settings


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("copy", 0),
        ("attenuate", 0.25),
        ("rotate", 30),
        ("rotate", 120),
        ("invert", 0),
        ("mixed", 0),
    ],
)
def test_each_kind_is_read_off(kind, size):
    found = heads(Settings(kind, size, plants=512, dim=16, seeds=2))
    assert found.right == 1
    assert found.worst["score"] < 0.03
    assert found.worst["gain"] < 0.06
    assert found.jacobian < 1e-9
    assert found.closed_loop["pure noise"] == pytest.approx(1, abs=1e-6)
    assert abs(found.score.null) < 0.1
    assert found.gain.null < 0.2


def test_white_noise_over_few_directions_misnames_turns_and_not_copies(monkeypatch):
    """What the first exam missed, for its noise had the signal's spectrum."""
    signal = np.diag(0.5 ** np.arange(24))
    monkeypatch.setattr(module, "measured", lambda layer, folder: (signal, 0.2 * signal))
    own = {
        kind: heads(Settings(kind, 60 if kind == "rotate" else 0, layer="z", noise=noise, seeds=3))
        for kind, noise in (("rotate", "own"), ("copy", "white"))
    }
    assert [one.right for one in own.values()] == [1, 1]
    turned = heads(Settings("rotate", 60, layer="z", noise="white", seeds=3))
    assert turned.right == 0
    assert "as in z of cross-0, white noise" in turned.chart().alt


def test_a_power_law_with_white_noise_has_as_much_noise_in_all():
    own, white = (
        covariances_of(Settings(dim=8, reliability=0.6, noise=noise)) for noise in ("own", "white")
    )
    for signal, noise in (own, white):
        assert np.trace(signal) / np.trace(signal + noise) == pytest.approx(0.6)
    assert np.ptp(np.diag(white[1])) == pytest.approx(0)


def test_json_gives_the_result_back_and_the_chart_shows_the_null():
    result = heads(Settings(plants=128, dim=8, seeds=2))
    found = HeadsResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    assert "shuffled pairs" in found.chart().alt


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"kind": "swap"}, "kind is one of copy"),
        ({"plants": 20}, "20 plants for 32 dimensions"),
        ({"seeds": 0}, "seeds must be from 1"),
        ({"layer": "stem"}, "layer is one of z, h, pixels; got 'stem'"),
        ({"noise": "pink"}, "noise is one of own, white; got 'pink'"),
    ],
)
def test_bad_orders_are_refused(words, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**words)


def test_a_turn_out_of_range_is_refused():
    with pytest.raises(PlantEduError, match="between 0 and 180"):
        heads(Settings(size=200, seeds=1))


def test_terminal_prints_one_object_last(capsys):
    assert (
        METHOD.main(["--kind", "copy", "--plants", "64", "--dim", "8", "--seeds", "2", "--json"])
        == 0
    )
    printed = capsys.readouterr().out.splitlines()
    assert {"value", "null", "n", "seeds", "interval"} <= set(json.loads(printed[-1])["score"])
    assert any("fitted way back" in line for line in printed)
