"""Running a report's source without Quarto: its cells once for all formats.

Cells that only show parts of a report run in this process; a source that does anything else runs in a
kernel, by nbclient.

What it honours of Quarto's cells: YAML front matter, ``{python}`` cells with ``#|`` options (`label`,
`tags` with ``parameters``, `output: asis`, `include: false`; code is never shown). What it honours of
Quarto's Markdown is in `reports/_extensions/conjoint/quarto.lua`.
"""

from __future__ import annotations

import ast
import base64
import os
import re
import warnings
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from conjoint.errors import Fault, ReportError
from conjoint.plot.chart import Drawing
from conjoint.report.show import markdown, taken, views

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conjoint.report.show import Part

__all__ = ["execute", "read_source"]

SECONDS_A_CELL = 600
OPTION = re.compile(r"^#\|\s*([\w-]+):\s*(.+?)\s*$", re.MULTILINE)
FENCE = "`" * 8
INJECTED = "injected parameters"
"""The name of the cell that sets the parameters."""


def execute(source: Path, bundle: Path, progress: Callable[[str], None]) -> str:
    """Run a source's cells in its folder, and give its prose and outputs as Markdown.

    Raises
    ------
    ReportError
        A cell fails: the fault names it by its label, with the error's own words.
    """
    notebook = read_source(source)
    _set_parameters(notebook, {"bundle": str(bundle)})
    if all(map(_only_shows, filter(_is_code, notebook.cells))):
        copy_context().run(_run_here, notebook, source, progress)
    else:
        _run(notebook, source, progress)
    return _assemble(notebook, source.parent)


def _only_shows(cell: Any) -> bool:
    """Whether a cell does no more than show parts of this package's reports, so that it needs no kernel."""
    try:
        steps = ast.parse(cell.source).body
    except SyntaxError:
        return False
    return all(
        isinstance(step, ast.Assign)
        or (isinstance(step, ast.ImportFrom) and str(step.module).split(".")[0] == "conjoint")
        or (
            isinstance(step, ast.Expr)
            and isinstance(step.value, ast.Call)
            and getattr(step.value.func, "id", "") == "show"
        )
        for step in steps
    )


def _run_here(notebook: Any, source: Path, progress: Callable[[str], None]) -> None:
    """Run cells that only show parts of a report in this process, while others draw their charts."""
    names: dict[str, Any] = {}
    shown: list[tuple[Any, list[Part]]] = []
    with Drawing() as drawing:
        for cell in filter(_is_code, notebook.cells):
            name = cell.metadata["name"]
            if name != INJECTED:
                progress(f"Report: {name}")
            with taken() as parts:
                try:
                    exec(compile(cell.source, f"{source.name}, cell {name}", "exec"), names)  # noqa: S102
                except Exception as error:
                    raise _failed(source, name, f"{type(error).__name__}: {error}") from error
            shown.append((cell, parts))
            drawing.begin(views(parts))
        progress("Drawing the charts")
        drawing.finish()
    for cell, parts in shown:
        try:
            text = markdown(parts, source.parent)
        except Exception as error:
            name = cell.metadata["name"]
            raise _failed(source, name, f"{type(error).__name__}: {error}") from error
        cell.outputs = [{"output_type": "display_data", "data": {"text/markdown": text}}]


def read_source(source: Path) -> Any:
    """Read a .qmd as a notebook, each code cell's ``#|`` options in its metadata."""
    import jupytext  # only reports need it

    # As "qmd" jupytext would call Quarto; R Markdown has the same cells and fences.
    notebook = jupytext.reads(source.read_text("utf-8"), fmt="Rmd")
    for number, cell in enumerate(notebook.cells):
        cell.metadata["options"] = dict(OPTION.findall(cell.source)) if _is_code(cell) else {}
        cell.metadata["name"] = cell.metadata["options"].get("label", f"cell {number + 1}")
    return notebook


def _is_code(cell: Any) -> bool:
    return bool(cell.cell_type == "code")


def _set_parameters(notebook: Any, values: dict[str, str]) -> None:
    """Set the parameters after the cell that is tagged with them, as papermill does."""
    import nbformat

    for place, cell in enumerate(notebook.cells):
        if "parameters" in cell.metadata["options"].get("tags", ""):
            lines = "\n".join(f"{name} = {value!r}" for name, value in values.items())
            injected = nbformat.v4.new_code_cell(lines)
            injected.metadata.update({"options": {}, "name": INJECTED})
            notebook.cells.insert(place + 1, injected)
            return


def _run(notebook: Any, source: Path, progress: Callable[[str], None]) -> None:
    """Run the cells in a kernel of this Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries, about event loops and their own future
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        def name_step(cell: Any, **_: Any) -> None:
            if _is_code(cell) and cell.metadata["name"] != INJECTED:
                progress(f"Report: {cell.metadata['name']}")

        client = NotebookClient(
            notebook,
            timeout=SECONDS_A_CELL,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(source.parent)}},
            on_cell_start=name_step,
        )
        try:
            client.execute(env=os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"})
        except (CellTimeoutError, DeadKernelError) as error:
            what = (
                f"a cell took more than {SECONDS_A_CELL} seconds"
                if isinstance(error, CellTimeoutError)
                else "the process that runs its cells ended, perhaps for want of memory"
            )
            do = "Nothing was written. Close other programs, or use a machine with more memory."
            raise ReportError(Fault(source.name, what, do=do)) from error
        except CellExecutionError as error:
            failed = next(
                (cell for cell in notebook.cells if _is_code(cell) and _error_of(cell)), None
            )
            name = failed.metadata["name"] if failed else "a cell"
            reason = _error_of(failed) if failed else str(error)
            raise _failed(source, name, reason) from error


def _failed(source: Path, name: str, reason: str) -> ReportError:
    where = f"{source.name}, cell {name}"
    return ReportError(Fault(where, f"failed with {reason}", do="Nothing was written."))


def _error_of(cell: Any) -> str:
    return next(
        (
            f"{output.ename}: {output.evalue}"
            for output in cell.get("outputs", ())
            if output.output_type == "error"
        ),
        "",
    )


def _assemble(notebook: Any, folder: Path) -> str:
    """The executed notebook as Markdown: prose as it stands, outputs in place of code."""
    parts: list[str] = []
    for cell in notebook.cells:
        if not _is_code(cell):
            parts.append(cell.source)
        elif cell.metadata["options"].get("include") != "false":
            parts += (
                _output(output, folder, f"{cell.metadata['name']}-{number}")
                for number, output in enumerate(cell.get("outputs", ()))
            )
    return "\n\n".join(part for part in parts if part)


def _output(output: Any, folder: Path, name: str) -> str:
    """One output as Markdown, the richest form that HTML can show."""
    data = output.get("data", {})
    if "text/markdown" in data:
        return str(data["text/markdown"])
    if "text/html" in data:
        return f"{FENCE}{{=html}}\n{data['text/html']}\n{FENCE}"
    if "image/png" in data:
        file = folder / f"{name}.png"
        file.write_bytes(base64.b64decode(data["image/png"]))
        return f"![{data.get('text/plain', '')}]({file.name})"
    return ""
