"""What a run found, and its verdict."""

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from tests.chaos.answers import Answer, Answers
from tests.chaos.disruptions import Disruptor
from tests.chaos.evidence import Evidence
from tests.chaos.findings import Finding
from tests.chaos.plan import DISRUPTIONS, FAULTS, Plan

PASS, FAIL, INVALID = "pass", "fail", "invalid"
# Started by a disruption, not by the plan's rules.
_FAULTS_OF_DISRUPTIONS = ("account_down",)


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
        *(f"fault {kind} never hit" for kind in [*FAULTS, *_FAULTS_OF_DISRUPTIONS]
          if not report.faults[kind]),
        *(f"{kind} happened {disruptor.done[kind]} times of {planned[kind]}"
          for kind in DISRUPTIONS if disruptor.done[kind] != planned[kind]),
        *disruptor.failures,
    ]  # fmt: skip


def get_fault_share(evidence: Evidence, since: float, until: float) -> float:
    """Of the calls that processors got while faults were on."""
    calls = [row for row in evidence.requests if since <= row["received_at"] < until]
    return sum(row["fault"] is not None for row in calls) / max(len(calls), 1)


def _name_status(answer: Answer) -> str:
    return "lost" if answer.status is None else str(answer.status)
