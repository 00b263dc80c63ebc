"""ImageNet weights of timm's networks, from the hub that timm names.

The file is fetched here and handed to timm's own `pretrained=True`, for three reasons: only
safetensors are taken (timm would fall back to a pickle), the file's hash is known, and a hub that
cannot be reached is said within seconds.

Source: timm [wightman2019]. Lesson: 04_family.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import timm
from torch import Tensor

from plantedu.errors import PlantEduError, require
from plantedu.models.encoders import FAMILY

FILE = "model.safetensors"
PATIENCE = 8.0  # seconds for the hub's first answer


def imagenet_weights(name: str) -> tuple[dict[str, Tensor], Path]:
    """State dict of timm's pretrained network without its classifier, and the file it came from.

    Args:
        name: A name of plantedu.models.encoders, or any timm name.

    Raises:
        PlantEduError: if there are no such weights, or the hub cannot be reached.
    """
    path = fetched(name, hub_repository(name))
    try:
        body = timm.create_model(
            name, pretrained=True, num_classes=0, pretrained_cfg_overlay={"file": str(path)}
        )
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise PlantEduError(
            f"timm could not read the ImageNet weights of {name!r} in {path}: {said}. Remove that "
            "file and try again, or name a file of your own as file:PATH."
        ) from error
    return body.state_dict(), path


def hub_repository(name: str) -> str:
    """Where timm says that the weights of a network are.

    Raises:
        PlantEduError: if timm has none for it.
    """
    own = bool(FAMILY.get(name))
    config: Any = None if own else timm.get_pretrained_cfg(name, allow_unregistered=True)
    found = getattr(config, "hf_hub_id", None)
    about = "It is a rung of the course's own ladder" if own else "timm has none for it"
    require(
        bool(found),
        f"There are no ImageNet weights for {name!r}. {about}: start from source or scratch, "
        "choose an encoder such as res2next50 or resnet18, or name a file as file:PATH.",
    )
    return str(found)


def fetched(name: str, repository: str) -> Path:
    """The weights' file on this machine; downloaded if it was not here.

    Raises:
        PlantEduError: if it is not here and the hub cannot be reached or has no safetensors.
    """
    import huggingface_hub as hub

    here = hub.try_to_load_from_cache(repository, FILE)
    if isinstance(here, str):
        return Path(here)
    url = hub.hf_hub_url(repository, FILE)
    try:
        within(PATIENCE, lambda: hub.get_hf_file_metadata(url, timeout=PATIENCE / 2))
        return Path(hub.hf_hub_download(repository, FILE, etag_timeout=PATIENCE / 2))
    except hub.errors.EntryNotFoundError as error:
        raise PlantEduError(
            f"The hub has no safetensors of {name!r} ({repository}), and plantedu loads no pickle: "
            "choose another encoder, or name a file as file:PATH."
        ) from error
    except Exception as error:
        raise PlantEduError(
            f"The ImageNet weights of {name!r} ({repository}) cannot be fetched: the hub was not "
            f"reached ({type(error).__name__}). Download {FILE} where there is a network and start "
            "from file:PATH, or start from source."
        ) from error


def within(seconds: float, call: Callable[[], Any]) -> None:
    """Do something, but wait no longer than that: a name server may take minutes to say no.

    Raises:
        TimeoutError: if it took longer; it is left to itself.
        Exception: whatever the call raised.
    """
    raised: list[BaseException] = []

    def work() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=work, name="hub", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"no answer within {seconds:g} s")
    if raised:
        raise raised[0]
