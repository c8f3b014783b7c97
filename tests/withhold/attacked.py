"""A survey made to be attacked, and an attacker who has nothing but what was published, and knows who is who.

The attacker shares no code with the package. He knows the survey, who belongs to which group, everybody's age and sex,
and so which people have one weight; he does not know what anybody answered.
"""

import re
from html.parser import HTMLParser
from itertools import product

import numpy as np
import openpyxl
import pandas as pd
from scipy.optimize import LinearConstraint, linprog, milp

CELLS = [(sex, age) for sex in ("Female", "Male") for age in ("young", "middle", "old")]
SIZES = (62, 71, 66, 74, 58, 69)
CLUB = (6, 8, 9, 10, 11, 13)
"""People of each age and sex: in the sample, and in the club."""

TARGETS = (0.10, 0.19, 0.21, 0.21, 0.11, 0.18)
ANSWERS = ("Support", "Oppose", "Don't know")
LABELS = {
    "The single one": "single",
    "Nearly everybody": "nearly",
    "wide": "wide",
    "narrow": "narrow",
}
EVERYBODY = ("Total", "All")

TOML = """
title = "A small poll"
crossbreaks = ["region", "club"]

[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 2
profiles = ["A", "B"]
attribute = "t{task}_{profile}_{attribute}"

[attributes.price]
levels = ["low", "high"]

[attributes.colour]
levels = ["red", "green"]

[outcomes.support]
kind = "support"
column = "t{task}_{profile}_support"
positive = "yes"
negative = ["no"]

[questions.deal]
answers = ["Support", "Oppose", "Don't know"]
headline = "Support"

[questions.law]
answers = ["Support", "Oppose", "Don't know"]

[segments.single]
label = "The single one"
where = { founder = "yes" }

[segments.nearly]
label = "Nearly everybody"
where = { email = "yes" }

[segments.wide]
where = { reader = ["daily", "weekly"] }

[segments.narrow]
where = { reader = "daily" }

[weighting]
targets = "targets.csv"

[thresholds]
suppress_below = LIMIT
"""


def people():
    """Who is who: 400 people in six kinds of one weight each."""
    rng = np.random.default_rng(7)
    kind = np.repeat(np.arange(6), SIZES)
    n = len(kind)
    club = np.full(n, "No", dtype=object)
    for place, size in enumerate(CLUB):
        club[np.flatnonzero(kind == place)[:size]] = "Member"
    founder = np.where(np.arange(n) == n - 1, "yes", "no")
    region = rng.choice(["North", "South", "West"], n).astype(object)
    region[rng.choice(n, 4, replace=False)] = "Isle"
    email = np.full(n, "yes", dtype=object)
    email[rng.choice(n, 3, replace=False)] = "no"
    reader = np.full(n, "never", dtype=object)
    readers = rng.choice(n, 120, replace=False)
    reader[readers] = "daily"
    reader[readers[:2]] = "weekly"
    frame = pd.DataFrame({"id": [f"p{place:03d}" for place in range(n)], "kind": kind})
    frame["sex"], frame["age"] = zip(*(CELLS[place] for place in kind), strict=True)
    return frame.assign(club=club, founder=founder, region=region, email=email, reader=reader)


def write_survey(path, limit):
    """Write the survey's folder, and give back who is who with what they answered."""
    path.mkdir(parents=True, exist_ok=True)
    frame, rng = people(), np.random.default_rng(11)
    n = len(frame)
    for question, shares in (("deal", (0.45, 0.35, 0.2)), ("law", (0.3, 0.6, 0.1))):
        frame[question] = rng.choice(ANSWERS, n, p=shares)
    for task, profile in product("12", "AB"):
        frame[f"t{task}_{profile}_price"] = rng.choice(["low", "high"], n)
        frame[f"t{task}_{profile}_colour"] = rng.choice(["red", "green"], n)
        frame[f"t{task}_{profile}_support"] = rng.choice(["yes", "no"], n)
    frame.drop(columns="kind").to_csv(path / "responses.csv", index=False)
    (path / "survey.toml").write_text(TOML.replace("LIMIT", str(limit)), encoding="utf-8")
    rows = [f"sex * age,{a} * {b},{share}" for (a, b), share in zip(CELLS, TARGETS, strict=True)]
    text = "\n".join(["margin,category,share", *rows])
    (path / "targets.csv").write_text(text + "\n", encoding="utf-8")
    return frame


class Attacker:
    """Everything published, put together by question, group and answer."""

    def __init__(self, *paths):
        self.who = people()
        size = np.bincount(self.who["kind"], minlength=6)
        # Weights follow from the published targets and the sizes of the cells.
        self.weight_of = np.array(TARGETS) / size * size.sum()
        self.weights = self.weight_of[self.who["kind"]]
        self.known = {}
        read = {"keep_default_na": False, "na_values": [""]}
        self.tables = {
            path.stem: pd.read_csv(path, **read) for path in paths if path.suffix == ".csv"
        }
        for row in self.tables["tables"].to_dict("records"):
            self._learn(row["question"], row["column"], row["row"], row, row["value"])
        if "questions" not in self.tables:
            return
        for row in self.tables["questions"].to_dict("records"):
            self._learn(row["question"], row["group"], row["row"], row, row["estimate"])
        for row in self.tables["toplines"].to_dict("records"):
            self._learn(row["outcome"], row["group"], row["level"], row, row["estimate"])
        for row in self.tables["headline_checks"].to_dict("records"):
            found = self._learn(row["outcome"], row["group"], row["level"], row, row["estimate"])
            if row["unweighted"] == row["unweighted"]:
                found["count"] = round(row["unweighted"] * self.members(row["group"]).sum())

    def learn_printed(self, question, group, answer, text):
        """Take up a share as a page or a workbook has it; other texts tell nothing. True where it was one."""
        printed = re.match(r"(\d+)(\.\d+)?%", text)
        if printed is None:
            return False
        digits = len((printed[2] or ".").rstrip("0")) - 1
        share = float(printed[0][:-1]) / 100
        found = self.known.setdefault((question, group, answer), {})
        found.setdefault("share", []).append((share, 0.51 / 10 ** (digits + 2)))
        return True

    def _learn(self, question, group, answer, row, share):
        found = self.known.setdefault((question, group, answer), {})
        if share == share:
            found.setdefault("share", []).append((share, precision(share)))
        for name in ("count", "std_error"):
            if row.get(name) == row.get(name) and row.get(name) is not None:
                found[name] = row[name]
        return found

    def members(self, group):
        """Who is in a group: nobody keeps that from an attacker who knows his neighbours."""
        who = self.who
        column, _, value = group.partition(": ")
        if value:
            return (who[column] == value).to_numpy()
        return {
            "Total": np.ones(len(who), bool),
            "single": (who["founder"] == "yes").to_numpy(),
            "nearly": (who["email"] == "yes").to_numpy(),
            "wide": who["reader"].isin(["daily", "weekly"]).to_numpy(),
            "narrow": (who["reader"] == "daily").to_numpy(),
        }[group]

    def weighted_count(self, question, group, answer):
        """The ends of a group's weighted count; None where nothing tells it."""
        found = self.known.get((question, group, answer), {})
        if "share" not in found:
            return None
        base, ends = self.weights[self.members(group)].sum(), []
        for share, off in found["share"]:
            ends.append((share - off, share + off))
        return base * max(low for low, _ in ends), base * min(high for _, high in ends)

    def by_subtraction(self, question, answer, group, others):
        """How many of a few people gave an answer, from a group less others; None where it cannot be told."""
        rest = self.members(group).copy()
        for other in others:
            rest &= ~self.members(other)
        counts = [
            self.known.get((question, own, answer), {}).get("count") for own in (group, *others)
        ]
        if all(count is not None for count in counts):
            return int(counts[0] - sum(counts[1:]))
        ends = [self.weighted_count(question, own, answer) for own in (group, *others)]
        if any(end is None for end in ends):
            return None
        low = ends[0][0] - sum(high for _, high in ends[1:])
        high = ends[0][1] - sum(low for low, _ in ends[1:])
        n = np.bincount(self.who["kind"][rest], minlength=6)
        possible = solutions(self.weight_of, n, low, high)
        sums = np.unique(possible.sum(axis=1))
        return int(sums[0]) if len(sums) == 1 else None

    def by_search(self, question, group, answer):
        """For each kind of people in a group how many gave an answer; -1 where that cannot be told."""
        inside = self.members(group)
        n = np.bincount(self.who["kind"][inside], minlength=6)
        ends = self.weighted_count(question, group, answer)
        if ends is None:
            return np.full(6, -1)
        possible = solutions(self.weight_of, n, *ends)
        found = self.known[question, group, answer]
        if "count" in found:
            possible = possible[possible.sum(axis=1) == found["count"]]
        if "std_error" in found:
            error, off = found["std_error"], precision(found["std_error"])
            possible = possible[np.abs(self.errors(possible, n) - error) <= off]
        assert len(possible), "the attacker reckons wrongly"
        return np.where(possible.min(axis=0) == possible.max(axis=0), possible[0], -1)

    def by_programme(self, question, few):
        """By answer, the least and the most of a few people who can have given it, by all that is known at once.

        Unknown are the answers of everybody of one weight who stands in the same groups. Sums of all columns and
        answers are known to their rounding, and everybody gave one answer.
        """
        matrix, low, high, atoms = self._system(question, few)
        found = []
        for place in range(len(ANSWERS)):
            goal = np.zeros((len(ANSWERS), len(atoms)))
            goal[place] = atoms[:, 1]
            ends = [
                sign * linprog(
                    sign * goal.ravel(), A_ub=np.concatenate([matrix, -matrix]),
                    b_ub=np.concatenate([high + 1e-7, 1e-7 - low]), bounds=(0, None),
                ).fun
                for sign in (1, -1)
            ]  # fmt: skip
            found.append((int(np.ceil(ends[0] - 1e-4)), int(np.floor(ends[1] + 1e-4))))
        return found

    def _system(self, question, few):
        """All that is known of a question, as sums between two ends of how many of people alike gave each answer."""
        known = [key for key in self.known if key[0] == question and key[2] in ANSWERS]
        groups = list(dict.fromkeys(group for _, group, _ in known))
        alike = np.stack(
            [self.who["kind"], few, *(self.members(group) for group in groups)], axis=1
        )
        atoms, n = np.unique(alike.astype(int), axis=0, return_counts=True)
        weight, size = self.weight_of[atoms[:, 0]], len(atoms)
        rows, low, high = [np.tile(np.eye(size), len(ANSWERS))], [n], [n]
        for key in known:
            inside = np.zeros((len(ANSWERS), size))
            inside[ANSWERS.index(key[2])] = atoms[:, 2 + groups.index(key[1])]
            ends = self.weighted_count(*key)
            if ends is not None:
                rows.append((inside * weight).reshape(1, -1))
                low.append([ends[0]])
                high.append([ends[1]])
            if "count" in self.known[key]:
                rows.append(inside.reshape(1, -1))
                low.append([self.known[key]["count"]])
                high.append([self.known[key]["count"]])
        matrix, low, high = (np.concatenate(part) for part in (rows, low, high))
        return matrix, low, high, atoms

    def by_whole_numbers(self, question, few):
        """The same in whole numbers, where no fraction of a person answers."""
        matrix, low, high, atoms = self._system(question, few)
        known = LinearConstraint(matrix, low - 1e-7, high + 1e-7)
        found = []
        for place in range(len(ANSWERS)):
            goal = np.zeros((len(ANSWERS), len(atoms)))
            goal[place] = atoms[:, 1]
            ends = [
                milp(sign * goal.ravel(), constraints=known, integrality=np.ones(goal.size),
                     options={"time_limit": 5})
                for sign in (1, -1)
            ]  # fmt: skip
            found.append(
                tuple(sign * round(end.fun) for sign, end in zip((1, -1), ends, strict=True))
            )
        return found

    def by_covariance(self, shown, few):
        """The least and the most profiles that a few people can have supported, by models and their covariances.

        What each profile showed is known. Where coefficients are known, too, how far each set of answers would
        move a person is; so a covariance is a sum over people of known products, one for each set of answers.
        """
        tables = self.tables
        models = tables["explorer_models"].query("status in ['safe', 'caution']")
        groups = list(models["group"])
        kinds = np.stack([(shown[f"t{task}_{profile}_price"] == "high").to_numpy() * 2
                          + (shown[f"t{task}_{profile}_colour"] == "green").to_numpy()
                          for task, profile in product("12", "AB")], axis=1)  # fmt: skip
        of_kind = np.array([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]], dtype=float)
        saw = np.stack([(kinds == kind).sum(axis=1) for kind in range(4)], axis=1)
        inside = np.stack([self.members(group) for group in groups], axis=1)
        alike, n = np.unique(np.column_stack([saw, few, inside]), axis=0, return_counts=True)
        # One unknown: how many of people alike said yes so often to each kind of profile.
        options = [
            (place, yes)
            for place, row in enumerate(alike)
            for yes in product(*(range(count + 1) for count in row[:4]))
        ]
        who, yes = (np.array(part) for part in zip(*options, strict=True))
        rows, low, high = [np.equal.outer(np.arange(len(n)), who).astype(float)], [n], [n]
        for place, group in enumerate(groups):
            b, V, digits = self._model(group)
            member = alike[who, 5 + place]
            seen = np.einsum("ik,ka,kb->iab", alike[who, :4], of_kind, of_kind)
            X2 = np.einsum("ik,ka,kb->ab", saw[inside[:, place]].astype(float), of_kind, of_kind)
            sums, G = yes @ of_kind, inside[:, place].sum()
            rows.append((sums * member[:, None]).T)
            low.append(X2 @ b - X2.sum(axis=1) * 5.1e-7)
            high.append(X2 @ b + X2.sum(axis=1) * 5.1e-7)
            moved = (sums - seen @ b) @ np.linalg.inv(X2) * member[:, None] * np.sqrt(G / (G - 1))
            pairs = np.tril_indices(3)
            # In units of the last digit, half of which may have been rounded away.
            rows.append((moved[:, pairs[0]] * moved[:, pairs[1]] / digits[pairs]).T)
            low.append(V[pairs] / digits[pairs] - 0.55)
            high.append(V[pairs] / digits[pairs] + 0.55)
        matrix, low, high = (np.concatenate(part) for part in (rows, low, high))
        goal = alike[who, 4] * yes.sum(axis=1)
        ends = [
            linprog(sign * goal, A_ub=np.concatenate([matrix, -matrix]),
                    b_ub=np.concatenate([high, -low]) + 1e-9, bounds=(0, None))
            for sign in (1, -1)
        ]  # fmt: skip
        assert all(end.status == 0 for end in ends), "the attacker reckons wrongly"
        return int(np.ceil(ends[0].fun - 1e-3)), int(np.floor(-ends[1].fun + 1e-3))

    def _model(self, group):
        """A group's coefficients, their covariance, and what the last digit of each of these is worth."""
        own = {
            name: table[(table["group"] == group) & (table["measure"] == "support")]
            for name, table in self.tables.items()
            if name in ("explorer_coefficients", "explorer_covariance")
        }
        b = own["explorer_coefficients"].set_index("column")["estimate"].sort_index().to_numpy()
        V = np.zeros((len(b), len(b)))
        for row in own["explorer_covariance"].itertuples():
            V[row.column, row.other] = V[row.other, row.column] = row.covariance
        return b, V, 10.0 ** (np.floor(np.log10(np.abs(V))) - 3)

    def errors(self, possible, n):
        """The linearised standard error that each solution would have: weights were made to cells."""
        size = np.bincount(self.who["kind"], minlength=6)
        base = self.weight_of @ n
        share = possible @ self.weight_of / base
        yes, no = (1 - share)[:, None] * self.weight_of, -share[:, None] * self.weight_of
        sums = yes * possible + no * (n - possible)
        squares = yes**2 * possible + no**2 * (n - possible) - sums**2 / size
        G = n.sum()
        return np.sqrt(np.maximum(squares.sum(axis=1), 0)) / base * np.sqrt(G / (G - 1))


def group_of(heading, label):
    """The key of a column by the heading that it stands under, and its label with or without a letter."""
    label = re.sub(r" \([a-z]\)$", "", label)
    if label in EVERYBODY:
        return "Total"
    return LABELS.get(label) or f"{heading.lower()}: {label}"


def sheets_of(path):
    """Every sheet of a workbook as rows of cells, by its title."""
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
        for sheet in openpyxl.load_workbook(path)
    }


def tables_of(path):
    """Every table of a page as rows of texts; a cell that is wide, or high, stands in all its places."""
    parser = _Tables()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser.tables


class _Tables(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tables, self.inside, self.below = [], False, {}

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.tables.append([])
            self.below = {}
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
            self._take_from_above()
        elif tag in ("td", "th") and self.tables:
            spans = dict(attributes)
            self.wide, self.high = (int(spans.get(f"{name}span", 1)) for name in ("col", "row"))
            self.inside, self.text = True, ""

    def handle_data(self, data):
        if self.inside:
            self.text += data

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self.inside:
            self.inside, row = False, self.tables[-1][-1]
            for _ in range(self.wide):
                if self.high > 1:
                    self.below[len(row)] = [self.high - 1, " ".join(self.text.split())]
                row.append(" ".join(self.text.split()))
            self._take_from_above()

    def _take_from_above(self):
        row = self.tables[-1][-1]
        while len(row) in self.below and self.below[len(row)][0]:
            self.below[len(row)][0] -= 1
            row.append(self.below[len(row)][1])


def figures_under(rows, labels, is_figure):
    """The figures of a grid of cells in rows and columns that are headed by one of the labels."""
    found, columns = [], set()
    for row in rows:
        texts = ["" if cell is None else re.sub(r" \([a-z]\)$", "", str(cell)) for cell in row]
        headed = any(text in labels for text in texts[:1])
        if any(text in labels for text in texts[1:]):
            heading, columns = "", set()
            for place, text in enumerate(texts):
                heading = text or heading
                if place and heading in labels:
                    columns.add(place)
        found += [cell for place, cell in enumerate(row)
                  if (headed or place in columns) and is_figure(cell)]  # fmt: skip
    return found


def precision(value):
    """How far the true number may be from a published one: half of its last digit, a step more for care."""
    text = f"{value:.15f}".rstrip("0")
    digits = len(text.partition(".")[2])
    return 5.1e-3 if digits <= 2 or value == 0.004 else 1.1e-4 if digits <= 4 else 1e-9


def solutions(weights, n, low, high):
    """All whole numbers of people of each weight whose weights sum to something between two ends."""
    grid = np.stack(np.meshgrid(*(np.arange(size + 1) for size in n), indexing="ij"), axis=-1)
    grid = grid.reshape(-1, len(n))
    total = grid @ weights
    return grid[(total >= low - 1e-9) & (total <= high + 1e-9)]
