"""What each kind of fault does to a call."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from processors.simulator.call import Call
from processors.simulator.faults.failures import Failures
from processors.simulator.faults.falsified import (
    about_another_object,
    in_another_currency,
    with_another_amount,
)
from processors.simulator.faults.rules import FaultRule
from processors.simulator.messages import Answer, Sending, Way
from processors.simulator.square_api.failures import FAILURES as SQUARE
from processors.simulator.stripe_api.failures import FAILURES as STRIPE

_HELD_SECONDS = 120.0
_FAILURES = {"stripe": STRIPE, "square": SQUARE}
_GARBAGE = b'\x1f\x8b{"id": <<<<<<< \xff\xfe upstream'


@dataclass(frozen=True, slots=True)
class RuledFault:
    """A fault as data: what is answered at each of the pipeline's places, if anything."""

    name: str
    instead_of_all: Answer | None = None
    instead_of_work: Answer | None = None
    to_remember: Answer | None = None
    late_seconds: float | None = None
    change: Callable[[Answer], Answer] | None = None

    def before(self, _call: Call) -> Answer | None:
        return self.instead_of_all

    def instead(self, _call: Call) -> Answer | None:
        return self.instead_of_work

    def stored(self, _call: Call, answer: Answer) -> Answer:
        return self.to_remember or answer

    def after(self, _call: Call, answer: Answer) -> Answer:
        return self.change(answer) if self.change else answer


def build_fault(rule: FaultRule, processor: str) -> RuledFault:
    """What the rule does to a call to this processor."""
    return _BUILDERS[rule.kind](rule, _FAILURES[processor])


_Builder = Callable[[FaultRule, Failures], RuledFault]
_NOTHING = Answer(0, b"")


def _send(way: Way, seconds: float = 0.0) -> Callable[[Answer], Answer]:
    return partial(replace, sending=Sending(way, seconds))


def _hold(rule: FaultRule) -> Callable[[Answer], Answer]:
    return _send(Way.HELD, rule.get_seconds() or _HELD_SECONDS)


def _time_out_before(rule: FaultRule, _: Failures) -> RuledFault:
    return RuledFault(rule.kind, instead_of_all=_hold(rule)(_NOTHING))


def _time_out_after(rule: FaultRule, _: Failures) -> RuledFault:
    return RuledFault(rule.kind, change=_hold(rule))


def _commit_late(rule: FaultRule, _: Failures) -> RuledFault:
    lose = _send(Way.HELD, _HELD_SECONDS) if rule.held else _send(Way.RESET)
    return RuledFault(rule.kind, late_seconds=rule.get_seconds(), change=lose)


def _error_after(rule: FaultRule, failures: Failures) -> RuledFault:
    return RuledFault(rule.kind, change=lambda _: failures.server_error)


def _stored_error(rule: FaultRule, failures: Failures) -> RuledFault:
    return RuledFault(rule.kind, instead_of_work=failures.server_error)


def _stored_error_after(rule: FaultRule, failures: Failures) -> RuledFault:
    return RuledFault(rule.kind, to_remember=failures.server_error)


def _rate_limited(rule: FaultRule, failures: Failures) -> RuledFault:
    answer = failures.rate_limited
    if rule.seconds is not None:
        answer = answer.with_headers(Retry_After=f"{rule.seconds:g}")
    return RuledFault(rule.kind, instead_of_all=answer)


def _account_down(rule: FaultRule, failures: Failures) -> RuledFault:
    silent = _send(Way.HELD, _HELD_SECONDS)(_NOTHING)
    return RuledFault(rule.kind, instead_of_all=silent if rule.held else failures.unavailable)


def _slow(rule: FaultRule, _: Failures) -> RuledFault:
    return RuledFault(rule.kind, change=_send(Way.BYTE_BY_BYTE, rule.get_seconds() or 0))


def _refusing(choose: Callable[[Failures], Answer]) -> _Builder:
    return lambda rule, failures: RuledFault(rule.kind, instead_of_all=choose(failures))


def _changing(change: Callable[[Answer], Answer]) -> _Builder:
    return lambda rule, _: RuledFault(rule.kind, change=change)


_BUILDERS: dict[str, _Builder] = {
    "time_out_before": _time_out_before,
    "time_out_after": _time_out_after,
    "commit_late": _commit_late,
    "error_before": _refusing(lambda failures: failures.server_error),
    "error_after": _error_after,
    "stored_error": _stored_error,
    "stored_error_after": _stored_error_after,
    "rate_limited": _rate_limited,
    "conflict": _refusing(lambda failures: failures.conflict),
    "garbage": _changing(lambda answer: Answer(200, _GARBAGE, headers=answer.headers)),
    "truncated": _changing(_send(Way.CUT_SHORT)),
    "other_object": _changing(about_another_object),
    "other_amount": _changing(with_another_amount),
    "other_currency": _changing(in_another_currency),
    "slow": _slow,
    "connection_refused": _refusing(lambda _: _send(Way.RESET)(_NOTHING)),
    "reset_before": _refusing(lambda _: _send(Way.RESET)(_NOTHING)),
    "reset_after": _changing(_send(Way.RESET)),
    "revoked_token": _refusing(lambda failures: failures.revoked_token),
    "account_down": _account_down,
}
