"""The map between the sensors of a tiny run: nulls beside it, planted truth found."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.eigenvalues import METHOD, judged, spectrum
from plantedu.topics.spectrum.map_scores import fitted
from plantedu.topics.spectrum.planted import looks, planted
from plantedu.topics.spectrum.results.eigenvalues import Settings, SpectrumResult

FAST = Settings(plants=32, held_out=24, shuffles=19, resamples=19)


@pytest.fixture(scope="module")
def result(tiny_stages):
    return spectrum(tiny_stages / "off-12.safetensors", FAST, bank_folder=tiny_stages / "bank")


def test_every_null_stands_beside_it(result):
    assert result.dim == len(result.values) == len(result.singular) == 8
    names = {one.name for one in result.nulls}
    assert {"shuffled pairs", "random rotation", "random-init encoder", "pixel means"} <= names
    assert result.score.control == result.r2.control == "3 random-init encoders"
    assert result.null("random rotation").r2 == pytest.approx(result.r2.value)
    assert result.score.value == pytest.approx(
        sum(re for re, _ in result.values) / sum(np.hypot(*v) for v in result.values), abs=1e-3
    )
    assert result.excess.value == pytest.approx(result.score.value - result.score.null)


def test_json_gives_the_result_back_and_charts_show_the_null(result):
    found = SpectrumResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    drawing = found.chart("random rotation")
    assert {"circle", "null", "own"} == set(drawing.rows["kind"])
    assert "random rotation" in drawing.alt
    assert "R2" in drawing.alt
    assert "departure from normality" in found.size_chart(dark=True).alt


def test_the_same_twice(tiny_stages, result):
    again = spectrum(tiny_stages / "off-12.safetensors", FAST, bank_folder=tiny_stages / "bank")
    assert again == result


def judge(kind, n=400, dim=12):
    """A planted head in place of an encoder."""
    draw = np.random.default_rng(0)
    head = planted(kind, dim, generator=draw)

    def layer(*some):
        x, y = some
        return fitted((x[:n], y[:n]), (x[n:], y[n:]))

    look, again, other = looks(n + 100, dim, generator=draw, reliability=0.9)
    y = other @ head.matrix
    apart = [looks(n + 100, dim, generator=draw, count=1)[0] for _ in range(3)]
    plants = (np.arange(n), np.arange(n, n + 100))
    seen = SimpleNamespace(
        layer="z", plants=plants, train=(look[:n], y[:n]), held_out=(look[n:], y[n:]),
        looks=(look[:n], again[:n], y[:n]), kept=1.0, width=dim,
    )  # fmt: skip
    others = [layer(apart[0], apart[1]), layer(apart[1], apart[2])]
    settings = Settings(plants=n, held_out=100, shuffles=39, resamples=39)
    return judged(seen, others, others[0], settings, ("planted", 0, "none"))


@pytest.mark.parametrize(
    ("kind", "says"),
    [("copy", "copies"), ("attenuate", "attenuates"), ("rotate", "rotates"), ("invert", "inverts")],
)
def test_what_was_planted_is_read_off(kind, says):
    found = judge(kind)
    assert found.verdict == says
    assert found.nulls[0].p_r2 == pytest.approx(1 / 40)
    low, high = found.excess.interval
    if kind in ("copy", "attenuate"):
        assert low > 0.5
    assert low <= found.excess.value <= high


def test_independent_sensors_carry_nothing():
    draw = np.random.default_rng(1)
    x, y = (looks(300, 12, generator=draw, count=1)[0] for _ in range(2))
    own = SimpleNamespace(
        layer="z", plants=(np.arange(200), np.arange(200, 300)), train=(x[:200], y[:200]),
        held_out=(x[200:], y[200:]), looks=(), kept=1.0, width=12,
    )  # fmt: skip
    other = fitted(own.train, own.held_out)
    found = judged(own, [other, other], other, Settings(shuffles=39), ("none", 0, "none"))
    assert found.verdict == "carries nothing"
    assert found.dilution is None
    assert any("next to nothing" in line for line in found.says)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"layer": "conv1"}, "there are h, z, pixels"),
        ({"plants": 65}, "has 64 plants for plants; 65"),
    ],
)
def test_bad_orders_are_refused(tiny_stages, words, said):
    with pytest.raises(PlantEduError, match=said):
        spectrum(
            tiny_stages / "off-12.safetensors", Settings(**words), bank_folder=tiny_stages / "bank"
        )


@pytest.mark.parametrize("name", ["plants", "held_out", "shuffles", "resamples", "random_inits"])
def test_too_little_is_refused(name):
    with pytest.raises(PlantEduError, match=f"{name} must be at least"):
        Settings(**{name: 1})


def test_fewer_plants_than_dimensions_is_said(tiny_stages):
    few = Settings(plants=6, held_out=8, shuffles=19, resamples=19, crops=False)
    found = spectrum(tiny_stages / "off-12.safetensors", few, bank_folder=tiny_stages / "bank")
    assert any("6 plants for 8 dimensions" in line for line in found.says)


def test_terminal_prints_one_object_last(tiny_stages, plantedu_home, capsys):
    plantedu_home.mkdir(parents=True)
    (plantedu_home / "bank").symlink_to(tiny_stages / "bank")
    words = [str(tiny_stages / "off-12.safetensors"), "--plants", "32", "--held-out", "24"]
    assert METHOD.main([*words, "--shuffles", "19", "--resamples", "19", "--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    found = json.loads(printed[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(found["score"])
    assert any(line.startswith("S beyond random init") for line in printed)


def test_a_page_names_a_run_and_may_stop_it(tiny_stages, tmp_path, plantedu_home):
    plantedu_home.mkdir(parents=True)
    (plantedu_home / "bank").symlink_to(tiny_stages / "bank")
    folder = tmp_path / "ab12" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "step-0000012.safetensors").symlink_to(tiny_stages / "off-12.safetensors")
    asked = {"checkpoint": "run:ab12@12", "plants": 32, "held_out": 24, "shuffles": 19}

    def stop():
        raise KeyboardInterrupt

    store = SimpleNamespace(folder=lambda run: tmp_path / run)
    with pytest.raises(KeyboardInterrupt):
        METHOD.job(SimpleNamespace(run=SimpleNamespace(request=asked), check=stop, store=store))
    found = METHOD.job(
        SimpleNamespace(run=SimpleNamespace(request=asked), check=lambda: None, store=store)
    )
    assert SpectrumResult.from_json(found).dim == 8
