"""Where the course's own files are; what a wheel does with it is in test_installing.py."""

from plantedu.shipped_files import checkpoints, lessons, results, source


def test_a_checkout_has_them_beside_the_package():
    assert (source() / "plantedu" / "shipped_files.py").is_file()
    assert (checkpoints() / "cross-0.safetensors").is_file()
    assert (lessons() / "notation.md").is_file()
    assert (results() / "02_training.json").is_file()
