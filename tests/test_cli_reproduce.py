"""``conjoint reproduce`` as a person meets it: what it says first, where it writes, how it ends."""

import shutil

import pandas as pd
import pytest

import conftest
from conftest import ROUTES


def run(*arguments):
    return conftest.run("reproduce", *arguments)


@pytest.fixture
def copy(tmp_path):
    """The survey that ships, to be altered."""
    return shutil.copytree(ROUTES, tmp_path / "routes")


def alter(folder, old, new):
    path = folder / "published.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_survey_that_ships_holds(tmp_path):
    done = run(ROUTES, "--to", tmp_path / "r.csv")
    assert done.returncode == 0
    assert "Reproduced: deal (6), work (4)" in done.stdout
    assert done.stdout.rstrip().endswith("All 10 published figures are reproduced.")
    assert "sum to 101% as published because each is rounded" in " ".join(done.stdout.split())
    assert "Synthetic wave: no person gave these answers." in done.stderr
    assert len(pd.read_csv(tmp_path / "r.csv")) == 10
    assert max(map(len, done.stdout.splitlines())) < 80


def test_every_figure_can_be_shown():
    done = run(ROUTES, "--all")
    assert done.stdout.count("same ") == 10
    assert "work, right_switchers: Support (p. 16)" in " ".join(done.stdout.split())


def test_one_altered_figure_is_named_first_with_exit_1(copy):
    alter(copy, "deal,labour_voters,Support,62", "deal,labour_voters,Support,72")
    done = run(copy)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    first = next(line for line in lines if "labour_voters" in line)
    assert first.startswith("DIFFERS  deal, labour_voters: Support")
    assert "+10.0 (5.0 SE)" in first
    assert "1 differs" in lines[-1] + lines[-2]
    assert "Reproduced: deal (5), work (4)" in done.stdout


def test_a_shuffled_segment_is_named_with_exit_1(copy):
    """Votes in 2024 of other people: Labour voters are no longer those who support the deal."""
    path = copy / "responses.csv"
    answers = pd.read_csv(path, dtype=str, keep_default_na=False)
    answers["vote_2024"] = answers["vote_2024"].sample(frac=1, random_state=5).to_numpy()
    answers.to_csv(path, index=False)
    done = run(copy)
    assert done.returncode == 1
    assert "DIFFERS  deal, labour_voters: Support" in done.stdout
    assert "DIFFERS  deal, Total" not in done.stdout


def test_within_sampling_error_is_said_and_exits_1_unless_lenient(copy):
    alter(copy, "deal,Total,Support,48", "deal,Total,Support,49")
    done = run(copy)
    assert done.returncode == 1
    assert "WITHIN" in done.stdout
    assert run(copy, "--lenient").returncode == 0


def test_what_cannot_be_computed_is_said(copy):
    alter(copy, "work,Total,Support,71,0,p. 16", "bus,Total,Support,71,0,p. 16")
    done = run(copy)
    assert done.returncode == 0
    assert 'there is no question "bus"' in done.stdout
    assert "1 cannot be computed" in " ".join(done.stdout.split())
    assert run(copy, "--strict").returncode == 1


def test_faults_of_the_file_are_told_at_once_with_exit_2(copy):
    alter(copy, "deal,Total,Support,48,0", "deal,Total,Support,much,0")
    alter(copy, "work,Total,Support,71,0", "work,Total,,71,x")
    done = run(copy)
    assert done.returncode == 2
    assert "published.csv, row 2" in done.stderr
    assert done.stderr.count("published.csv, row 8") == 2
    assert "3 faults. Nothing was written." in done.stderr


def test_a_survey_without_published_figures_is_refused(copy):
    (copy / "published.csv").unlink()
    done = run(copy)
    assert done.returncode == 2
    assert "published.csv: holds no published figures" in done.stderr


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of a survey with an altered figure, by the embedded renderer."""
    pytest.importorskip("pypandoc", reason="needs the report extra")
    from conjoint.analysis import reproduction_analysis
    from conjoint.read import read_wave
    from conjoint.report import render_report
    from conjoint.reproduce import reproduce

    folder = shutil.copytree(ROUTES, tmp_path_factory.mktemp("page") / "routes")
    alter(folder, "deal,labour_voters,Support,62", "deal,labour_voters,Support,72")
    header = (folder / "published.csv").read_text("utf-8").splitlines()[0]
    alter(folder, header, f"{header},estimand,outcome,attribute,level")
    with (folder / "published.csv").open("a", encoding="utf-8") as file:
        file.write(",Total,,9.1,1,<b>t</b> 1,amce,choice,cap,5000\n")
    wave = read_wave(folder)
    analysis = reproduction_analysis(wave, reproduce(wave), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conjoint.report.render.find_quarto", lambda: None)
        rendered = render_report(analysis, folder / "out", report="reproduction_report")
    return rendered.path


def test_the_page_says_what_differs_and_escapes_what_people_wrote(page):
    text = page.read_text("utf-8")
    body = " ".join(text.split())
    assert "Nothing in this report may be quoted as a finding." in body
    assert "What differs" in body
    assert "Published: 72%. Made again: 62.0%" in body
    assert "Cap on managed arrivals, 5,000 a year against 40,000 a year" in body
    assert "<b>t</b>" not in text
    assert "&lt;b&gt;t&lt;/b&gt; 1" in text
    assert "conjoint reproduce" in body
    assert (page.parent / "reproduction_data" / "reproduction.csv").exists()


def withholding(limit):
    """The shipped wave with another limit under which nothing is shown, and its figures made again."""
    import conjoint as cj
    from conjoint.reproduce import reproduce

    wave = cj.read_wave(ROUTES)
    limits = wave.survey.thresholds.model_copy(update={"suppress_below": limit})
    # Fewer columns: what has to be withheld is found sooner.
    survey = wave.survey.model_copy(update={"thresholds": limits, "crossbreaks": ()})
    wave = cj.Wave.build(survey, wave.respondents, wave.profiles)
    return wave, reproduce(wave)


SHOWN = ["computed", "rounded", "std_error", "difference", "in_errors"]


def test_figures_of_small_bases_are_not_in_the_pages_bundle():
    from conjoint.analysis import reproduction_analysis

    wave, made = withholding(200)
    table = reproduction_analysis(wave, made, ROUTES).tables["reproduction"]
    small = table["n_respondents"] < 200
    assert small.any()
    assert not small.all()
    assert table.loc[small, SHOWN].isna().all(axis=None)
    assert table.loc[~small, "computed"].notna().all()
    assert (table["verdict"] == "reproduced").all()
    assert set(table.loc[small, "reading"]) == {"suppressed"}
    assert made.frame["computed"].notna().all()


def test_small_bases_are_shown_neither_in_the_terminal_nor_in_the_csv(copy, tmp_path):
    """97 right switchers under a limit of 120: the same figures go from all that is written."""
    alter(copy, "deal,right_switchers,Support,67", "deal,right_switchers,Support,87")
    plain = run(copy)
    assert "67.0" in plain.stdout
    survey = copy / "survey.toml"
    text = survey.read_text("utf-8")
    assert "[thresholds]" not in text
    limits = "[thresholds]\nsuppress_below = 120\ncaution_below = 200\n\n"
    at = text.index("\n[") + 1
    survey.write_text(text[:at] + limits + text[at:], "utf-8")
    done = run(copy, "--all", "--to", tmp_path / "r.csv")
    assert done.returncode == 1  # the verdict stays
    lines = done.stdout.splitlines()
    differs = next(line for line in lines if line.startswith("DIFFERS"))
    assert differs.split()[-2:] == ["87", "*"]
    assert "67.0" not in done.stdout
    assert "* Base under 120, or one that would give such a base away: not shown." in done.stdout
    table = pd.read_csv(tmp_path / "r.csv")
    small = table["group"] == "right_switchers"
    assert table.loc[small, SHOWN].isna().all(axis=None)
    assert (table["reading"] == "suppressed").tolist() == small.tolist()
    assert table.loc[table["group"] == "progressive_switchers", "reading"].eq("caution").all()


def test_what_would_give_a_small_base_away_is_withheld_too():
    """Of two sexes, one of them too small, neither is shown; nor is a difference of them."""
    import conjoint as cj
    from conjoint.reproduce import reproduce, withhold
    from conjoint.survey import PublishedFigure

    wave = cj.read_wave(ROUTES)
    n = int((wave.respondents["sex"] == "Male").sum())
    assert n < wave.n_respondents - n
    limits = wave.survey.thresholds.model_copy(update={"suppress_below": n + 1})
    survey = wave.survey.model_copy(update={"thresholds": limits})
    wave = cj.Wave.build(survey, wave.respondents, wave.profiles)

    def conjoint(group, estimand="marginal_mean"):
        return PublishedFigure("", group, "", 0.5, 1, "p", estimand, "choice", "cap", "5000")

    figures = [
        PublishedFigure("deal", "sex: Female", "Support", 48, 0, "p"),
        PublishedFigure("deal", "sex: Male", "Support", 48, 0, "p"),
        PublishedFigure("deal", "Total", "Support", 48, 0, "p"),
        conjoint("sex: Female"), conjoint("Total"), conjoint("sex: Female − sex: Male", "difference"),
    ]  # fmt: skip
    made = reproduce(wave, figures)
    assert not any(figure.missing for figure in made.figures)
    shown = withhold(made, wave)
    readings = [figure.reading for figure in shown.figures]
    assert readings == ["suppressed", "suppressed", "safe", "suppressed", "safe", "suppressed"]
    assert [figure.computed == figure.computed for figure in shown.figures] == [
        reading == "safe" for reading in readings
    ]
    assert [figure.verdict for figure in shown.figures] == [
        figure.verdict for figure in made.figures
    ]
