import pytest

from plantedu.data.renderer.worlds import world, world_hash
from plantedu.errors import PlantEduError
from plantedu.store.data_hash import data_hash


def test_a_world_is_its_hash():
    found = data_hash({"data": "calm", "world_seed": 3})
    assert found == world_hash(world("calm", 3))
    assert found != data_hash({"data": "calm", "world_seed": 4})
    with pytest.raises(PlantEduError):
        data_hash({"data": "moon", "world_seed": 0})


def test_a_folder_is_its_tables_and_its_files(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "Train.csv").write_text("Image_id,Label\nid_a.jpg,blast\n")
    (tmp_path / "images" / "id_a.jpg").write_bytes(b"12")
    request = {"data": f"folder:{tmp_path}", "world_seed": 0}
    found = [data_hash(request)]
    (tmp_path / "images" / "id_b.jpg").write_bytes(b"12")
    found.append(data_hash(request))
    (tmp_path / "images" / "id_b.jpg").write_bytes(b"123")
    found.append(data_hash(request))
    (tmp_path / "Train.csv").write_text("Image_id,Label\nid_a.jpg,brown\n")
    found.append(data_hash(request))
    assert len(set(found)) == 4
    assert data_hash(request) == found[-1]


def test_a_start_counts_by_its_file(tmp_path):
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"1")
    request = {"data": "calm", "world_seed": 3}
    found = [data_hash(request), data_hash(request | {"start": f"file:{path}"})]
    path.write_bytes(b"2")
    found.append(data_hash(request | {"start": f"file:{path}"}))
    assert len(set(found)) == 3
    assert data_hash(request | {"start": "scratch"}) == found[0]
    with pytest.raises(PlantEduError, match="No checkpoint 'nothing' ships"):
        data_hash(request | {"start": "shipped:nothing"})


def test_what_a_system_puts_into_a_folder_is_no_data(tmp_path):
    (tmp_path / "Train.csv").write_text("Image_id,Label\n")
    request = {"data": f"folder:{tmp_path}", "world_seed": 0}
    before = data_hash(request)
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "._Train.csv").write_bytes(b"x")
    (tmp_path / "@eaDir").mkdir()
    (tmp_path / "@eaDir" / "Train.csv").write_bytes(b"x")
    assert data_hash(request) == before
