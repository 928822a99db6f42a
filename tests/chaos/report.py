"""What a run found, and its verdict."""

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from tests.chaos.answers import Answer, Answers
from tests.chaos.disruptions import Disruptor
from tests.chaos.evidence import Evidence
from tests.chaos.findings import Finding
from tests.chaos.plan import DISRUPTIONS, Plan

PASS, FAIL, INVALID = "pass", "fail", "invalid"
# Of so many planned refunds of a kind one must come about; most payments fail in an outage.
_SURELY_ONE_OF = 6
# So many payments take minutes.
_LASTS_MINUTES = 500
# Stripe tells seconds only.
_LATE_SECONDS = 2.0


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run found. `unproven` names what was planned and never happened."""

    seed: int
    payments: int
    lean: str
    outcomes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    fault_share: float = 0.0
    disruptions: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    refunds: Counter[str] = field(default_factory=Counter)
    sales: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    syncs: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    pace: float = 1.0
    start_seconds: float = 0.0
    load_seconds: float = 0.0
    quiet_seconds: float = 0.0
    total_seconds: float = 0.0

    @property
    def verdict(self) -> str:
        if self.findings:
            return FAIL
        return INVALID if self.unproven else PASS

    def to_json(self) -> dict[str, Any]:
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        findings = [asdict(finding) for finding in self.findings]
        return said | {"findings": findings, "verdict": self.verdict}


def describe_evidence(
    report: Report, plan: Plan, evidence: Evidence, answers: Answers, disruptor: Disruptor
) -> None:
    """Count what happened and name what did not."""
    report.outcomes = Counter(row["state"] for row in evidence.payments)
    report.statuses = Counter(map(_name_status, answers.list_all()))
    report.faults = Counter(hit["kind"] for hit in evidence.hits)
    report.disruptions = disruptor.done
    planned = Counter(each.kind for each in plan.disruptions)
    report.unproven = [
        *(f"fault {kind} never hit" for kind in _list_faults(plan) if not report.faults[kind]),
        *(f"{kind} happened {disruptor.done[kind]} times of {planned[kind]}"
          for kind in DISRUPTIONS if disruptor.done[kind] != planned[kind]),
        *disruptor.failures,
    ]  # fmt: skip


def _list_faults(plan: Plan) -> list[str]:
    """Those of the plan's rules, and those that disruptions start."""
    outages = {"account_down", "account_silent"} & {each.kind for each in plan.disruptions}
    kinds = sorted({rule["kind"] for rule in plan.faults})
    return [*kinds, "account_down"] if outages else kinds


def describe_mix(
    report: Report, plan: Plan, evidence: Evidence, refunds: Counter[str], sales: Counter[str]
) -> None:
    """Count what was mixed in beside the payments, and name what of it never came about."""
    report.refunds, report.sales = refunds, sales
    report.events = _count_events(evidence)
    report.syncs = Counter(row["outcome"] for row in evidence.syncs if row["outcome"])
    planned = Counter(each.refund.act for each in plan.payments if each.refund.act != "none")
    missing = [
        *(f"refund {act}" for act, count in planned.items()
          if count >= _SURELY_ONE_OF and not refunds[act]),
        *(f"terminal sale {what}" for what in ("CARD", "returned") if not sales[what]),
        *(f"event {what}" for what in _list_event_kinds(plan) if not report.events[what]),
        *(["a sync that beat started"] if _lacks_beats(plan, evidence) else []),
    ]  # fmt: skip
    report.unproven += [f"{what} never came about" for what in missing]


def _count_events(evidence: Evidence) -> Counter[str]:
    sendings = Counter((row["event_id"], row["endpoint_id"]) for row in evidence.deliveries)
    delays = [row["delay"].total_seconds() for row in evidence.events if row["delay"]]
    parked = {move["subject"] for move in evidence.moves if move["after"] == "parked"}
    return Counter(
        sent=len(sendings),
        lost=sum(row["state"] == "dropped" for row in evidence.deliveries),
        doubled=sum(count > 1 for count in sendings.values()),
        late=sum(delay > _LATE_SECONDS for delay in delays),
        parked=len(parked),
    )


def _lacks_beats(plan: Plan, evidence: Evidence) -> bool:
    """Beat starts syncs once a minute, and a short run may be over before."""
    are_due = plan.reads_lists and len(plan.payments) >= _LASTS_MINUTES
    return are_due and not _count_beats(evidence)


def _count_beats(evidence: Evidence) -> int:
    """Syncs of the timetable that came to their end."""
    return sum(
        row["requested_by"] == "job:payments.sync_connection" and row["outcome"] == "completed"
        for row in evidence.syncs
    )


def _list_event_kinds(plan: Plan) -> list[str]:
    kinds = ["doubled", "late"]
    kinds += ["lost"] if plan.events["drop"] else []
    # Those of refunds came before those of their sales.
    are_shuffled = any(each.kind == "shuffle_events" for each in plan.disruptions)
    return [*kinds, "parked"] if are_shuffled else kinds


def get_fault_share(evidence: Evidence, since: float, until: float) -> float:
    """Of the calls that processors got while faults were on."""
    calls = [row for row in evidence.requests if since <= row["received_at"] < until]
    return sum(row["fault"] is not None for row in calls) / max(len(calls), 1)


def _name_status(answer: Answer) -> str:
    return "lost" if answer.status is None else str(answer.status)
