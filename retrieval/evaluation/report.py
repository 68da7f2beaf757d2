"""What ``evaluate`` found, as JSON and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from retrieval.evaluation.metrics import Estimate

Row = dict[str, "Estimate | float"]
"""Figures by column; a plain float is exact (such as chance), an ``Estimate`` carries its interval."""


@dataclass(frozen=True)
class Section:
    """One table.

    Attributes:
        title: its heading.
        columns: in the order they are shown.
        rows: figures by row name; a column that a row lacks stays empty.
        note: how to read it, one sentence or two.
    """

    title: str
    columns: tuple[str, ...]
    rows: dict[str, Row]
    note: str = ""

    def record(self) -> dict[str, dict[str, Any]]:
        """JSON values by row and column."""
        return {name: {column: _value(value) for column, value in row.items()} for name, row in self.rows.items()}

    def table(self) -> str:
        """Heading, note and a Markdown table with 95 % intervals."""
        lines = [f"### {self.title}", ""]
        if self.note:
            lines += [self.note, ""]
        lines += ["| query | " + " | ".join(self.columns) + " |", "|---" * (len(self.columns) + 1) + "|"]
        for name, row in self.rows.items():
            lines.append(f"| {name} | " + " | ".join(_cell(column, row.get(column)) for column in self.columns) + " |")
        return "\n".join(lines)


@dataclass(frozen=True)
class Report:
    """All figures of one encoder: how often the very item is found (``items``), and further sections by a short key.

    ``gallery`` items were searched, ``queries`` of them looked for; ``left_out`` says why further ones were not.
    """

    encoder: str
    gallery: int
    queries: int
    items: Section
    sections: dict[str, Section] = field(default_factory=dict)
    sheets: list[str] = field(default_factory=list)
    left_out: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "encoder": self.encoder,
            "gallery": self.gallery,
            "queries": self.queries,
            "left_out": list(self.left_out),
            "figures": self.items.record(),
            "sections": {key: section.record() for key, section in self.sections.items()},
            "sheets": self.sheets,
        }

    def table(self) -> str:
        """Every table in Markdown."""
        heading = (
            f"{self.queries} {'query' if self.queries == 1 else 'queries'}, "
            f"gallery of {self.gallery}, encoder {self.encoder}; "
            "in brackets 95 % bootstrap intervals"
        )
        if self.left_out:
            heading += f"; {len(self.left_out):,} left out, as they cannot be read"
        return "\n\n".join([heading, self.items.table(), *(section.table() for section in self.sections.values())])


def _value(value: Estimate | float) -> Any:
    return value.record() if isinstance(value, Estimate) else round(value, 4)


def _cell(column: str, value: Estimate | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Estimate):
        if "rank" in column:
            return f"{value.mean:.4g} ({value.low:.4g} to {value.high:.4g})"
        return f"{value.mean:.3f} ({value.low:.3f} to {value.high:.3f})"
    return f"{value:.4g}"
