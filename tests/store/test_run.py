from dataclasses import FrozenInstanceError, asdict
from json import dumps

import pytest

from plantedu.store.database import SCHEMA
from plantedu.store.run import COLUMNS, ENDED, STATES


def test_every_field_is_a_column(store):
    run = store.run(store.submit("train", {"a": 1}, lane="training"))
    assert tuple(asdict(run)) == COLUMNS
    assert all(f"    {name} " in SCHEMA for name in COLUMNS)
    assert dumps(asdict(run))


def test_a_run_is_a_picture_of_a_moment(store):
    run = store.run(store.submit("train", {}, lane="training"))
    with pytest.raises(FrozenInstanceError):
        run.state = "done"


def test_a_run_of_before_has_the_names_of_today(store):
    run_id = store.submit("denoise", {}, lane="training")
    with store.database.write() as link:
        link.execute("UPDATE runs SET request = ?", ('{"told": ["cross-0/h"], "seed": 1}',))
    assert store.run(run_id).request == {"conditions": ["cross-0/h"], "seed": 1}


def test_ends_are_states():
    assert set(ENDED) < set(STATES)
