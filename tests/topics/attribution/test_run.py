"""One request, put together from plain words."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.results.attribute import Settings
from plantedu.topics.attribution.run import MapRun


def test_what_is_meant_by_no_output():
    asked = MapRun(Settings(method="gxi", plants=2), None)
    assert asked.output == "class 1, diseased"
    assert (
        MapRun(Settings(network="mark-0", method="gxi", plants=2), None).output == "class 1, mark"
    )


def test_an_output_that_is_not_there():
    with pytest.raises(PlantEduError, match="no output 5; it has 0 healthy, 1 diseased"):
        MapRun(Settings(output=5, plants=2), None)


def test_maps_are_written_with_their_pictures(tmp_path):
    asked = MapRun(Settings(method="gxi", plants=2), None)
    found = asked.maps(lambda: None)
    asked.save(tmp_path / "maps.npz", found)
    with np.load(tmp_path / "maps.npz", allow_pickle=False) as file:
        assert file["relevance"].shape == (2, 2, 64, 64)
        assert file["x1"].dtype == np.uint8
        assert len(file["plants"]) == 2
    with pytest.raises(PlantEduError, match="Cannot write the maps"):
        asked.save(tmp_path / "nowhere" / "maps.npz", found)
