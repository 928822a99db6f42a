"""Faults by rule: what the simulator does unless a test brings its own."""

from processors.simulator.faults.kinds import build_fault
from processors.simulator.faults.rule_book import RuleBook
from processors.simulator.faults.seam import NO_FAULTS, Fault, Sighting


class RuledFaults:
    def __init__(self, book: RuleBook) -> None:
        self._book = book

    def choose(self, sighting: Sighting) -> Fault:
        rule = self._book.find_hit(sighting)
        if rule is None:
            return NO_FAULTS
        return build_fault(rule, sighting.call.account.processor)

    def take_outage_seconds(self) -> float | None:
        return self._book.take_outage_seconds()
