"""A page under load waits at each look at the disk; so it looks seldom where many look on."""

import os

import pytest

from app.glance import changed, glanced

LOOKS = 60  # at the disk in one run of a page; 300 to 390 before


def test_on_a_shared_host_an_answer_lasts_for_a_moment(monkeypatch, hosted):
    now, asked = [100.0], []
    monkeypatch.setattr("app.glance.time.monotonic", lambda: now[0])
    look = glanced(lambda name: asked.append(name) or len(asked))
    assert [look("a"), look("a"), look("b"), look("a")] == [1, 1, 2, 1]
    now[0] += 1.5
    assert look("a") == 3


def test_alone_every_run_looks(tmp_path):
    path = tmp_path / "lesson.md"
    assert changed(path) == 0
    path.write_text("a")
    first = changed(path)
    os.utime(path, ns=(1, 1))
    assert first > 1 == changed(path)


def test_what_a_look_raises_is_not_kept(hosted):
    answers = iter([[], [3]])
    look = glanced(lambda: next(answers)[0])
    with pytest.raises(IndexError):
        look()
    assert look() == 3


def test_what_is_kept_is_bounded(monkeypatch, hosted):
    monkeypatch.setattr("app.glance.MOST", 3)
    monkeypatch.setattr("app.glance.time.monotonic", lambda: 0.0)
    asked = []
    look = glanced(lambda name: asked.append(name))
    for name in (*range(4), 3, 0):
        look(name)
    assert asked == [0, 1, 2, 3, 0]  # full after three, so the first is forgotten


@pytest.mark.parametrize("view", ["02_training", "10_neurons"])
def test_a_page_looks_at_the_disk_seldom(open_page, monkeypatch, hosted, view):
    app, looks = open_page(view), []
    for name in ("stat", "lstat", "scandir", "listdir"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, _real=real, **k: looks.append(a) or _real(*a, **k))
    app.run()
    assert not app.exception
    assert 0 < len(looks) < LOOKS


def test_a_page_asks_the_store_once_for_all_its_cards(open_page, monkeypatch):
    app, asked = open_page("01_pairs"), []
    for name in ("predictions.Predictions.of", "progress.Progress.solved_by"):
        place = f"plantedu.course.{name}"
        monkeypatch.setattr(place, lambda *a, _n=name, **k: asked.append(_n) or {})
    app.run()
    assert sorted(asked) == ["predictions.Predictions.of", "progress.Progress.solved_by"]
