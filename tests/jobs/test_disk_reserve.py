import pytest

from plantedu.errors import DiskFullError
from plantedu.jobs.disk_reserve import ROOM, persist, reserve
from plantedu.store.database import DatabaseBusyError


def failing(*errors):
    """A write that fails with each of these errors, then succeeds."""
    left = list(errors)

    def write():
        if left:
            raise left.pop(0)
        return "written"

    return write


def test_last_words_find_room_on_a_full_disk(tmp_path):
    reserve(tmp_path)
    assert (tmp_path / "reserve.bin").stat().st_size == ROOM
    assert persist(failing(DiskFullError("full")), tmp_path) == "written"
    assert not (tmp_path / "reserve.bin").exists()
    reserve(tmp_path)  # there is room again
    assert (tmp_path / "reserve.bin").exists()


def test_without_room_the_disk_is_full(tmp_path):
    with pytest.raises(DiskFullError, match="full"):
        persist(failing(DiskFullError("full")), tmp_path)


def test_a_busy_database_is_waited_for(tmp_path):
    busy = DatabaseBusyError("busy")
    assert persist(failing(busy, busy), tmp_path) == "written"
    with pytest.raises(DatabaseBusyError):
        persist(failing(*[busy] * 99), tmp_path, patience=0.3)


def test_no_room_to_keep_is_nobodys_problem(tmp_path):
    reserve(tmp_path / "absent")
