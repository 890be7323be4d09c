"""HTML for notebooks."""

from __future__ import annotations

from html import escape
from typing import Any, Dict


def facts(title: str, values: Dict[str, Any]) -> str:
    """Return a table of names and values."""
    rows = "".join(f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(str(value))}</td></tr>"
                   for name, value in values.items())
    return f"<table><caption style='text-align:left'><b>{escape(title)}</b></caption>{rows}</table>"
