"""The page's part about misbehavior: rules in force, and a form for one more."""

from collections.abc import Iterable, Sequence

from processors.simulator.faults.operations import OPERATIONS
from processors.simulator.faults.rules import ALWAYS, KINDS
from processors.simulator.messages import Json
from processors.simulator.page_parts import code, table, text
from processors.simulator.simulation import Simulation

_DOOR = "/_simulator/faults"
_FILTERS = ("processor", "account_id", "method", "path", "operation")
_HEADER = ("Kind", "Calls", "Seconds", "Times", "Probability", "Seen", "Hits", "")


def render_faults(simulation: Simulation) -> str:
    rules = [rule for rule in simulation.rule_book.list_all() if rule["is_active"]]
    late = simulation.late_calls.count()
    note = f'<p class="muted">Calls yet to be carried out: {late}.</p>' if late else ""
    return table("Faults", _HEADER, [_describe(rule) for rule in rules]) + note + _render_form()


def _describe(rule: Json) -> Sequence[str]:
    calls = ", ".join(str(rule[name]) for name in _FILTERS if rule[name]) or "all"
    skipped = f", the first {rule['skip']} pass" if rule["skip"] else ""
    seconds = "" if rule["seconds"] is None else f"{rule['seconds']:g}"
    return (
        code(rule["kind"]),
        text(calls),
        text(f"{seconds} held" if rule["held"] else seconds),
        text(f"{rule['times'] or 'until removed'}{skipped}"),
        text(f"{rule['probability']:g}"),
        text(str(rule["seen"])),
        text(str(rule["hits"])),
        _remove_button(rule["id"]),
    )


def _remove_button(rule_id: str) -> str:
    action = f"{_DOOR}/{rule_id}/remove"
    return f'<td><form method="post" action="{action}"><button>Remove</button></form></td>'


def _render_form() -> str:
    return (
        f'<form method="post" action="{_DOOR}">'
        f"{_select('kind', KINDS)}"
        f"{_select('processor', ('stripe', 'square'), nothing='both')}"
        f"{_input('account_id', 14)}"
        f"{_select('operation', OPERATIONS, nothing='all')}"
        f"{_input('path', 14)}{_input('seconds', 5)}{_input('probability', 5)}"
        f"{_select('times', ('1', '2', '5', '10', '100', ALWAYS))}"
        '<label><input type="checkbox" name="held" value="true"> Held</label> '
        "<button>Add fault</button></form>"
    )


def _select(name: str, choices: Iterable[str], *, nothing: str | None = None) -> str:
    options = "".join(f"<option>{choice}</option>" for choice in choices)
    if nothing is not None:
        options = f'<option value="">{nothing}</option>{options}'
    return f'<label>{_label(name)} <select name="{name}">{options}</select></label> '


def _input(name: str, size: int) -> str:
    return f'<label>{_label(name)} <input name="{name}" size="{size}"></label> '


def _label(name: str) -> str:
    return name.replace("_id", "").capitalize()
