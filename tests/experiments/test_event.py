"""The recorder of lesson 03's event names the checkpoints that it compares."""

import pytest

from experiments import event


@pytest.mark.parametrize("name", event.PAIRS)
def test_each_pair_and_its_control_are_files_that_ship(name):
    files = [path for two in event.files(name) for path in two]
    assert len(set(files)) >= 3
    assert all(path.is_file() for path in files)
    named = [word for two in event.PAIRS[name] for word in two]
    assert [path.stem for path in files] == [word.rpartition("/")[2] for word in named]
