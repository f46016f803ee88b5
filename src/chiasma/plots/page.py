"""Pieces of a self-contained HTML page: no script, no font, nothing from outside."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

CSS = """
:root { --ink:#222; --soft:#6b6b6b; --line:#e2e2e2; --good:#007a5e; --bad:#b3400a; --accent:#0072b2 }
* { box-sizing:border-box }
body { font:15px/1.55 Helvetica,Arial,'Liberation Sans',sans-serif; color:var(--ink); background:#fff; margin:0 }
main { max-width:1080px; margin:0 auto; padding:36px 28px 80px }
h1 { font-size:27px; line-height:1.25; margin:0 0 4px }
h2 { font-size:19px; margin:44px 0 10px; padding-top:14px; border-top:1px solid var(--line) }
h3 { font-size:15px; margin:22px 0 6px }
p, li { max-width:78ch } p.soft, .soft { color:var(--soft) } p.soft { font-size:13.5px; margin:4px 0 10px }
nav { font-size:13.5px; margin:14px 0 0 } nav a { color:var(--accent); text-decoration:none; margin-right:16px; white-space:nowrap }
ul.verdict { list-style:none; padding:0; margin:12px 0 } ul.verdict li { padding:9px 0 9px 16px; border-left:4px solid var(--line); margin-bottom:8px }
ul.verdict li.good { border-color:var(--good) } ul.verdict li.bad { border-color:var(--bad) }
.scroll { overflow-x:auto } table { border-collapse:collapse; font-size:13px; margin:8px 0 14px }
th, td { text-align:right; padding:5px 11px; border-bottom:1px solid var(--line); white-space:nowrap; font-variant-numeric:tabular-nums; vertical-align:top }
th { font-weight:600; white-space:normal; border-bottom:1.5px solid #bbb; vertical-align:bottom } th:first-child, td:first-child, td.text, th.text { text-align:left }
td.best { font-weight:700 } tr.grey td { color:var(--soft) } td.code { font-family:ui-monospace,Menlo,Consolas,monospace; font-size:12px; text-align:left }
td small { display:block; color:var(--soft); font-weight:400; font-size:11.5px }
.flag { background:#fbe3d3; color:#8a3000; border-radius:3px; padding:1px 7px; font-size:12px; font-weight:600 }
figure { margin:14px 0 30px } figure img { max-width:100%; height:auto; display:block } figcaption { color:var(--soft); font-size:13.5px; max-width:78ch; margin-top:6px }
details { margin:8px 0 } summary { cursor:pointer; color:var(--accent); font-size:13.5px }
@media print { nav { display:none } h2 { break-after:avoid } figure, table { break-inside:avoid } }
"""


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, a smaller second line, and its class in the style sheet."""

    text: str
    small: str = ""
    kind: str = ""


def table(header: Sequence[str], rows: Iterable[Sequence[Cell | str]], grey: Sequence[bool] = ()) -> str:
    """Return a table; rows whose place in ``grey`` is true are drawn in grey."""
    rows = [list(row) for row in rows]
    left = {
        place
        for row in rows[:1]
        for place, cell in enumerate(row)
        if isinstance(cell, Cell) and cell.kind in ("text", "code")
    }
    head = "".join(
        f"<th{' class=text' if place in left else ''}>{escape(name)}</th>" for place, name in enumerate(header)
    )
    body = []
    for place, row in enumerate(rows):
        kind = ' class="grey"' if place < len(grey) and grey[place] else ""
        body.append(f"<tr{kind}>{''.join(_cell(cell) for cell in row)}</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def _cell(cell: Cell | str) -> str:
    cell = cell if isinstance(cell, Cell) else Cell(cell)
    kind = f' class="{cell.kind}"' if cell.kind else ""
    small = f"<small>{escape(cell.small)}</small>" if cell.small else ""
    return f"<td{kind}>{escape(cell.text)}{small}</td>"


def paragraph(text: str, soft: bool = False) -> str:
    """Return a paragraph of plain text."""
    return f"<p{' class=soft' if soft else ''}>{escape(text)}</p>"


def bullets(lines: Iterable[tuple[str, str]]) -> str:
    """Return verdict lines; each has a text and a kind (good, bad or empty)."""
    return '<ul class="verdict">' + "".join(f'<li class="{kind}">{escape(text)}</li>' for text, kind in lines) + "</ul>"


def folded(title: str, content: str) -> str:
    """Return content that opens on a click."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def picture(path: Path, caption: str) -> str:
    """Return a figure with the bytes of the SVG inside the page, so that ids of two pictures cannot meet."""
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<figure><img alt="{escape(caption)}" src="data:image/svg+xml;base64,{data}"><figcaption>{escape(caption)}</figcaption></figure>'


def page(title: str, subtitle: str, sections: Sequence[tuple[str, str]]) -> str:
    """Return the page of titled sections with a line of links to them."""
    links = "".join(f'<a href="#s{place}">{escape(name)}</a>' for place, (name, _) in enumerate(sections))
    body = "".join(
        f'<section id="s{place}"><h2>{escape(name)}</h2>{content}</section>'
        for place, (name, content) in enumerate(sections)
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head><body><main><h1>{escape(title)}</h1>"
        f'<p class="soft">{subtitle}</p><nav>{links}</nav>{body}</main></body></html>\n'
    )
