"""A survey that asks much of a report: many segments and attributes, long labels in many scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

GREEK = (
    "Ανώτατο όριο αφίξεων από ασφαλείς και νόμιμες διαδρομές ανά έτος, όπως το ορίζει η συμφωνία"
)
ARABIC = "الحد الأقصى لعدد الوافدين عبر الطرق الآمنة والقانونية كل عام كما تنص عليه الاتفاقية الجديدة بين"
EMOJI = "🚤🇬🇧 Fewer crossings 👩‍👩‍👧 with families first, and work from day one for those who are able to 💷☂️"
HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd()",
    "{{< include /etc/passwd >}}",
    "```{python} import os ```",
    "$x^2$ \\\\alpha [a](javascript:alert(1)) | a | b | :::",
)
LABELS = (GREEK, ARABIC, EMOJI)


def write_stress(
    folder: Path, segments: int = 12, attributes: int = 9, people: int = 1500, seed: int = 3
) -> Path:
    """Write a survey folder of so many segments and attributes."""
    rng = np.random.default_rng(seed)
    names = [f"a{number}" for number in range(attributes)]
    parts = [f"p{number}" for number in range(segments)]
    levels = {
        name: [f"{name} v{at}" for at in range(3 + place % 2)] for place, name in enumerate(names)
    }
    labels = {
        value: _label(place, at)
        for place, name in enumerate(names)
        for at, value in enumerate(levels[name])
    }
    (folder / "survey.toml").write_text(_toml(levels, labels, parts), "utf-8")
    frame = pd.DataFrame({"id": [f"r{n}" for n in range(people)]})
    frame["party"] = rng.choice(parts, people)
    frame["deal"] = rng.choice(["For", "Against", "=cmd()"], people, p=[0.5, 0.3, 0.2])
    for task in "12":
        liking = {}
        for who in "AB":
            liking[who] = rng.gumbel(size=people)
            for name in names:
                drawn = rng.choice(levels[name], people)
                frame[f"t{task}_{who}_{name}"] = drawn
                liking[who] += 0.3 * (drawn == levels[name][0]) * (1 + (frame["party"] == "p1"))
        frame[f"t{task}_choice"] = np.where(liking["A"] > liking["B"], "A", "B")
    frame.to_csv(folder / "responses.csv", index=False)
    return folder


def _label(place: int, at: int) -> str:
    """A long label of its own, a hostile one here and there."""
    if at == 2:
        return f"{place} {HOSTILE[place % len(HOSTILE)]}"
    return f"{place}.{at} {LABELS[(place + at) % len(LABELS)]}"[:90]


def _toml(levels: dict[str, list[str]], labels: dict[str, str], parts: list[str]) -> str:
    lines = [
        f"title = '{HOSTILE[0]} {GREEK}'",
        f"client = '{HOSTILE[2]}'",
        f"source = '{HOSTILE[4]}'",
        "[data]",
        'file = "responses.csv"',
        'layout = "wide"',
        'respondent = "id"',
        "tasks = 2",
        'profiles = ["A", "B"]',
        'attribute = "t{task}_{profile}_{attribute}"',
        "[outcomes.choice]",
        'kind = "choice"',
        'column = "t{task}_choice"',
        'chosen = { A = "A", B = "B" }',
        "[questions.party]",
        f"answers = {parts}",
        "topline = false",
        "[questions.deal]",
        f"text = '{HOSTILE[3]}'",
        'answers = ["For", "Against", "=cmd()"]',
        'headline = "For"',
        f"claim = 'are for {HOSTILE[2]}'",
        "[report]",
        'grid = ["a0", "a1"]',
        "author = '<b>=cmd()</b>'",
        "embargo = '{{< meta x >}} until \"6 am\"; } body { display: none'",
    ]
    for place, (name, own) in enumerate(levels.items()):
        shown = ", ".join(f"{{ value = '{value}', label = '{labels[value]}' }}" for value in own)
        text = HOSTILE[place % len(HOSTILE)]
        label = f"{place} {LABELS[place % len(LABELS)][:60]}"
        lines += [f"[attributes.{name}]", f"label = '{label}'", f"text = '{text}'", f"levels = [{shown}]"]  # fmt: skip
    for place, part in enumerate(parts):
        label = HOSTILE[place] if place < len(HOSTILE) else LABELS[place % len(LABELS)][:40] + part
        lines += [f"[segments.{part}]", f"label = '{label}'", f"where = {{ party = '{part}' }}"]
    return "\n".join(lines) + "\n"
