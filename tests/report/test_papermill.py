"""The sources' cells as papermill runs them for `quarto render -P`: a parameters cell of its own after ours."""

import shutil

import nbformat
import pytest

import conjoint as cj
from conftest import ROUTES
from conjoint.analysis import audit_analysis, comparison_analysis, reproduction_analysis
from conjoint.report.render import known_reports, report_sources
from conjoint.report.typeset.notebook import read_source

papermill = pytest.importorskip("papermill", reason="needs the report extra")

AUTUMN = ROUTES.with_name("routes_for_returns_2026_autumn")


def bundle_of(report):
    """What a report is made from."""
    if report == "compare_report":
        waves = [cj.read_wave(ROUTES), cj.read_wave(AUTUMN)]
        return comparison_analysis(waves, cj.compare(*waves), [ROUTES, AUTUMN])
    if report in ("audit_report", "reproduction_report"):
        wave = cj.read_wave(ROUTES)
        if report == "audit_report":
            return audit_analysis(wave, cj.audit(wave), ROUTES)
        return reproduction_analysis(wave, cj.reproduce(wave), ROUTES)
    return cj.run_analysis(ROUTES)


QUICK = ["reproduction_report"]
SLOW = [name for name in known_reports() if name not in QUICK]


@pytest.mark.filterwarnings("ignore")  # of the libraries that run kernels
@pytest.mark.parametrize(
    "report", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
)
def test_every_cell_runs_and_shows_its_words_alone(report, tmp_path):
    shutil.copytree(report_sources(), tmp_path / "reports")
    notebook = read_source(tmp_path / "reports" / f"{report}.qmd")
    for cell in notebook.cells:
        tags = cell.metadata.pop("options").get("tags", "").strip("[]")
        cell.metadata.pop("name")
        cell.metadata["tags"] = [tag.strip() for tag in tags.split(",") if tag.strip()]
    language = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = language
    nbformat.write(notebook, tmp_path / "source.ipynb")
    bundle = bundle_of(report).write(tmp_path / "bundle")
    done = papermill.execute_notebook(
        str(tmp_path / "source.ipynb"), str(tmp_path / "done.ipynb"),
        parameters={"bundle": str(bundle)}, cwd=str(tmp_path / "reports"), progress_bar=False,
    )  # fmt: skip
    cells = [cell for cell in done.cells if cell.cell_type == "code"]
    tags = [cell.metadata.get("tags", []) for cell in cells]
    assert tags[:2] == [["parameters"], ["injected-parameters"]]
    assert all(cell.execution_count for cell in cells)
    outputs = [output for cell in cells for output in cell.outputs]
    assert {output.output_type for output in outputs} == {"display_data"}
    assert all("text/markdown" in output.data for output in outputs)
