"""Support for a package: over a random opponent, head to head, or over the status quo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.sample import forced_choices, specify
from conjoint.scenario.package import read_package, read_pairs, values_of
from conjoint.scenario.scene import STATUS_QUO, Request, Scene, look_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.scenario.package import Package
    from conjoint.survey import Survey
    from conjoint.typing import IntervalMethod, Variance
    from conjoint.wave import Wave

__all__ = ["support"]


def support(
    wave: Wave,
    package: Mapping[str, str | None],
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    interactions: Sequence[str] | Sequence[Sequence[str]] = (),
    average: str | Mapping[Any, Mapping[Any, Any]] = "design",
    against: Mapping[str, str | None] | str | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
    interval: IntervalMethod = "score",
) -> Scene:
    """Support for a package, the attributes that it leaves out averaged over.

    Estimand
        The mean outcome of profiles that have the package's levels. Of a forced choice: the share
        choosing such a profile over one that the design draws at random; with `against` the share
        choosing it over that profile (head to head); over the status quo, among those who take the
        profile or none. Of answers such as support: the share who give each of them, positive ones
        together.
    Formula
        m(package) = sum over cells of P(cell | package) x fitted mean, the fit a weighted regression
        of the outcome on the levels of all attributes, and on the joint cells of tied attributes
        and of `interactions`. Head to head: 1/2 + m(package) - m(opponent), m fitted to
        chosen_1 = c + m(profile 1) - m(profile 2) over tasks, c what standing first is worth. It is
        never an average of marginal means, which would divide each level's effect by the number of
        attributes.

        Where the fit leaves the scale for any package that the design draws, whether or not it is asked for, all
        figures of the outcome and group are from a logit on the same cells: sum over combinations of
        P(combination | package) x F(x'b), F logistic, of a rating by quasi-likelihood on its scale moved to
        0 to 1 (Papke & Wooldridge 1996). Head to head it is F(c + index of one - index of the other), the mean of
        both orders, what both leave out drawn for each. Several answers to one question: the outcome has its own
        logit, and the answers that count 0 share what it leaves in proportion to theirs. The frame's `model` says
        which it was.
    Variance
        Of the fitted figure, clustered by respondent; of a logit by the delta method. A package against itself is one half, with an
        interval of no width.
    Units
        0 to 1, or those of a rating.
    Restricted designs
        Tied attributes are modelled by their joint cells, and what the package leaves out is averaged
        as the design draws it with the package. Of attributes that are not always shown it is averaged
        as it stands, shown or not, in profiles that show and lack what the package does; of what no
        profile shows and lacks together there is no figure.

    Parameters
    ----------
    wave, by, variance, confidence
        As for :func:`conjoint.amce`.
    package
        Levels by attribute, of some attributes or of all. None says that the profile does not show the
        attribute: ``{"party": None}``. An attribute that is left out is averaged over.
    outcome
        One outcome; all where None. An outcome of kind support comes with all its answers where there are
        three shares or more: behind its own rows stand those of each answer that counts 0, of which `outcome`
        is such as ``"support: Oppose"`` (see :meth:`conjoint.Wave.by_answer`). They stand on the same
        people, add up to one, and have their joint covariance. So do outcomes that read the same column.
    interactions
        A pair of attributes, or several, whose joint cells the model shall have.
    average
        ``"design"``, or shares of levels as for :func:`conjoint.population_effects`.
    against
        Levels of the opponent, the attributes that it leaves out being as in the package; or
        ``"status quo"``, of a choice with a `none` option: of those who take the profile or none, the
        share taking the profile. That is a head-to-head share if the other profile on offer does not
        sway people between the two (independence of irrelevant alternatives).
    interval
        Method of the intervals of shares, which stay within 0 and 1 (means of a rating within its scale):
        ``"score"``, ``"logit"`` or ``"beta"``; ``"wald"`` as other packages have it. See
        :meth:`conjoint.Estimates.with_interval`.

    Returns
    -------
    Scene
        `figures`, the raw means (`shown`), the `gap` between the two, the test of `additivity`, and
        `warnings`; `frame` has all of it side by side. `attribute` and `level` join names by `` * ``,
        `baseline` holds the opponent's levels. The counts are the rows and people that the fit stands on.

    Raises
    ------
    RequestError
        An attribute, level, outcome or group is unknown; the design never draws the package or the
        opponent; the outcome has no opponent, or no status quo, to be against.
    EstimationError
        No figure can be estimated. Where some can, the others are NaN, and `note` says why: as for
        :func:`conjoint.amce`, no profile showed a combination that the model needs, or a package is beyond
        what the model can say: the linear one leaves the scale, and levels decide answers altogether.

    References
    ----------
    Hainmueller, Hopkins & Yamamoto 2014, doi:10.1093/pan/mpt024; Papke & Wooldridge 1996. Checked against joint means (saturated
    models) and known truth (docs/scenarios.md).

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 1, 1, 2, 2, 2, 2], "price": ["high", "high", "low", "low"] * 2,
    ...     "colour": ["red", "blue"] * 4, "bought": [0, 1, 1, 0, 1, 0, 1, 0]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", outcome="bought", attributes=["price", "colour"])
    >>> scene = support(wave, {"price": "low", "colour": "red"})
    >>> scene.frame[["level", "estimate", "shown_estimate"]].round(9)
           level  estimate  shown_estimate
    0  low * red      0.75             1.0
    """
    chosen = read_package(wave.survey, package)
    opponent = _opponent(wave.survey, chosen, against)
    pairs = read_pairs(wave.survey, interactions)
    _check_average(average)
    if opponent is None:
        wave = _told_apart(wave, outcome)
    outcomes = _outcomes(wave, outcome, opponent)
    specification = replace(specify(wave, "support", by, variance, confidence), interval=interval)
    return look_at(Request(wave, (chosen,), pairs, average, opponent, outcomes, specification))


def _opponent(
    survey: Survey, package: Package, against: Mapping[str, str | None] | str | None
) -> Package | str | None:
    if against is None or against == STATUS_QUO:
        return against
    if not isinstance(against, Mapping):
        what = f'there is no "{against}"'
        raise RequestError(Fault("against", what, f'levels by attribute, or "{STATUS_QUO}"'))
    return read_package(survey, values_of(survey, package) | dict(against), "against")


def _told_apart(wave: Wave, outcome: str | None) -> Wave:
    """The wave by answer; where the outcome that is asked for is none, the wave as it is says so."""
    split = wave.by_answer()
    return split if outcome is None or outcome in split.survey.outcomes else wave


def _outcomes(wave: Wave, outcome: str | None, opponent: Package | str | None) -> tuple[str, ...]:
    """The outcomes that are asked for, with those that read the same answers."""
    known = wave.survey.outcomes
    if isinstance(opponent, dict):
        return forced_choices(wave, outcome)
    names = wave.outcomes(outcome)
    if opponent == STATUS_QUO:
        with_none = tuple(name for name in names if known[name].none)
        if not with_none:
            raise RequestError(
                Fault(
                    "against",
                    f"of {choices(names)} none lets people choose the status quo",
                    "a choice with a `none` option",
                    "Leave `against` out, or name another outcome.",
                )
            )
        return with_none
    asked = {known[name].cells for name in names if known[name].kind == "support"}
    return tuple(
        name
        for name in known
        if name in names or (known[name].kind == "support" and known[name].cells in asked)
    )


def _check_average(average: object) -> None:
    if average != "design" and not isinstance(average, Mapping):
        raise RequestError(
            Fault(
                "average",
                f"{average!r} says nothing to average over",
                '"design", or shares of levels by attribute',
                'Such as {"partners": {"France": 1.0}}.',
            )
        )
