"""One run from an empty home to its verdict."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.acts import Payer
from tests.chaos.answers import Answers
from tests.chaos.clients import PayersSoftware
from tests.chaos.disruptions import Disruptor
from tests.chaos.evidence import gather, list_left_to_people
from tests.chaos.findings import Finding
from tests.chaos.judge import find_late, judge
from tests.chaos.plan import Plan, PlannedPayment
from tests.chaos.progress import Progress
from tests.chaos.quiet import QUIET_SECONDS, read_lists, wait_for_events, wait_for_quiet
from tests.chaos.refunding import Refunding
from tests.chaos.report import Report, describe_evidence, describe_mix, get_fault_share
from tests.chaos.terminals import Terminals
from tests.chaos.waiting import wait_until
from tests.chaos.world import World, open_world

CLIENTS = 10


class Run:
    """One plan against the product of one source tree."""

    def __init__(self, plan: Plan, world: World, report: Report, progress: Progress) -> None:
        self._plan = plan
        self._world = world
        self._report = report
        self._progress = progress
        self._answers = Answers()
        self._software = PayersSoftware(world.url, world.people, self._answers)
        self._disruptor = Disruptor(world, plan)
        self._refunding = Refunding(self._software, world.simulator, plan.seed)
        self._terminals = Terminals(world.simulator, plan.sales)

    def carry_out(self, *, until_found: bool) -> None:
        """With `until_found` it is judged early as well, and over when something is found."""
        self._software.log_in()
        began = time.time()
        self._drive()
        ended = time.time()
        self._report.load_seconds = ended - began
        try:
            self._settle(until_found=until_found)
        except TimeoutError as error:
            self._report.findings.append(Finding("the product comes back", str(error)))
        self._report.quiet_seconds = time.time() - ended
        self._report.ended = self._world.ended
        evidence = gather(self._world)
        self._report.fault_share = get_fault_share(evidence, began, ended)
        describe_evidence(self._report, self._plan, evidence, self._answers, self._disruptor)
        describe_mix(self._report, self._plan, evidence, self._refunding.done, self._terminals.done)

    def _drive(self) -> None:
        self._progress.enter("load")
        for rule in self._plan.faults:
            self._world.simulator.add_fault(rule)
        payer = Payer(self._software, self._world.simulator, self._plan.seed)
        self._disruptor.start()
        self._progress.watch = self._describe_disturbances

        def pay(planned: PlannedPayment) -> None:
            self._disruptor.reach(planned.number)
            self._terminals.sell(planned.number)
            payer.pay(planned)
            completed = self._answers.find_completed(planned.number)
            if completed is not None:
                self._refunding.refund(planned, completed)
            self._progress.count()

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(pay, self._plan.payments))
        self._disruptor.join(timeout=120)

    def _settle(self, *, until_found: bool) -> None:
        """Faults stop, what was killed is back; then time passes, and every key is tried again."""
        self._progress.enter("settle")
        self._world.simulator.clear_faults()
        self._world.simulator.set_event_policy({})
        self._world.simulator.release_events()
        wait_until(self._world.is_ready, "the product after the faults")
        # Their processor will not say; handing them over takes as long as a key is repeated.
        for_people = list_left_to_people(self._world) | self._refunding.list_shared()
        if not self._is_quiet(QUIET_SECONDS, but=for_people):
            return
        if not self._is_all_read() or (until_found and self._judge()):
            return
        self._repeat_keys()
        # A key that never got through makes its payment only now.
        is_quiet = self._is_quiet(max(QUIET_SECONDS, self._world.repeat_window_seconds))
        if is_quiet and self._is_all_read():
            self._judge()

    def _is_all_read(self) -> bool:
        """Lost events are made up for by a sync; and what has come must be dealt with."""
        self._progress.enter("read")
        failure = ""
        if self._plan.reads_lists:
            failure = read_lists(self._world, seconds=QUIET_SECONDS)
        wait_for_events(self._world, seconds=QUIET_SECONDS, tell=self._progress.note)
        if failure:
            self._report.findings.append(Finding("a sync comes to its end", failure))
        return not failure

    def _is_quiet(self, seconds: float, but: frozenset[str] = frozenset()) -> bool:
        quiet = wait_for_quiet(
            self._world,
            self._software,
            self._plan,
            seconds=seconds,
            but=but,
            tell=self._progress.note,
        )
        late = list(find_late(quiet.still_open))
        self._report.findings += late
        if late:
            self._judge()
        return not late

    def _judge(self) -> bool:
        self._progress.enter("judge")
        found = judge(self._world, self._plan, self._answers, self._refunding.list_answers())
        self._report.findings += found
        return bool(found)

    def _repeat_keys(self) -> None:
        self._progress.enter("repeat")
        planned = {each.number: each for each in self._plan.payments}
        keys = [(number, key) for number, key in self._software.list_keys() if key is not None]
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda each: self._software.insist(planned[each[0]], each[1]), keys))
        self._refunding.repeat()

    def _describe_disturbances(self) -> str:
        hits = self._world.simulator.count_hits()
        return f"{hits} faults hit, {self._disruptor.done.total()} disruptions"


def run_chaos(
    plan: Plan, *, source: Path, keep: bool = False, until_found: bool = False, name: str = ""
) -> Report:
    """Carry out the plan against the product of a source tree."""
    started = time.monotonic()
    report = Report(seed=plan.seed, payments=len(plan.payments), lean=plan.lean)
    with _telling(plan, name) as progress, open_world(source, plan, keep=keep) as world:
        report.start_seconds = time.monotonic() - started
        report.pace = world.pace
        Run(plan, world, report, progress).carry_out(until_found=until_found)
        progress.enter("end")
    report.total_seconds = time.monotonic() - started
    return report


@contextmanager
def _telling(plan: Plan, name: str) -> Iterator[Progress]:
    progress = Progress(name=name or f"seed {plan.seed}", payments=len(plan.payments))
    progress.start()
    try:
        yield progress
    finally:
        progress.stop()
