"""The explorer's sentences stand in phrases.en.toml: none in its scripts, none in its template."""

import json
import re
import shutil
import subprocess
from importlib.resources import files

import pytest

from conjoint.explorer.grid import observed_cells
from conjoint.explorer.page import SCRIPTS
from conjoint.report.lint import lint_claims
from conjoint.say.phrase import PART, phrase, phrases_under
from conjoint.wave import TOTAL

ASSETS = files("conjoint.explorer") / "assets"

LITERAL = re.compile(r"//[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`")
WORDS = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}|^[A-Z][a-z]+|[a-z]{2,}[.:,;] ")
"""Two words side by side, a word with a capital, or one before a stop."""

NOT_SAID = {
    "head to head": "a measure",
    "over status quo": "a measure",
    "base flag": "classes",
    "range words": "classes",
    "Tab": "a key",
}

PLACE = "<!-- say."


def literals(script):
    """The texts that stand in a script, with what they take in left out."""
    for found in LITERAL.findall(script):
        if not found.startswith("//"):
            yield re.sub(r"\$\{[^{}]*\}", "", found[1:-1])


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_sentence_is_left_in_a_script(name):
    script = (ASSETS / name).read_text("utf-8")
    said = [own for own in literals(script) if WORDS.search(own) and own not in NOT_SAID]
    assert [own for own in said if "system-ui" not in own] == []


def test_the_search_finds_sentences():
    script = (
        'say("Choose levels"); say(`${n} people saw ${name}.`); say("Group"); say("td") // no text'
    )
    assert [own for own in literals(script) if WORDS.search(own)] == [
        "Choose levels",
        " people saw .",
        "Group",
    ]


def test_no_sentence_is_left_in_the_template():
    template = (ASSETS / "explorer.html").read_text("utf-8")
    head, scripts = template.split("<script", 1)
    text = re.sub(r"<!--.*?-->", "", head)
    assert re.findall(r"\w+", re.sub(r"<[^>]*>", " ", text)) == []
    assert [own for own in re.findall(r'(?:aria-label|title|alt)="([^"]*)"', text) if own] == []
    assert template.count(PLACE) > 20
    assert PLACE not in scripts


def test_scripts_write_every_sentence_as_python_does():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on PATH")
    texts, asked, wanted = phrases_under("explorer"), [], []
    for key, text in texts.items():
        parts = {place: f"<{place} $& {{n}}>" for place in PART.findall(text) if place != "n"}
        bare, _, form = key.rpartition(".")
        n = {"one": 1, "other": 12345}.get(form)
        counted = n is not None and f"{bare}.one" in texts
        asked.append([bare, parts | {"n": n}] if counted else [key, parts])
        wanted.append(phrase(f"explorer.{asked[-1][0]}", n if counted else None, **parts))
    scripts = [(ASSETS / name).read_text("utf-8") for name in ("number.js", "phrase.js")]
    lines = f"""const data = {{phrases: {json.dumps(texts)}}}, faults = [];
for (const wrong of [["nowhere", {{}}], ["base", {{}}]]) {{ try {{ phrase(...wrong); }} catch (error) {{ faults.push(error.message); }} }}
process.stdout.write(JSON.stringify([{json.dumps(asked)}.map((own) => phrase(...own)), faults]));"""
    whole = "\n".join([*scripts, lines])
    done = subprocess.run([node, "-"], input=whole, capture_output=True, text=True, check=True)
    found, faults = json.loads(done.stdout)
    assert found == wanted
    assert faults == ["nowhere", "base: base"]


def test_no_sentence_is_idle_and_none_is_missing():
    """Keys as the template, the scripts and the package's modules write them, in full or up to a dot."""
    sources = [
        own for own in (*ASSETS.iterdir(), *ASSETS.joinpath("..").glob("*.py")) if own.is_file()
    ]
    text = "\n".join(own.read_text("utf-8") for own in sources)
    template = set(re.findall(r"<!-- say\.([\w.]+) -->", text))
    called = set(re.findall(r"\b(?:phrase|_said)\(\s*f?[\"'](?:explorer\.)?([\w.]+)[\"']", text))
    told = template | called | set(re.findall(r"\? \"([\w.]+)\" : \"[\w.]+\"", text))
    told |= set(re.findall(r"\? \"[\w.]+\" : \"([\w.]+)\"", text))
    starts = tuple(f"{own}." for own in re.findall(r"phrase\(`([\w.]+)\.\$\{", text))
    keys = {re.sub(r"\.(one|other)$", "", key) for key in phrases_under("explorer")}
    assert [key for key in keys if key not in told and not key.startswith(starts)] == []
    assert {key for key in template | called if key not in keys} == set()
    assert all(any(key.startswith(start) for key in keys) for start in starts)


def test_sentences_pass_the_check_of_drafts(routes):
    """No figure of a package is put as a share of people, and an observed one is found in the bundle."""
    survey, joint = routes.survey, routes.tables["joint_means"]
    cells = observed_cells(survey, joint, [TOTAL], list(survey.outcomes))["groups"][0]["cells"]
    parts = {
        "noun": survey.group_noun(TOTAL), "nouns": survey.group_noun(TOTAL), "package": "package A", "profile": "deal",
        "profiles": "deals", "figure": "61.7%", "ends": "58.1 to 65.2", "limit": "50", "size": "+2.5 points", "across": "Cap",
        "outcome": "Deal supported", "down": "Reduction", "wording": "Would you support this deal?", "confidence": "95",
    }  # fmt: skip
    said = [
        PART.sub(lambda place: str(parts.get(place[1], "x")), text)
        for key, text in phrases_under("explorer").items()
        if not key.startswith("observed.") and text.endswith(".")
    ]
    found = lint_claims("\n\n".join(said), routes)
    assert found.query("status == 'wording'")["sentence"].to_list() == []
    for cell in cells[:3]:
        own = {"pair": cell["pair"], "figure": cell["fine"], "ends": cell["ends"], "base": cell["base"]}  # fmt: skip
        checked = lint_claims(phrase("explorer.observed.support", **parts | own), routes)
        assert {*checked["status"]} <= {"found", "do not quote", "level"}, checked
        assert cell["fine"] in checked["said"].to_list()
    wrong = lint_claims(f"{cells[0]['figure']} of British adults support deals with {cells[0]['pair']}.", routes)  # fmt: skip
    assert "wording" in set(wrong["status"])
