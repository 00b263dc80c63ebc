"""Tokens are free: limits and turns by the address and class behind them, and who is blocked."""

import contextlib

import pytest

from plantedu.errors import PlantEduError
from plantedu.store.limits import HOSTED
from plantedu.store.visitors import DAY, Visitors, party_of


@pytest.fixture(autouse=True)
def hosted(monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")


@pytest.fixture
def visitors(store, clock):
    return Visitors(store.path, now=clock)


def ask(store, learner, number=0, lane="training"):
    return store.submit("train", {"n": f"{learner} {number}"}, lane=lane, learner=learner)


def crowd(store, visitors, party, count, *, room=""):
    """Learners of one address who ask once each, until one is refused; how many were let in."""
    for k in range(count):
        visitors.arrive(f"{party} {k}", party=party, room=room)
        try:
            ask(store, f"{party} {k}")
        except PlantEduError:
            return k
    return count


def test_an_address_is_nowhere_written(store, visitors):
    visitors.arrive("ann", party=party_of("203.0.113.7"))
    store.close()
    assert b"203.0.113.7" not in b"".join(
        path.read_bytes() for path in store.path.parent.glob("*") if path.is_file()
    )
    assert party_of("203.0.113.7") == party_of("203.0.113.7") != party_of("203.0.113.8")
    assert party_of("") == ""


def test_new_tokens_do_not_help_an_address(store, visitors):
    assert crowd(store, visitors, "mallory", 200) == HOSTED.party
    visitors.arrive("ann", party="home")
    assert ask(store, "ann")


def test_nor_a_class(store, visitors):
    for k in range(HOSTED.room):
        visitors.arrive(f"m{k}", party=f"address {k}", room="ABCDEF")
        ask(store, f"m{k}")
    visitors.arrive("one more", party="address", room="ABCDEF")
    with pytest.raises(PlantEduError, match="of your class"):
        ask(store, "one more")


def test_an_address_asks_so_often_a_minute(store, visitors, clock):
    for k in range(3 * HOSTED.party):
        visitors.arrive(f"m{k}", party="mallory")
        store.cancel(ask(store, f"m{k}"), learner=f"m{k}")
    visitors.arrive("last", party="mallory")
    with pytest.raises(PlantEduError, match="within a minute"):
        ask(store, "last")
    clock.ahead = 61.0
    assert ask(store, "last")


def test_when_the_line_is_full_who_has_less_than_a_fair_part_still_comes_in(store, visitors):
    """Three addresses fill the line; thirty learners at home are let in, and a fourth is not."""
    for name in ("mallory", "marvin", "moses"):
        assert crowd(store, visitors, name, 200) == HOSTED.party
    assert len(store.runs(state="queued")) == HOSTED.line
    for k in range(30):
        visitors.arrive(f"learner {k}", party=f"home {k}")
        assert ask(store, f"learner {k}")
    visitors.arrive("mallory again", party="mallory")
    with pytest.raises(PlantEduError):
        ask(store, "mallory again")
    with pytest.raises(PlantEduError, match="wait already"):
        ask(store, "nobody knows from where")


def test_a_room_behind_one_address_fits(store, visitors):
    assert crowd(store, visitors, "room", 40, room="ABCDEF") == 40


def test_made_up_learners_do_not_starve_the_others(store, visitors, clock):
    """An address that sends a new token for each run has had the most, and comes after the others.

    By tokens alone a new one, never served, went before everybody who had had a run.
    """
    for k in range(10):
        visitors.arrive(f"learner {k}", party=f"home {k}")
        store.finish(ask(store, f"learner {k}"), {})
    served, new = [], 0
    for k in range(60):
        while new < k + 20:
            visitors.arrive(f"m{new}", party="mallory")
            with contextlib.suppress(PlantEduError):
                ask(store, f"m{new}")
            new += 1
        learner = f"learner {k % 10}"
        if not store.runs(state="queued", learner=learner):
            ask(store, learner, k + 1)
        run = store.lease("training", "w")
        served.append(run.learner)
        store.finish(run.id, {}, worker="w")
        clock.ahead += 30
    honest = [who for who in served if who.startswith("learner")]
    assert len(set(honest)) == 10
    assert len(honest) >= 30


def test_who_is_blocked_stays_so(store, visitors, clock):
    visitors.arrive("mallory", party="a")
    visitors.block("mallory")
    with pytest.raises(PlantEduError, match="has closed this address"):
        visitors.arrive("mallory", party="b")
    with pytest.raises(PlantEduError, match="has closed this address"):
        ask(store, "mallory")
    visitors.arrive("neighbour", party="a")
    clock.ahead = 2 * DAY
    visitors.arrive("ann", party="c")
    assert visitors.blocked() == [("mallory", "token")]
    visitors.unblock("mallory")
    visitors.arrive("mallory", party="a")


def test_a_whole_address_can_be_blocked(store, visitors):
    visitors.arrive("mallory", party="a")
    visitors.arrive("other token", party="a")
    visitors.block("mallory", address=True)
    for learner in ("mallory", "other token", "new token"):
        with pytest.raises(PlantEduError, match="has closed this address"):
            visitors.arrive(learner, party="a")
    with pytest.raises(PlantEduError, match="has closed this address"):
        ask(store, "other token")
    visitors.arrive("ann", party="b")
    with pytest.raises(PlantEduError, match="Nobody knows the address"):
        visitors.block("somebody", address=True)


def test_a_visit_is_forgotten_after_a_day(store, visitors, clock):
    visitors.arrive("ann", party="a")
    clock.ahead = DAY + 1
    visitors.arrive("bob", party="b")
    with store.database.read() as link:
        assert [row["learner"] for row in link.execute("SELECT * FROM visitors")] == ["bob"]
