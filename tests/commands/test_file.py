"""A file of one's own in, a sentence out, with its null."""

import re

import numpy as np
import pytest

from plantedu.__main__ import main
from plantedu.sweeps.power import smallest_difference


def said(capsys, *words):
    code = main(["file", *words])
    return code, capsys.readouterr().out.strip()


def numbers(text):
    return [float(one) for one in re.findall(r"(?<![\w.])-?\d+\.\d+", text)]


def test_a_leak_is_an_exit_code(tmp_path, capsys):
    path = tmp_path / "ids.csv"
    path.write_text("plant,split\na,train\na,valid\nb,valid\n")
    code, text = said(capsys, "split", str(path))
    assert (code, text[:30]) == (1, "0.50 of 2 held-out rows have t")
    path.write_text("plant,split\na,train\nb,valid\n")
    assert said(capsys, "split", str(path))[0] == 0


def test_seeds_tell_apart_what_their_spread_lets_them(capsys):
    values = (0.91, 0.93, 0.90, 0.94, 0.92)
    code, text = said(capsys, "seeds", *map(str, values), "--settings", "12")
    mean, spread, apart, luck, luckier = numbers(text)
    assert (code, mean) == (0, 0.92)
    assert spread == pytest.approx(np.std(values, ddof=1), abs=6e-4)
    assert apart == pytest.approx(smallest_difference(np.std(values, ddof=1), 5), abs=6e-4)
    assert luckier == pytest.approx(luck * 5**0.5, abs=2e-3)
    assert main(["file", "seeds", ".9"]) == 2


def test_features_stand_beside_shuffles_and_noise(tmp_path, capsys):
    generator = np.random.default_rng(0)
    a = generator.normal(size=(80, 6))
    np.save(tmp_path / "a.npy", a)
    np.save(tmp_path / "b.npy", 3 * a @ np.linalg.qr(generator.normal(size=(6, 6)))[0] + 1)
    code, text = said(capsys, "features", str(tmp_path / "a.npy"), str(tmp_path / "b.npy"))
    value, _, _, shuffled, random = numbers(text)
    assert (code, value) == (0, 1.0)
    assert abs(shuffled) < 0.05
    assert abs(random) < 0.1
    np.save(tmp_path / "b.npy", a[:70])
    assert main(["file", "features", str(tmp_path / "a.npy"), str(tmp_path / "b.npy")]) == 2


def test_a_rank_stands_beside_shuffled_columns(tmp_path, capsys):
    generator = np.random.default_rng(0)
    np.save(tmp_path / "a.npy", generator.normal(size=(200, 3)) @ generator.normal(size=(3, 20)))
    code, text = said(capsys, "rank", str(tmp_path / "a.npy"))
    rank, directions, shuffled, most = numbers(text)
    assert code == 0
    assert max(rank, directions) < 3.1 < 10 < min(shuffled, most)


@pytest.mark.parametrize("held", [np.zeros(4), np.full((9, 2), np.nan), np.zeros((2, 2))])
def test_what_is_no_table_of_features_is_said(tmp_path, held):
    np.save(tmp_path / "a.npy", held)
    assert main(["file", "rank", str(tmp_path / "a.npy")]) == 2
    (tmp_path / "a.npy").write_text("no numbers")
    assert main(["file", "rank", str(tmp_path / "a.npy")]) == 2
