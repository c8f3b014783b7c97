"""What the package offers, and that importing it does nothing."""

import json
import subprocess
import sys

import pytest

import conjoint as cj
from conjoint import public

PUBLIC = [
    "Analysis",
    "Audit",
    "Comparison",
    "Estimates",
    "Reproduction",
    "Survey",
    "Table",
    "Wave",
    "adjust",
    "amce",
    "audit",
    "bases",
    "best",
    "calibrate",
    "choice_effects",
    "choice_means",
    "choice_share",
    "compare",
    "component_preferences",
    "contrast",
    "corrected",
    "crosstab",
    "differences",
    "disclosure",
    "efficiency",
    "equivalent",
    "extrapolated_reliability",
    "fragility",
    "grid",
    "importance",
    "interactions",
    "joint_means",
    "marginal_means",
    "minimum_detectable_change",
    "omnibus",
    "part_worths",
    "population_effects",
    "population_means",
    "post_stratify",
    "power_of_change",
    "presence_effects",
    "rake",
    "read_bundle",
    "read_survey",
    "read_wave",
    "reliability",
    "replicate",
    "reproduce",
    "rounded_percent",
    "rounding_note",
    "run_analysis",
    "shares",
    "shrink",
    "stack",
    "support",
    "tables",
    "target_overlap",
    "target_warnings",
    "toplines",
    "trade_off",
    "trim",
    "weighting_summary",
    "weighting_table",
]

COLUMNS = [
    "outcome",
    "estimand",
    "group",
    "attribute",
    "level",
    "baseline",
    "estimate",
    "std_error",
    "statistic",
    "p_value",
    "conf_low",
    "conf_high",
    "n_profiles",
    "n_respondents",
    "n_effective",
    "note",
]


def test_the_public_names_are_these():
    assert cj.__all__ == public.__all__ == PUBLIC
    named = [name for name in dir(cj) if not name.startswith("__")]
    assert named == sorted([*PUBLIC, "errors"])
    assert issubclass(cj.errors.SurveyError, cj.errors.ConjointError)


def test_what_is_not_public_is_not_there():
    with pytest.raises(AttributeError, match="module 'conjoint' has no attribute 'ammce'"):
        cj.ammce  # noqa: B018


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_described(name):
    assert getattr(cj, name).__doc__


@pytest.mark.parametrize(
    "estimate",
    [
        cj.amce,
        cj.marginal_means,
        lambda wave: cj.joint_means(wave, ("price", "size")),
        lambda wave: cj.interactions(wave, ("price", "size")),
        lambda wave: cj.interactions(wave, ("price", "size"), kind="amie"),
        lambda wave: cj.choice_means(wave),
        lambda wave: cj.choice_effects(wave),
        lambda wave: cj.choice_share(wave, {"price": "low"}, {"price": "high"}),
        lambda wave: cj.component_preferences(wave),
        lambda wave: cj.population_effects(wave, target={"size": {"S": 0.2, "L": 0.8}}),
        lambda wave: cj.population_means(wave, target={"size": {"S": 0.2, "L": 0.8}}),
        lambda wave: cj.part_worths(wave, model="conditional_logit"),
        lambda wave: cj.amce(wave, model="logit"),
        lambda wave: cj.amce(wave, absorb="respondent"),
        lambda wave: cj.amce(wave, variance="CR2"),
        lambda wave: cj.contrast(cj.marginal_means(wave), [{"level": "low"}, {"level": "high"}]),
        lambda wave: cj.differences(cj.marginal_means(wave, by="segments"), reference="left"),
        lambda wave: cj.amce(wave, by="party"),
        lambda wave: cj.support(wave, {"price": "low"}, by="party").figures,
        cj.importance,
        cj.toplines,
    ],
)
def test_every_estimator_gives_the_same_columns(small_wave, estimate):
    estimates = estimate(small_wave)
    assert list(estimates.frame) == COLUMNS
    rows = len(estimates.frame)
    assert estimates.covariance.shape == (rows, rows)
    assert estimates.influence.shape == (60, rows)
    assert not estimates.frame.duplicated(["outcome", "group", "attribute", "level"]).any()


def loaded(code, cwd):
    """What a new process has loaded after a line of code, and what it said on the way."""
    code += "; import json, sys; print(json.dumps(sorted({n.split('.')[0] for n in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=cwd
    )
    said, _, modules = done.stdout.rstrip().rpartition("\n")
    return set(json.loads(modules)), said + done.stderr


def test_importing_does_nothing_visible(tmp_path):
    modules, said = loaded("import conjoint; conjoint.amce", tmp_path)
    assert said == ""
    assert {"conjoint", "pandas"} <= modules
    assert not modules & {"plotnine", "matplotlib", "IPython", "quarto", "nbclient"}
    assert list(tmp_path.iterdir()) == []


def test_importing_alone_loads_next_to_nothing(tmp_path):
    modules, said = loaded("import conjoint", tmp_path)
    assert said == ""
    assert not modules & {"pandas", "numpy", "scipy", "pydantic", "typer"}


def test_a_function_keeps_its_name_whatever_folder_is_loaded_first(tmp_path):
    code = (
        "import conjoint.audit.run, conjoint.reproduce, conjoint.compare.run; "
        "from conjoint.toplines.tally import __name__; import conjoint as cj; "
        "print(*(type(f).__name__ for f in (cj.audit, cj.reproduce, cj.compare, cj.toplines)))"
    )
    assert loaded(code, tmp_path)[1] == "function function function function"
