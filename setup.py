"""What pyproject.toml cannot say: a wheel brings the course's own files inside the package."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithCourseFiles(build_py):
    """Copies `checkpoints` and `lessons` to `plantedu/shipped`; a checkout needs no copy."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for name in ("checkpoints", "lessons"):
                place = Path(self.build_lib, "plantedu", "shipped", name)
                shutil.copytree(Path(__file__).parent / name, place, dirs_exist_ok=True)


setup(cmdclass={"build_py": WithCourseFiles})
