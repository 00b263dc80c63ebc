"""What a host does when somebody fills the course."""

import pytest

from plantedu.__main__ import main
from plantedu.course.classes import Classes
from plantedu.course.predictions import new_token
from plantedu.errors import PlantEduError
from plantedu.store.visitors import Visitors


@pytest.fixture(autouse=True)
def hosted(monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")


@pytest.fixture
def filled(store):
    """Two of an address and one of another have asked; the first one's training runs."""
    visitors = Visitors(store.path)
    for learner, party in (("mallory", "a"), ("her other token", "a"), ("ann", "b")):
        visitors.arrive(learner, party=party)
        store.submit("train", {"n": learner}, lane="training", learner=learner)
    store.lease("training", "w")
    return visitors


def states(store):
    return {run.learner: run.wish or run.state for run in store.runs()}


def test_the_queue_of_all_of_one_and_of_an_address(store, filled, capsys):
    assert main(["host", "purge", "queue", "--learner", "ann"]) == 0
    assert "1 runs cancelled" in capsys.readouterr().out
    assert states(store) == {"mallory": "running", "her other token": "queued", "ann": "cancelled"}
    assert main(["host", "purge", "runs", "--learner", "mallory", "--address"]) == 0
    assert states(store) == {
        "mallory": "cancel",
        "her other token": "cancelled",
        "ann": "cancelled",
    }


def test_who_is_blocked_asks_for_nothing_more(store, filled, capsys):
    assert main(["host", "block", "mallory", "--address"]) == 0
    assert "2 runs cancelled" in capsys.readouterr().out
    with pytest.raises(PlantEduError, match="has closed"):
        store.submit("train", {"n": 9}, lane="training", learner="her other token")
    assert main(["host", "unblock", "mallory"]) == 0
    assert "nobody blocked" in capsys.readouterr().out
    assert store.submit("train", {"n": 9}, lane="training", learner="her other token")


def test_made_up_classes_end_and_a_class_with_people_does_not(store, capsys):
    classes = Classes(store.path)
    empty, _ = classes.begin()
    code, keeper = classes.begin()
    for _ in range(2):
        classes.join(code, new_token())
    assert main(["host", "purge", "classes"]) == 0
    assert "1 classes ended" in capsys.readouterr().out
    assert classes.keeps(code, keeper)
    with pytest.raises(PlantEduError, match="There is no class"):
        classes.join(empty, new_token())
    assert main(["host", "purge", "classes", "--fewer", "9"]) == 0
    assert not classes.keeps(code, keeper)


def test_before_there_is_a_class_there_is_none_to_end(store, capsys):
    assert main(["host", "purge", "classes"]) == 0
    assert "0 classes ended" in capsys.readouterr().out
