"""How published conjoint figures are made: the conventions in use, a closed list."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

from conjoint.estimate.design import tied_attributes
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from conjoint.reproduce.made import Made
    from conjoint.typing import PublishedEstimand, Ties

__all__ = ["Convention", "conventions_for"]

Weights = Literal["targets", "given", "none"]
Regression = Literal["all", "alone"]
Averaging = Literal["intended", "observed", "ignored"]

OF_MEANS = ("marginal_mean", "difference")
OF_EFFECTS = ("amce", "amce_difference")


@dataclass(frozen=True, slots=True)
class Convention:
    """How the values of a table are made.

    Parameters
    ----------
    weights
        Which weights: made to the survey's targets, as the file has them, or none.
    regression
        Whether all attributes (all pairs, of interactions) stand in one regression.
    averaging
        Over what the effect of a tied attribute averages: the design's combinations as often as it
        means to draw them or as often as it did, or restrictions left out of the model.
    ties
        Whether profiles count whose level the other profile of the task shows, too.
    corrected
        Whether figures are corrected by the reliability of a repeated task.
    name
        In words, as far as there is a choice.
    """

    weights: Weights = "none"
    regression: Regression = "all"
    averaging: Averaging = "intended"
    ties: Ties = "keep"
    corrected: bool = False
    name: str = ""

    @property
    def of_means(self) -> bool:
        """Whether an effect is a difference between the means of levels."""
        return self.regression == "alone"


def conventions_for(
    made: Made, estimand: PublishedEstimand, *, pairs: int = 1
) -> tuple[Convention, ...]:
    """Every convention that is another one for these data, the default first.

    `pairs` is how many pairs of attributes interact.

    The default is what :func:`conjoint.amce` and the others do: weighted, ties kept, one regression,
    averaged over the design, not corrected.
    """
    families = _families(made, estimand, pairs)
    corrections = (False, True) if made.can_correct and estimand != "amie" else (False,)
    found = []
    for corrected, weights, (regression, averaging, ties) in product(
        corrections, made.weights, families
    ):
        keys = [f"weights_{weights}"] if len(made.weights) > 1 else []
        if len({family[0] for family in families}) > 1:
            keys.append(f"{'pairs' if estimand == 'acie' else 'regression'}_{regression}")
        if len({family[1] for family in families}) > 1 and regression == "all":
            keys.append(f"averaging_{averaging}")
        if len({family[2] for family in families}) > 1 and (
            regression == "alone" or estimand in OF_MEANS
        ):
            keys.append(f"ties_{ties}")
        if len(corrections) > 1:
            keys.append("corrected" if corrected else "not_corrected")
        name = ", ".join(phrase(f"reproduction.convention.{key}") for key in keys or ["usual"])
        found.append(Convention(weights, regression, averaging, ties, corrected, name))
    return tuple(found)


Family = tuple[Regression, Averaging, "Ties"]


def _families(made: Made, estimand: PublishedEstimand, pairs: int) -> list[Family]:
    """Regression, averaging and ties, in the combinations that mean something."""
    ties: tuple[Ties, ...] = ("keep", "drop") if made.has_pairs else ("keep",)
    tied = bool(tied_attributes(made.wave.survey))
    averaging: tuple[Averaging, ...] = (
        ("intended", "observed", "ignored") if tied else ("intended",)
    )
    if estimand in OF_MEANS:
        return [("all", "intended", tie) for tie in ties]
    if estimand in OF_EFFECTS:
        alone: list[Family] = [("alone", "intended", tie) for tie in ties]
        return [*(("all", average, "keep") for average in averaging), *alone]
    if estimand == "acie":
        regressions: tuple[Regression, ...] = ("all", "alone") if pairs > 1 else ("all",)
        return [(one, average, "keep") for one, average in product(regressions, averaging)]
    return [("all", "intended", "keep")]
