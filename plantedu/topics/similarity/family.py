"""The members of the family. A new measure is a class in its file and a place in this tuple.

Lesson: 06_similarity.
"""

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.alignment import BiasedCka, LinearCka, RbfCka
from plantedu.topics.similarity.cca import MeanCca, Pwcca, Svcca
from plantedu.topics.similarity.measure import Measure
from plantedu.topics.similarity.neighbourhood import KnnJaccard
from plantedu.topics.similarity.predictivity import RidgePredictivity
from plantedu.topics.similarity.procrustes import AngularDistance, NormalisedBures, Procrustes
from plantedu.topics.similarity.rsa import Rsa

MEASURES: tuple[Measure, ...] = (
    LinearCka(),
    RbfCka(),
    NormalisedBures(),
    AngularDistance(),
    Procrustes(),
    Rsa(),
    KnnJaccard(),
    RidgePredictivity(),
    Svcca(),
    Pwcca(),
    MeanCca(),
    BiasedCka(),
)


def measure(name: str) -> Measure:
    """The measure of that name.

    Raises:
        PlantEduError: for a name that is not there; lists those that are.
    """
    for one in MEASURES:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in MEASURES)
    raise PlantEduError(f"No similarity measure is called {name!r}. There are: {known}.")
