"""How the doctor's findings are printed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from air_sketch.values.findings import Finding, Health

_MARKS = {Health.OK: "ok", Health.WARN: "warn", Health.FAIL: "FAIL"}
_COLORS = {Health.OK: "32", Health.WARN: "33", Health.FAIL: "31"}


def can_run(findings: Sequence[Finding]) -> bool:
    """Whether nothing has failed."""
    return all(finding.health is not Health.FAIL for finding in findings)


def findings_to_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the findings as plain JSON values."""
    rows = [{**asdict(finding), "health": finding.health.value} for finding in findings]
    return {"can_run": can_run(findings), "findings": rows}


def findings_text(findings: Sequence[Finding], *, colored: bool = False) -> str:
    """Set the findings in columns: mark, name, what was found, and under it how to mend it."""
    width = max((len(finding.name) for finding in findings), default=0)
    lines = []
    for finding in findings:
        mark = f"{_MARKS[finding.health]:4}"
        if colored:
            mark = f"\x1b[{_COLORS[finding.health]}m{mark}\x1b[0m"
        lines.append(f"  {mark}  {finding.name:{width}}  {finding.detail}")
        if finding.advice:
            lines.append(f"        {'':{width}}  -> {finding.advice}")
    return "\n".join([*lines, "", _verdict(findings)])


def wants_color(is_terminal: bool) -> bool:
    """Colour for people only, and not where they have said no (https://no-color.org)."""
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _verdict(findings: Sequence[Finding]) -> str:
    failed = sum(finding.health is Health.FAIL for finding in findings)
    warned = sum(finding.health is Health.WARN for finding in findings)
    if failed:
        return f"{failed} of {len(findings)} checks failed: the program cannot run as it is."
    return "Everything is well." if not warned else f"The program can run; {warned} of {len(findings)} checks warn."
