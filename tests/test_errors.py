"""The error that users read: raised only when the condition fails, with just its sentence."""

import pytest

from plantedu.errors import DiskFullError, PlantEduError, require


def test_require():
    require(True, "never said")
    with pytest.raises(PlantEduError, match=r"^Give a folder\.$"):
        require(False, "Give a folder.")


def test_a_full_disk_is_an_error_for_users():
    assert issubclass(DiskFullError, PlantEduError)
    assert issubclass(PlantEduError, ValueError)
