"""What a run of collections did, what was wrong, and the verdict."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.chaos.collecting.plan import FAULTS, KILLS, RIDDLE, Plan
from tests.chaos.findings import Finding
from tests.chaos.report import FAIL, INVALID, PASS

CUT = "debits that their worker did not survive"


@dataclass(slots=True, kw_only=True)
class CollectionsReport:
    """`unproven` names what was planned and did not happen."""

    plan: Plan
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        if self.findings:
            return FAIL
        return INVALID if self.unproven else PASS

    def judge_what_happened(self) -> None:
        """Name what never came about: it proves nothing."""
        attempts = self.counts.get("attempts", Counter())
        self.unproven += [
            *(f"fault {kind} never hit" for kind in [*FAULTS, RIDDLE] if not self.faults[kind]),
            *(f"no {role} was killed" for role in KILLS if not self.killed[role]),
            *(f"{often} kills of a {role} hit nobody at work"
              for role, often in self.missed.items()),
            *(f"there was no attempt {what}" for what in ("card succeeded", "card failed",
              "bank_debit succeeded", "bank_debit returned", "bank_debit failed")
              if not attempts[what]),
            *([] if self.counts.get("cut", Counter())[CUT] else ["no kill cut a debit"]),
        ]  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        said = {
            "plan": asdict(self.plan),
            "seed": self.plan.seed,
            "seconds": {name: round(value, 1) for name, value in self.seconds.items()},
            "counts": self.counts,
            "faults": self.faults,
            "killed": self.killed,
        }
        findings = [asdict(finding) for finding in self.findings]
        return said | {
            "findings": findings,
            "unproven": self.unproven,
            "verdict": self.verdict,
        }


def describe(report: CollectionsReport) -> str:
    plan = report.plan
    sizes = f"{plan.barbers} barbers, {plan.periods} weeks, {plan.transactions:,} transactions"
    lines = [
        f"verdict       {report.verdict}",
        f"seed          {plan.seed}, {sizes}",
        *(f"{of:14}{_join(counts)}" for of, counts in report.counts.items()),
        f"faults        {_join(report.faults)}",
        f"killed        {_join(report.killed)}",
        f"seconds       {_join(Counter({k: round(v) for k, v in report.seconds.items()}))}",
    ]
    if report.unproven:
        lines += ["", "Planned, but it did not happen:", *(f"  {each}" for each in report.unproven)]
    if report.findings:
        lines += ["", "Does not hold:"]
        lines += [f"  {each.check}: {each.what}" for each in report.findings]
        again = f"bin/chaos --collections {plan.barbers} --periods {plan.periods}"
        again += f" --transactions {plan.transactions} --seed {plan.seed} --keep"
        lines += ["", f"Again: {again}"]
    return "\n".join(lines)


def _join(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "none"
