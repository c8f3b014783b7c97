"""What is drawn, and what is estimated of each draw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from partial_profiles import FixedNumber, Partial, Patterns
from superpopulation import AGES, REPEAT, Superpopulation

import conjoint as cj

if TYPE_CHECKING:
    from collections.abc import Callable

Figures = dict[str, cj.Estimates]
Tests = dict[str, pd.DataFrame]


COVERS, COVERS_CAREFULLY, COVERS_OR_MORE = (0.94, 0.96), (0.94, 0.97), (0.94, 1.0)
REJECTS, REJECTS_OR_LESS = (0.04, 0.06), (0.0, 0.06)
Band = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Study:
    """Waves drawn alike, and figures or tests of each.

    Parameters
    ----------
    name, text
        Its heading and what is drawn, for the table.
    population, respondents, tasks
        Who is drawn from whom, and how many tasks each answers.
    estimate
        Gives a wave's figures by name, and its joint tests by name.
    bands
        By name, in what share of draws the intervals are to cover, or the tests to reject. What is
        not named is there for contrast.
    """

    name: str
    text: str
    population: Superpopulation | Partial
    respondents: int
    tasks: int
    estimate: Callable[[cj.Wave], tuple[Figures, Tests]]
    bands: dict[str, Band]

    def truth(self, name: str, figures: cj.Estimates) -> np.ndarray:
        """What the figures should be, one a row."""
        truth = cache(self.population.truth)
        if name == RATIO:
            everybody = truth("Total")
            return np.array(
                [everybody.share({"price": "low"}) / everybody.share({"price": "high"})]
            )
        return np.array([self._of(row, truth) for row in figures.labels.itertuples()])

    def _of(self, row: Any, truth: Callable[[str], Any]) -> float:
        if row.estimand in ("irr", "tau"):
            error = self.population.error
            return error if row.estimand == "tau" else (1 - error) ** 2 + error**2
        if " − " in row.group:
            first, second = row.group.split(" − ")
            figure = row._replace(estimand=row.estimand.removesuffix(" difference"))
            return truth(first).of(figure) - truth(second).of(figure)
        return truth(row.group).of(row)


OVERLAPPING = ["younger", "older"]
RATIO = "ratio of two marginal means, by the delta method"
ESTIMATORS = {"AMCEs": cj.amce, "marginal means": cj.marginal_means}


def _poll(wave: cj.Wave) -> tuple[Figures, Tests]:
    means, effects = cj.marginal_means(wave), cj.amce(wave)
    split = cj.marginal_means(wave, by=OVERLAPPING)
    parts = cj.amce(wave, by=OVERLAPPING)
    apart = _tasks_apart(wave)
    ends = [{"attribute": "price", "level": level} for level in ("low", "high")]
    return {
        "AMCEs": effects,
        "marginal means": means,
        "joint means": cj.joint_means(wave, ("price", "colour")),
        "interactions (ACIEs)": cj.interactions(wave, ("price", "colour")),
        "choice-level means": cj.choice_means(wave),
        "average component preferences": cj.component_preferences(wave),
        "marginal means: overlapping segments compared": cj.differences(split, "younger"),
        "AMCEs: overlapping segments compared": cj.differences(parts, "younger"),
        "marginal means: segments against the total": cj.differences(
            cj.stack([means, split]), "Total"
        ),
        RATIO: cj.contrast(means, ends, function=lambda low, high: low / high),
        "AMCEs, CR1": cj.amce(wave, variance="CR1"),
        "AMCEs, tasks taken as people": cj.amce(apart),
        "marginal means, tasks taken as people": cj.marginal_means(apart),
    }, {}


def _tasks_apart(wave: cj.Wave) -> cj.Wave:
    """Every task as if another person had answered it: what clustering is for."""
    profiles = wave.profiles
    code = wave.respondent_index * profiles["task"].nunique() + profiles["task"].cat.codes
    people = pd.DataFrame({"respondent": np.unique(code), "age": 0, "sex": ""})
    return cj.Wave.build(wave.survey, people, profiles.assign(respondent=code))


def _weighted(wave: cj.Wave) -> tuple[Figures, Tests]:
    plain = wave.with_weights(np.ones(wave.n_respondents))
    split = cj.marginal_means(wave, by=OVERLAPPING)
    return {
        "AMCEs": cj.amce(wave),
        "marginal means": cj.marginal_means(wave),
        "joint means": cj.joint_means(wave, ("price", "colour")),
        "choice-level means": cj.choice_means(wave),
        "average component preferences": cj.component_preferences(wave),
        "marginal means: overlapping segments compared": cj.differences(split, "younger"),
        "marginal means, weights left out": cj.marginal_means(plain),
    }, {}


BANDS = (18, 30, 40, 50, 60, 70, 80)
"""Where the age bands begin that a wave is weighted by."""


def _band(age: Any) -> Any:
    return np.digitize(age, BANDS) - 1


def _calibrated(wave: cj.Wave) -> tuple[Figures, Tests]:
    respondents = wave.respondents.assign(
        band=_band(wave.respondents["age"].to_numpy()).astype(str)
    )
    plain = cj.Wave.build(wave.survey, respondents, wave.profiles)
    ages = np.bincount(_band(AGES), minlength=len(BANDS) - 1)
    raked = cj.rake(plain, {"band": {str(band): n for band, n in enumerate(ages)}})
    split = cj.marginal_means(raked, by=OVERLAPPING)
    given = raked.fixed()
    return {
        "AMCEs": cj.amce(raked),
        "marginal means": cj.marginal_means(raked),
        "marginal means: overlapping segments compared": cj.differences(split, "younger"),
        "marginal means, weights taken as given": cj.marginal_means(given),
        "AMCEs, weights taken as given": cj.amce(given),
    }, {}


def _restricted(wave: cj.Wave) -> tuple[Figures, Tests]:
    return {"AMCEs": cj.amce(wave), "marginal means": cj.marginal_means(wave)}, {}


def _erring(wave: cj.Wave) -> tuple[Figures, Tests]:
    means, effects = cj.marginal_means(wave), cj.amce(wave)
    rates = cj.reliability(wave, repeat=REPEAT)
    split = cj.corrected(
        cj.marginal_means(wave, by=OVERLAPPING), cj.reliability(wave, by=OVERLAPPING, repeat=REPEAT)
    )
    return {
        "irr": rates.select(level="irr"),
        "tau": rates.select(level="tau"),
        "corrected marginal means": cj.corrected(means, rates),
        "corrected AMCEs": cj.corrected(effects, rates),
        "corrected marginal means: overlapping segments compared": cj.differences(split, "younger"),
        "marginal means, not corrected": means,
        "AMCEs, not corrected": effects,
    }, {}


def _thirty(wave: cj.Wave) -> tuple[Figures, Tests]:
    figures = {}
    for variance in ("CR2", "CR3", "CR1", "linearised"):
        figures[f"AMCEs, {variance}"] = cj.amce(wave, variance=variance)
        figures[f"marginal means, {variance}"] = cj.marginal_means(wave, variance=variance)
    return figures, {}


def _flat(wave: cj.Wave) -> tuple[Figures, Tests]:
    def tested(by: Any, estimator: Any = cj.marginal_means) -> pd.DataFrame:
        return cj.omnibus(estimator(wave, by=by))

    return {}, {
        "no effect": _no_effect(cj.omnibus(cj.amce(wave))),
        "same pattern: two overlapping segments": tested(OVERLAPPING),
        "same pattern: three overlapping segments": tested(["younger", "older", "women"]),
        "same pattern: three separate parties": tested("party"),
        "same pattern of AMCEs: two overlapping segments": tested(OVERLAPPING, cj.amce),
    }


def _few(wave: cj.Wave) -> tuple[Figures, Tests]:
    tests = {}
    for variance, name in (("CR2", "HTZ"), ("linearised", "Hotelling"), ("linearised", "plain F")):
        corrected = name != "plain F"
        effects = cj.amce(wave, variance=variance)
        tests[f"no effect: {name}"] = _no_effect(cj.omnibus(effects, small_sample=corrected))
        for by, groups in (("party", "two parties"), (OVERLAPPING, "overlapping segments")):
            means = cj.marginal_means(wave, by=by, variance=variance).select(attribute="size")
            same = cj.omnibus(means, small_sample=corrected)
            tests[f"same pattern, {groups}: {name}"] = same
    return {}, tests


def _small_group(wave: cj.Wave) -> tuple[Figures, Tests]:
    def tested(variance: Any = "linearised", **options: Any) -> pd.DataFrame:
        means = cj.marginal_means(wave, by="party", variance=variance).select(attribute="size")
        return cj.omnibus(means, **options)

    return {}, {
        "same pattern: HTZ": tested("CR2"),
        "same pattern: linearised": tested(),
        "same pattern: plain F": tested(small_sample=False),
    }


def _segments_compared(wave: cj.Wave, estimator: Any) -> cj.Estimates:
    return cj.differences(estimator(wave, by=OVERLAPPING), "younger")


def _two_arms(wave: cj.Wave) -> tuple[Figures, Tests]:
    together = ("party", "price")
    arms = {name: estimator(wave, by="arm") for name, estimator in ESTIMATORS.items()}
    return {
        **{name: estimator(wave) for name, estimator in ESTIMATORS.items()},
        "AMCEs, CR2": cj.amce(wave, variance="CR2"),
        "joint means with party": cj.joint_means(wave, together),
        "interactions (ACIEs) with party": cj.interactions(wave, together),
        "choice-level means": cj.choice_means(wave),
        "average component preferences": cj.component_preferences(wave),
        **{f"{name} of each arm": arm.without_missing() for name, arm in arms.items()},
        **{
            f"{name}: arms compared": cj.differences(arm, "plain").without_missing()
            for name, arm in arms.items()
        },
        **{
            f"{name}: overlapping segments compared": _segments_compared(wave, estimator)
            for name, estimator in ESTIMATORS.items()
        },
    }, {}


def _some_tasks(wave: cj.Wave) -> tuple[Figures, Tests]:
    return {
        f"{name}: {what}": figures
        for what in ("choice", "support")
        for name, figures in {
            **{name: estimator(wave, outcome=what) for name, estimator in ESTIMATORS.items()},
            "presence effects": cj.presence_effects(wave, outcome=what),
        }.items()
    }, {}


def _few_of_many(wave: cj.Wave) -> tuple[Figures, Tests]:
    return {
        **{name: estimator(wave) for name, estimator in ESTIMATORS.items()},
        "presence effects": cj.presence_effects(wave),
        "AMCEs: overlapping segments compared": _segments_compared(wave, cj.amce),
    }, {}


def _flat_arms(wave: cj.Wave) -> tuple[Figures, Tests]:
    null = {"attribute": ["party", "size"]}
    by_arm = cj.amce(wave, by="arm").select(attribute="size")
    return {}, {
        "no effect of party, of size": cj.omnibus(cj.amce(wave).select(**null)),
        "no effect of party, of size: HTZ": cj.omnibus(
            cj.amce(wave, variance="CR2").select(**null)
        ),
        "no effect of party and size together": cj.omnibus(
            cj.amce(wave).select(**null), together=True
        ),
        "same pattern of size in both arms": cj.omnibus(by_arm),
        "same pattern: two overlapping segments": cj.omnibus(
            cj.marginal_means(wave, by=OVERLAPPING)
        ),
        "same pattern of AMCEs: two overlapping segments": cj.omnibus(
            cj.amce(wave, by=OVERLAPPING)
        ),
    }


def _flat_few(wave: cj.Wave) -> tuple[Figures, Tests]:
    null = {"attribute": list(IGNORED)}
    effects, by_sex = cj.amce(wave), cj.amce(wave, by="sex")
    apart = cj.amce(wave, by=OVERLAPPING)
    return {}, {
        "no effect: the eight": cj.omnibus(effects.select(**null)),
        "no effect: the eight together": cj.omnibus(effects.select(**null), together=True),
        "same pattern in both sexes: all forty together": cj.omnibus(by_sex, together=True),
        "same pattern, overlapping segments: the eight": cj.omnibus(apart.select(**null)),
        "same pattern, overlapping segments: the eight together": cj.omnibus(
            apart.select(**null), together=True
        ),
        "same pattern, overlapping segments: all forty together": cj.omnibus(apart, together=True),
    }


def _no_effect(tests: pd.DataFrame) -> pd.DataFrame:
    """Of the attribute that has none."""
    return tests[tests["attribute"] == "size"]


ELECTORATE = Superpopulation(
    mean={"price": (0.6, 0.1, -0.7), "colour": (0.2, -0.2), "size": (-0.4, -0.1, 0.0, 0.2, 0.3)},
    slope={"price": (-0.6, 0.0, 0.6), "colour": (0.5, -0.5)},
    spread={"price": 1.2, "colour": 1.5, "size": 1.0},
    together=0.5,
    first=0.2,
)
FLAT = Superpopulation(
    mean={"price": (0.6, 0.1, -0.7), "colour": (0.2, -0.2)},
    spread={"price": 1.2, "colour": 1.5, "size": 1.5},
    together=0.5,
    first=0.2,
)
DIVIDED = replace(
    ELECTORATE,
    slope={"price": (-3.0, 0.0, 3.0), "colour": (2.0, -2.0)},
    spread={"price": 0.3, "colour": 0.3, "size": 0.3},
    # Steps at the middle of each band, so that weighting by bands mends all of it.
    chance=lambda age: 1.0 + 0.3 * _band((age + 1) / 2 * (AGES[-1] - AGES[0]) + AGES[0]),
)
OVERSAMPLED = replace(ELECTORATE, chance=lambda age: 1.0 + 0.75 * age)

ARMS = Patterns(
    ("price", "colour", "size", "party"),
    share=np.array([0.5, 0.5]),
    shows=np.array([[[True] * 4] * 2, [[True, True, True, False]] * 2]),
    arms=("labelled", "plain"),
)
SOME_TASKS = Patterns(
    ARMS.names,
    # The party in three tasks of five, in both profiles; the size in three profiles of four.
    share=np.outer((0.6, 0.4), np.outer((0.75, 0.25), (0.75, 0.25)).ravel()).ravel(),
    shows=np.array(
        [
            [[True, True, size, party] for size in sizes]
            for party in (True, False)
            for sizes in product((True, False), repeat=2)
        ]
    ),
)
CANDIDATES = Partial(
    ARMS,
    mean={
        "price": (0.6, 0.1, -0.7),
        "colour": (0.2, -0.2),
        "size": (0.0, 0.2, 0.4, 0.6),
        "party": (0.7, -0.5, -0.1),
    },
    slope={"price": (-0.6, 0.0, 0.6), "party": (-0.8, 0.8, 0.0)},
    spread={"price": 1.2, "colour": 1.5, "size": 1.0, "party": 1.5},
    first=0.2,
)
JUDGED = replace(CANDIDATES, showing=SOME_TASKS, supported=-0.5)
FLAT_CANDIDATES = replace(
    CANDIDATES, mean=CANDIDATES.mean | {"size": (0.3,) * 4, "party": (0.2,) * 3}, slope={}
)
FORTY = tuple(f"attribute {place}" for place in range(1, 41))
IGNORED = FORTY[::5]


def _forty(place: int) -> tuple[float, ...]:
    """Two to four levels; whether an attribute is shown is worth from -0.6 to 0.6."""
    levels = np.linspace(-0.5, 0.5, 2 + place % 3)
    return tuple((-1) ** place * levels * (1 + place % 4) / 2 + 0.3 * (place % 5 - 2))


FIVE_OF_FORTY = Partial(
    FixedNumber(FORTY, 5),
    mean={name: _forty(place) for place, name in enumerate(FORTY)},
    slope={FORTY[place]: tuple(np.linspace(-0.6, 0.6, 2 + place % 3)) for place in range(0, 40, 4)},
    spread=dict.fromkeys(FORTY, 1.0),
    first=0.2,
)  # fmt: skip
FLAT_FORTY = replace(
    FIVE_OF_FORTY,
    mean=FIVE_OF_FORTY.mean | {name: (0.2,) * len(FIVE_OF_FORTY.mean[name]) for name in IGNORED},
    slope={},
)

CORRECTED = (
    "irr", "tau", "corrected marginal means", "corrected AMCEs",
    "corrected marginal means: overlapping segments compared",
)  # fmt: skip
ON_BOTH = tuple(
    f"{name}: {what}"
    for what in ("choice", "support")
    for name in ("AMCEs", "marginal means", "presence effects")
)
FOR_FEW = ("AMCEs, CR2", "marginal means, CR2", "AMCEs, CR3", "marginal means, CR3")


STUDIES = (
    Study(
        "A poll of 500",
        "Part-worths move with age, and the segments share a quarter of the ages.",
        ELECTORATE, 500, 6, _poll,
        dict.fromkeys(
            (
                "AMCEs", "AMCEs, CR1", "marginal means", "joint means", "interactions (ACIEs)",
                "choice-level means", "average component preferences",
                "AMCEs: overlapping segments compared",
                "marginal means: overlapping segments compared",
                "marginal means: segments against the total", RATIO,
            ),
            COVERS,
        ),
    ),
    Study(
        "500 drawn unequally, weighted",
        "As the poll, but the oldest are seven times as likely to be drawn as the youngest, and "
        "weights are the inverse; the truth is that of the population.",
        OVERSAMPLED, 500, 6, _weighted,
        dict.fromkeys(
            (
                "AMCEs", "marginal means", "joint means", "choice-level means",
                "average component preferences", "marginal means: overlapping segments compared",
            ),
            COVERS,
        ),
    ),
    Study(
        "A restricted design",
        "As the poll, but a low price never meets the sizes L and XL.",
        replace(ELECTORATE, never={"price": ("low",), "size": ("L", "XL")}), 500, 6, _restricted,
        dict.fromkeys(("AMCEs", "marginal means"), COVERS),
    ),
    Study(
        "600 who err",
        "As the poll, but an answer is the opposite of what it should be with probability 0.15, "
        "independently in each task. One task is asked again, its profiles swapped. The truth is "
        "without error. The irr is a share of 600 whole people: by the binomial distribution its "
        "interval covers 94.4%, not 95.",
        replace(ELECTORATE, error=0.15), 600, 6, _erring, dict.fromkeys(CORRECTED, COVERS),
    ),
    Study(
        "600 who err, drawn unequally, weighted",
        "Both of the above.",
        replace(OVERSAMPLED, error=0.15), 600, 6, _erring, dict.fromkeys(CORRECTED, COVERS),
    ),
    Study(
        "30 respondents",
        "As the poll. Intervals of means are a little cautious: a design effect that some thirty answers "
        "of the rarer sort show is averaged with that of the weights.",
        ELECTORATE, 30, 6, _thirty,
        dict.fromkeys(FOR_FEW, COVERS)
        | dict.fromkeys(("marginal means, CR2", "marginal means, CR3"), COVERS_CAREFULLY),
    ),
    Study(
        "30 respondents, drawn unequally, weighted",
        "As the poll. The degrees of freedom that CR2 brings take every answer for equally precise, "
        "which makes its intervals cautious.",
        OVERSAMPLED, 30, 6, _thirty,
        dict.fromkeys(("AMCEs, CR2", "marginal means, CR2"), COVERS_OR_MORE),
    ),
    Study(
        "Joint tests, 500 respondents",
        "People differ, but no size is better on average (no effect), and age, sex and party say "
        "nothing of what people want (same pattern).",
        FLAT, 500, 6, _flat,
        dict.fromkeys(
            (
                "no effect", "same pattern: two overlapping segments",
                "same pattern: three overlapping segments", "same pattern: three separate parties",
                "same pattern of AMCEs: two overlapping segments",
            ),
            REJECTS,
        ),
    ),
    Study(
        "Joint tests, 60 respondents",
        "The same, of the five sizes; the parties have 30 and 70 percent. Hotelling's is the test "
        "with linearised variances, HTZ the one with CR2. With segments that overlap, either is "
        "cautious: the residuals of people in both segments hold part of the very difference that "
        "is tested, so that the variance grows with it.",
        replace(FLAT, parties=(0.3, 0.7, 0.0)), 60, 6, _few,
        {
            "no effect: HTZ": REJECTS,
            "no effect: Hotelling": REJECTS,
            "same pattern, two parties: HTZ": REJECTS,
            "same pattern, overlapping segments: HTZ": REJECTS_OR_LESS,
            "same pattern, overlapping segments: Hotelling": REJECTS_OR_LESS,
        },
    ),
    Study(
        "500 weighted to targets",
        "What people want hangs on age above all; the oldest band of age is two and a half times as "
        "likely to be drawn as the youngest, which nobody knows. The wave is raked to the age bands "
        "of the population. Intervals that take those weights as given are wider than they need be.",
        DIVIDED, 500, 6, _calibrated,
        dict.fromkeys(
            ("AMCEs", "marginal means", "marginal means: overlapping segments compared"), COVERS
        ),
    ),
    Study(
        "Two arms, one of which shows a party",
        "Half the respondents see the price, colour and size of both profiles, the others the party as well.",
        CANDIDATES, 500, 6, _two_arms,
        dict.fromkeys(
            (
                "AMCEs", "AMCEs, CR2", "marginal means", "joint means with party",
                "interactions (ACIEs) with party", "choice-level means",
                "average component preferences", "AMCEs of each arm", "marginal means of each arm",
                "AMCEs: arms compared", "marginal means: arms compared",
                "AMCEs: overlapping segments compared",
                "marginal means: overlapping segments compared",
            ),
            COVERS,
        ),
    ),
    Study(
        "Tasks without a party",
        "Both profiles of two tasks in five lack the party, and one profile in four lacks the size. People choose, and judge "
        "each profile. Of choices the party has no presence effect, because no task shows it once.",
        JUDGED, 500, 6, _some_tasks,
        dict.fromkeys(ON_BOTH, COVERS),
    ),
    Study(
        "Tasks without a party, drawn unequally, weighted",
        "The same, but the oldest are seven times as likely to be drawn as the youngest.",
        replace(JUDGED, chance=OVERSAMPLED.chance), 500, 6, _some_tasks,
        dict.fromkeys(ON_BOTH, COVERS),
    ),
    Study(
        "Five of forty attributes",
        "Every profile shows five attributes of forty, which have two to four levels.",
        FIVE_OF_FORTY, 1000, 8, _few_of_many,
        dict.fromkeys(
            (
                "AMCEs", "marginal means", "presence effects",
                "AMCEs: overlapping segments compared",
            ),
            COVERS,
        ),
    ),
    Study(
        "Joint tests, two arms",
        "As in the two arms above, but no party and no size is better on average, and age says nothing.",
        FLAT_CANDIDATES, 500, 6, _flat_arms,
        dict.fromkeys(
            (
                "no effect of party, of size", "no effect of party, of size: HTZ",
                "no effect of party and size together", "same pattern of size in both arms",
                "same pattern: two overlapping segments",
                "same pattern of AMCEs: two overlapping segments",
            ),
            REJECTS,
        ),
    ),
    Study(
        "Joint tests, five of forty attributes",
        "As above, but no level of eight attributes is better on average, and age and sex say nothing. The forty "
        "have 79 comparisons. With so many, the test of segments that overlap is cautious, as it is with few people "
        "(above): the influence of people in both segments is the very difference that is tested, with its sign turned. "
        "Of separate groups it is not.",
        FLAT_FORTY, 1000, 8, _flat_few,
        {
            **dict.fromkeys(
                (
                    "no effect: the eight", "no effect: the eight together",
                    "same pattern in both sexes: all forty together",
                    "same pattern, overlapping segments: the eight",
                    "same pattern, overlapping segments: the eight together",
                ),
                REJECTS,
            ),
            "same pattern, overlapping segments: all forty together": REJECTS_OR_LESS,
        },
    ),
    Study(
        "Joint tests, 55 of 900 respondents",
        "The same population as in the other joint tests, of the five sizes, between a party of 55 and one of 845. Reports quote HTZ where a group has under "
        "150 people. Taken as one sample of 900 (plain F, or Hotelling's test on 899), the test forgets that nearly all "
        "of the variance is that of 55. Again by `python tests/montecarlo/coverage_table.py --only \"Joint tests, 55 of "
        "900 respondents\"`.",
        replace(FLAT, parties=(55, 845, 0)), 900, 6, _small_group,
        dict.fromkeys(("same pattern: HTZ", "same pattern: linearised"), REJECTS),
    ),
)  # fmt: skip


def _quick(wave: cj.Wave) -> tuple[Figures, Tests]:
    means = cj.marginal_means(wave, by=OVERLAPPING)
    return {
        "AMCEs": cj.amce(wave),
        "marginal means": cj.marginal_means(wave),
        "marginal means: overlapping segments compared": cj.differences(means, "younger"),
    }, {}


def _quick_erring(wave: cj.Wave) -> tuple[Figures, Tests]:
    rates = cj.reliability(wave, repeat=REPEAT)
    return {"corrected marginal means": cj.corrected(cj.marginal_means(wave), rates)}, {}


def _quick_few(wave: cj.Wave) -> tuple[Figures, Tests]:
    return {"AMCEs, CR2": cj.amce(wave, variance="CR2")}, {}


def _quick_flat(wave: cj.Wave) -> tuple[Figures, Tests]:
    means = cj.marginal_means(wave, by=OVERLAPPING)
    return {}, {
        "no effect": _no_effect(cj.omnibus(cj.amce(wave))),
        "same pattern": cj.omnibus(means.select(attribute="size")),
    }


QUICK = (
    Study("A poll", "", ELECTORATE, 120, 4, _quick, {}),
    Study("People who err", "", replace(ELECTORATE, error=0.15), 300, 3, _quick_erring, {}),
    Study("30 respondents", "", ELECTORATE, 30, 4, _quick_few, {}),
    Study("Joint tests", "", FLAT, 120, 4, _quick_flat, {}),
    Study("Tasks without a party", "", JUDGED, 120, 4, _some_tasks, {}),
)
"""The most important of it, small."""
