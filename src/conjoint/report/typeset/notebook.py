"""Running a report's source without Quarto: its cells by nbclient, one executed notebook for all formats.

What it honours of Quarto's cells: YAML front matter, ``{python}`` cells with ``#|`` options (`label`,
`tags` with ``parameters``, `output: asis`, `include: false`; code is never shown). What it honours of
Quarto's Markdown is in :mod:`conjoint.report.typeset.dialect`.
"""

from __future__ import annotations

import base64
import os
import re
import warnings
from typing import TYPE_CHECKING, Any

from conjoint.errors import Fault, ReportError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["execute", "read_source"]

SECONDS_A_CELL = 600
OPTION = re.compile(r"^#\|\s*([\w-]+):\s*(.+?)\s*$", re.MULTILINE)
FENCE = "`" * 8


def execute(source: Path, bundle: Path, progress: Callable[[str], None]) -> str:
    """Run a source's cells in its folder, and give its prose and outputs as Markdown.

    Raises
    ------
    ReportError
        A cell fails: the fault names it by its label, with the error's own words.
    """
    notebook = read_source(source)
    _set_parameters(notebook, {"bundle": str(bundle)})
    _run(notebook, source, progress)
    return _assemble(notebook, source.parent)


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
            injected.metadata.update({"options": {}, "name": "injected parameters"})
            notebook.cells.insert(place + 1, injected)
            return


def _run(notebook: Any, source: Path, progress: Callable[[str], None]) -> None:
    """Run the cells in a kernel of this Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries, about event loops and their own future
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        def name_step(cell: Any, **_: Any) -> None:
            if _is_code(cell) and cell.metadata["name"] != "injected parameters":
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
            raise ReportError(
                Fault(
                    f"{source.name}, cell {name}",
                    f"failed with {reason}",
                    do="Nothing was written.",
                )
            ) from error


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
