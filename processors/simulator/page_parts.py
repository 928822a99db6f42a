"""The pieces the page is made of."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from processors.simulator.money.currencies import format_amount


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    body = body or f'<tr><td colspan="{len(header)}" class="muted">None yet.</td></tr>'
    return (
        f'<h2>{escape(title)}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def text(value: str) -> str:
    return f"<td>{escape(value)}</td>"


def code(value: str) -> str:
    return f"<td><code>{escape(value)}</code></td>"


def amount(amount_minor: int, currency: str) -> str:
    return f'<td class="amount">{format_amount(amount_minor, currency)}</td>'


def status(status: int | None) -> str:
    if status is None:
        return '<td class="bad">no answer</td>'
    return f'<td class="{"bad" if status >= 400 else ""}">{status}</td>'


def real_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
