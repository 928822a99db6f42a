"""The page at `/`: what the simulator knows and what happened last. No assets, no scripts."""

from collections.abc import Sequence

from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Json
from processors.simulator.page_faults import render_faults
from processors.simulator.page_lists import render_authorizations, render_plants
from processors.simulator.page_parts import amount, code, real_time, status, table, text
from processors.simulator.simulation import Simulation

_NEWEST = 25
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;color:#1d2733}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #dde3ea;white-space:nowrap}
th{color:#5b6b7d;font-weight:600}code{font-size:.9em}td.amount{text-align:right}
button,input,select{font:inherit;padding:.3rem .7rem}
.bad{color:#b3261e}.muted{color:#5b6b7d}
form,label{display:inline-block;margin:.2rem .6rem .2rem 0}
@media(prefers-color-scheme:dark){body{background:#14181d;color:#dfe6ee}th,td{border-color:#323b45}
.bad{color:#ff8a80}}
"""
_STEPS = (("1 hour", 3600), ("1 day", 86_400), ("1 week", 604_800), ("30 days", 2_592_000))


def render_page(simulation: Simulation) -> str:
    sections = "".join(
        (
            _render_clock(simulation),
            _render_accounts(simulation),
            render_faults(simulation),
            _render_movements(simulation),
            _render_requests(simulation),
            _render_deliveries(simulation),
            render_authorizations(simulation),
            render_plants(simulation),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Processor simulator</title><style>{_STYLE}</style></head><body>"
        "<h1>Processor simulator</h1>"
        '<p class="muted">Stripe at <code>/stripe</code>, Square at <code>/square</code>, '
        f"control doors at <code>/_simulator</code>. No real money.</p>{sections}</body></html>"
    )


def _render_clock(simulation: Simulation) -> str:
    clock = simulation.clock
    forms = "".join(
        '<form method="post" action="/_simulator/clock">'
        f'<button name="advance_seconds" value="{seconds}">+ {name}</button></form>'
        for name, seconds in _STEPS
    )
    now, offset = to_iso(clock.now_ms()), round(clock.offset_ms / 1000)
    return (
        f"<h2>Clock</h2><p><strong>{now}</strong> "
        f'<span class="muted">({offset:+d} s from real time)</span></p>{forms}'
        '<form method="post" action="/_simulator/clock"><label>Seconds '
        '<input name="advance_seconds" inputmode="numeric" size="8" required></label> '
        "<button>Advance</button></form>"
    )


def _render_accounts(simulation: Simulation) -> str:
    rows = [
        (
            text(account.processor),
            code(account.account_id),
            text(account.name),
            code(account.masked_secret),
            text(", ".join(account.currencies)),
            text(f"{account.fee_percent} % + {account.fee_fixed_minor}"),
        )
        for account in simulation.accounts.list_all()
    ]
    header = ("Processor", "Account", "Name", "Key", "Currencies", "Fee (percent + minor units)")
    return table("Accounts", header, rows)


def _render_movements(simulation: Simulation) -> str:
    rows = [
        (
            text(row["occurred_at"]),
            text(row["kind"]),
            code(row["account_id"]),
            code(row["object_id"]),
            amount(row["amount_minor"], row["currency"]),
            amount(row["fee_minor"], row["settlement_currency"]),
            text(row["reference"] or ""),
        )
        for row in simulation.movements.list_newest(_NEWEST)
    ]
    header = ("When", "Kind", "Account", "Object", "Amount", "Fee", "Reference")
    return table("Last movements", header, rows)


def _render_requests(simulation: Simulation) -> str:
    rows = [
        (
            text(real_time(row["received_at"])),
            code(f"{row['method']} {row['path']}"),
            text(row["account_id"] or ""),
            status(row["status"]),
            text(row["fault"] or ""),
            text("" if row["milliseconds"] is None else f"{row['milliseconds']} ms"),
        )
        for row in simulation.requests.list_newest(_NEWEST)
    ]
    header = ("Received", "Request", "Account", "Status", "Fault", "Took")
    return table("Last requests", header, rows)


def _render_deliveries(simulation: Simulation) -> str:
    found = simulation.store.rows(
        "SELECT * FROM deliveries ORDER BY sequence DESC LIMIT ?", (_NEWEST,)
    )
    rows = [_describe_delivery(dict(row)) for row in found]
    header = ("Event", "Account", "To", "State", "Attempts", "Answer")
    return table("Last webhook deliveries", header, rows)


def _describe_delivery(row: Json) -> Sequence[str]:
    answered = status(row["last_status"]) if row["last_status"] else text(row["last_error"] or "")
    return (
        text(row["type"]),
        code(row["account_id"]),
        code(row["url"]),
        text(row["state"]),
        text(str(row["attempts"])),
        answered,
    )
