"""The words of the attacks, without torch, so that pages and commands can offer them.

Lesson: 08_attacks.
"""

from plantedu.data.renderer.factors import SENSORS

WHERE = (*SENSORS, "both", "shared")  # which sensors are attacked; shared: one change for both
NORMS = ("linf", "l2", "l2_pair")
NAMING = ("margin", "ce", "dlr")
EMBEDDING = ("away", "assignment", "breakaway", "parting", "pairing")
GOALS = (*NAMING, *EMBEDDING)
ATTACKS = (
    *("noise", "fgsm", "pgd", "apgd", "square", "minimum"),
    *("eot", "physical", "semantic"),
)
UNBOUNDED = ("physical", "semantic")  # no ball of pixel values: the radius bounds nothing
RADII_255 = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
SAYS_WHERE = {
    "rgb": "RGB attacked",
    "rgn": "RGN attacked",
    "both": "both, each by itself",
    "shared": "both, one change of red and green",
}
DEFENCES = ("none", "rounded", "noisy")
