"""Draw pictures with a denoiser: diffusers' own schedulers walk from noise to pictures.

    flow   dx/dt = u(x, t, c)  from t = 1 to 0;   x_0 seen from t:   x_t - t u
    v      DDIM and its kin;                      x_0 seen from t:   a_t x_t - s_t u
    u      = u_0 + w (u_c - u_0)       w is `guidance`; w = 1 draws from what was learned, and any
                                       other w draws from something else: not for interpretation

Colour and angle are decided while a picture is nearly all noise: over many pixels they stand out at
t = .98. Euler's equal steps jump past that; "shifted" takes its steps at t' = 6 t / (1 + 5 t).

The same generator gives the same noise whatever the condition, so conditions are compared draw by
draw.

Source: Lipman et al. 2023, arXiv:2210.02747 [lipman2023]; Lu et al. 2022, arXiv:2211.01095
[lu2022]; Zhao et al. 2023, arXiv:2302.04867 [zhao2023]; Song et al. 2021, arXiv:2010.02502
[song2021]. Lesson: 05_generation.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator, Tensor

from plantedu.errors import require
from plantedu.extras import extra
from plantedu.models.denoiser import SENSORS, Denoiser, check_given
from plantedu.models.denoiser_body import TIMES

SHIFT = 6.0
FLOW: dict[str, Any] = {"prediction_type": "flow_prediction", "use_flow_sigmas": True}
V: dict[str, Any] = {
    "prediction_type": "v_prediction",
    "beta_schedule": "squaredcos_cap_v2",
    "timestep_spacing": "trailing",
}
SAMPLERS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {  # by prediction, then by name
    "flow": {
        "euler": ("FlowMatchEulerDiscreteScheduler", {}),
        "shifted": ("FlowMatchEulerDiscreteScheduler", {"shift": SHIFT}),
        "heun": ("FlowMatchHeunDiscreteScheduler", {}),
        "dpm": ("DPMSolverMultistepScheduler", FLOW),
        "unipc": ("UniPCMultistepScheduler", FLOW),
    },
    "v": {
        "ddim": ("DDIMScheduler", V | {"clip_sample": False}),
        "dpm": ("DPMSolverMultistepScheduler", V),
        "unipc": ("UniPCMultistepScheduler", V),
    },
}
MOST_STEPS = 250
AT_ONCE = 80  # pictures in one pass

Watch = Callable[[int, Float[Tensor, "n samples channels side side"]], None]


def scheduler(prediction: str, sampler: str, steps: int) -> Any:
    """A diffusers scheduler, its steps set.

    Raises:
        PlantEduError: for a sampler that there is not, or too many steps; or without the extra
            `plantedu[generation]`.
    """
    known = SAMPLERS[prediction]
    require(
        sampler in known,
        f"A denoiser trained for {prediction!r} draws with {', '.join(known)}; got {sampler!r}.",
    )
    whole = isinstance(steps, int) and 1 <= steps <= MOST_STEPS
    require(whole, f"Between 1 and {MOST_STEPS} steps are taken; got {steps!r}.")
    name, settings = known[sampler]
    with extra("generation"):
        made = getattr(import_module("diffusers"), name)(**settings)
    if sampler in ("euler", "shifted"):  # diffusers' default would spend the last step on t = .001
        made.set_timesteps(sigmas=np.linspace(1, 1 / steps, steps).tolist())
    else:
        made.set_timesteps(steps)
    return made


@torch.no_grad()
def sample(
    denoiser: Denoiser,
    given: Mapping[str, Float[Tensor, "n _"]],
    *,
    samples: int,
    steps: int = 8,
    sampler: str = "",
    guidance: float = 1.0,
    generator: Generator,
    shared: bool = False,
    low: Float[Tensor, "n channels side side"] | None = None,
    check: Callable[[], None] = lambda: None,
    watch: Watch | None = None,
) -> Float[Tensor, "n samples channels side side"]:
    """Pictures drawn from the conditions of n plants.

    Args:
        denoiser: Draws.
        given: Representations by slot, the same n rows in each; {} for one unconditional row.
        samples: Pictures for each row.
        steps: Steps of the scheduler; one of heun's has two passes.
        sampler: Name in SAMPLERS for the denoiser's prediction; "" for the first.
        guidance: w.
        generator: Draws the noise; on the CPU.
        shared: Give every row the same noise, so that rows differ by the condition alone.
        low: Pictures of a lower resolution for the upper stage of a cascade, in [0, 1].
        check: Called before every pass; what it raises ends the drawing.
        watch: Called after every step with what would come out now, in [0, 1].

    Returns:
        In [0, 1], on the CPU; channels are X1's, then X2's.

    Raises:
        PlantEduError: for a slot, width, number, sampler or count that cannot be.
    """
    check_given(given, denoiser.slots)
    rows = {len(r) for r in given.values()} or {1 if low is None else len(low)}
    require(len(rows) == 1, f"Every slot needs the same plants; got {sorted(rows)} rows.")
    require(samples >= 1, f"At least one sample is drawn; got {samples}.")
    require((low is not None) == denoiser.low, _about_low(denoiser))
    n, side = rows.pop(), denoiser.side
    shape = (1 if shared else n, samples, SENSORS[denoiser.sensors], side, side)
    noise = torch.randn(shape, generator=generator).expand(n, *shape[1:])
    drawn = torch.empty_like(noise, memory_format=torch.contiguous_format)
    flat, each = noise.flatten(0, 1), torch.arange(n).repeat_interleave(samples)
    places = list(torch.arange(n * samples).split(AT_ONCE))
    for part in places:
        conditions = {name: r[each[part]] for name, r in given.items()}
        small = None if low is None else denoiser.inward(low[each[part]])
        plan = scheduler(denoiser.prediction, sampler or first_sampler(denoiser), steps)
        alone = watch if len(places) == 1 else None
        show = None if alone is None else _shaped(alone, n)
        x = flat[part].contiguous(memory_format=torch.channels_last)  # as convolutions want it
        drawn.view(flat.shape)[part] = _walk(
            denoiser, plan, x, conditions, small, guidance, check, show
        )
    return drawn


def first_sampler(denoiser: Denoiser) -> str:
    """The sampler that a denoiser draws with when none is named."""
    return next(iter(SAMPLERS[denoiser.prediction]))


@torch.inference_mode()
def _walk(
    denoiser: Denoiser,
    plan: Any,
    x: Tensor,
    given: Mapping[str, Tensor],
    low: Tensor | None,
    guidance: float,
    check: Callable[[], None],
    show: Callable[[int, Tensor], None] | None,
) -> Tensor:
    """From noise to pictures in one batch."""
    for done, t in enumerate(plan.timesteps):
        check()
        times = (t / TIMES).expand(len(x)).float()
        u = denoiser.velocity(x, times, given, low)
        if guidance != 1.0:
            u_0 = denoiser.velocity(x, times, {}, low)
            u = u_0 + guidance * (u - u_0)
        if show is not None:
            show(done + 1, denoiser.outward(_seen(denoiser, x, u, times)))
        x = plan.step(u, t, x).prev_sample
    return denoiser.outward(x)


def _seen(denoiser: Denoiser, x: Tensor, u: Tensor, times: Tensor) -> Tensor:
    """x_0 as it is seen from x_t."""
    t = times[:, None, None, None]
    if denoiser.prediction == "flow":
        return x - t * u
    share = denoiser.kept_share[(times * TIMES).long().clamp(0, 999)][:, None, None, None]
    return share.sqrt() * x - (1 - share).sqrt() * u


def _shaped(watch: Watch, n: int) -> Callable[[int, Tensor], None]:
    return lambda step, pictures: watch(step, pictures.unflatten(0, (n, -1)))


def _about_low(denoiser: Denoiser) -> str:
    wanted = "the smaller pictures of the stage below as `low`" if denoiser.low else "no `low`"
    return f"This denoiser of {denoiser.side} px takes {wanted}."
