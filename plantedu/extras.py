"""What comes with an extra of the package: where it is missing, one sentence says what to type.

    with extra("generation"):
        from diffusers.models.unets.unet_2d import UNet2DModel

`pip install plantedu` examines a model and draws charts; pages, denoisers and clusters are extras.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from plantedu.errors import PlantEduError


@contextmanager
def extra(name: str, otherwise: str = "") -> Iterator[None]:
    """Import inside it what an extra brings.

    Args:
        name: The extra, as in pyproject.toml.
        otherwise: What works without it, in a sentence.

    Raises:
        PlantEduError: where a package is missing, with the line that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        wanted = (error.name or name).split(".")[0]
        said = f'This needs {wanted}: pip install "plantedu[{name}]". {otherwise}'
        raise PlantEduError(said.strip()) from error
