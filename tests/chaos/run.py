"""One run from an empty home to its verdict."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from tests.chaos.acts import Payer
from tests.chaos.answers import Answer, Answers
from tests.chaos.clients import PayersSoftware
from tests.chaos.disruptions import Disruptor
from tests.chaos.evidence import Evidence, gather
from tests.chaos.findings import Finding, Index
from tests.chaos.findings_answers import find_in_answers
from tests.chaos.findings_books import find_in_books
from tests.chaos.findings_charges import find_in_charges
from tests.chaos.plan import DISRUPTIONS, FAULTS, Plan, PlannedPayment
from tests.chaos.quiet import Quiet, wait_for_quiet
from tests.chaos.world import World, open_world, wait_until

CLIENTS = 6
PASS, FAIL, INVALID = "pass", "fail", "invalid"
# Started by a disruption, not by the plan's rules.
_FAULTS_OF_DISRUPTIONS = ("account_down",)


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run found. `unproven` names what was planned and never happened."""

    seed: int
    payments: int
    outcomes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    fault_share: float = 0.0
    disruptions: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    load_seconds: float = 0.0
    quiet_seconds: float = 0.0
    total_seconds: float = 0.0

    @property
    def verdict(self) -> str:
        if self.findings:
            return FAIL
        return INVALID if self.unproven else PASS


def run_chaos(plan: Plan, *, source: Path, keep: bool = False) -> Report:
    """Carry out the plan against the product of a source tree."""
    started = time.monotonic()
    report = Report(seed=plan.seed, payments=len(plan.payments))
    with open_world(source, plan, keep=keep) as world:
        answers = Answers()
        software = PayersSoftware(world.url, world.people, answers)
        software.log_in()
        began = time.time()
        disruptor = _drive(world, plan, software)
        ended = time.time()
        report.load_seconds = ended - began
        try:
            quiet = _calm_down(world, plan, software)
        except TimeoutError as error:
            report.findings.append(Finding("the product comes back", str(error)))
        else:
            _judge(report, world, plan, answers, quiet)
        report.ended = world.ended
        evidence = gather(world)
        report.fault_share = _get_fault_share(evidence, began, ended)
        _describe(report, plan, evidence, answers, disruptor)
    report.total_seconds = time.monotonic() - started
    return report


def _drive(world: World, plan: Plan, software: PayersSoftware) -> Disruptor:
    for rule in plan.faults:
        world.simulator.add_fault(rule)
    payer = Payer(software, world.simulator, plan.seed)
    disruptor = Disruptor(world, plan)
    disruptor.start()

    def pay(planned: PlannedPayment) -> None:
        disruptor.reach(planned.number)
        payer.pay(planned)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(pay, plan.payments))
    disruptor.join(timeout=120)
    return disruptor


def _calm_down(world: World, plan: Plan, software: PayersSoftware) -> Quiet:
    """Faults stop, what was killed is back; then time passes, and every key is tried again."""
    world.simulator.clear_faults()
    wait_until(world.is_ready, "the product after the faults")
    quiet = wait_for_quiet(world, software, plan)
    if not quiet.still_open:
        _repeat_keys(software, plan)
        # A key that never got through makes its payment only now.
        after = wait_for_quiet(world, software, plan)
        return Quiet(quiet.seconds, after.still_open)
    return quiet


def _repeat_keys(software: PayersSoftware, plan: Plan) -> None:
    planned = {each.number: each for each in plan.payments}
    keys = [(number, key) for number, key in software.list_keys() if key is not None]
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda each: software.insist(planned[each[0]], each[1]), keys))


def _judge(report: Report, world: World, plan: Plan, answers: Answers, quiet: Quiet) -> None:
    report.quiet_seconds = quiet.seconds
    index = Index(gather(world))
    late = (
        Finding("all is settled in time", f"{leg['public_id']} is still {leg['state']}")
        for leg in quiet.still_open
    )
    report.findings = list(
        chain(
            late,
            find_in_charges(index),
            find_in_books(index, world.people),
            find_in_answers(index, answers, plan),
            _verify_books(world),
        )
    )
    if not any(row["state"] == "captured" for row in index.evidence.legs):
        report.findings.append(Finding("the product takes payments", "not one was completed"))


def _verify_books(world: World) -> list[Finding]:
    printed = world.run("python manage.py verify_books", may_fail=True)
    wrong = [line.strip() for line in printed.splitlines() if line.startswith("WRONG")]
    if "Nothing found" not in printed and not wrong:
        wrong = [printed[-300:]]
    return [Finding("verify_books finds nothing", line) for line in wrong]


def _describe(
    report: Report, plan: Plan, evidence: Evidence, answers: Answers, disruptor: Disruptor
) -> None:
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


def _get_fault_share(evidence: Evidence, since: float, until: float) -> float:
    """Of the calls that processors got while faults were on."""
    calls = [row for row in evidence.requests if since <= row["received_at"] < until]
    return sum(row["fault"] is not None for row in calls) / max(len(calls), 1)


def _name_status(answer: Answer) -> str:
    return "lost" if answer.status is None else str(answer.status)
