"""What a run leans to: kinds of faults and acts that get more of it, and what is left out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lean:
    """`faults`: these get most of the share, the others the rest.

    `split_factor`, `refund_factor`: how much more often those who split are paid, and payments
    are refunded. `disruptions`: these kinds only, None for all. `reads_lists`: whether anything
    is synchronized; where not, events alone must tell of everything, and none is lost.
    `has_riddles`: whether some outcomes are never told; people get them when a key's time is over.
    """

    faults: frozenset[str] = frozenset()
    split_factor: int = 1
    refund_factor: int = 1
    disruptions: frozenset[str] | None = None
    reads_lists: bool = True
    has_riddles: bool = True

    def meets(self, disruption: str) -> bool:
        """Whether this kind of disruption happens."""
        if disruption in _OF_LISTS and not self.reads_lists:
            return False
        return self.disruptions is None or disruption in self.disruptions


_OF_LISTS = frozenset({"sync_at_once", "kill_sync"})
_UNHEARD = frozenset({"time_out_after", "error_after", "reset_after", "commit_late"})
# Whoever looks for what a fault or a race does alone has no use for outages: they end payments.
_CALM: frozenset[str] = frozenset()

LEANS = {
    "even": Lean(),
    "undone": Lean(
        faults=frozenset({"time_out_before", "error_before", "reset_before", "conflict"}),
        disruptions=_CALM,
        has_riddles=False,
    ),
    "unheard": Lean(
        faults=_UNHEARD,
        disruptions=frozenset({"kill_web", "kill_web_child", "kill_worker"}),
        has_riddles=False,
    ),
    "wrong": Lean(
        faults=frozenset({"other_amount", "other_currency", "other_object", "garbage"}),
        disruptions=_CALM,
        has_riddles=False,
    ),
    "split": Lean(
        faults=frozenset({"time_out_after", "time_out_before", "error_after", "reset_after"}),
        split_factor=6,
        disruptions=_CALM,
        has_riddles=False,
    ),
    # A hold whose account was taken away from us is given up after the other half was captured.
    "revoked": Lean(
        faults=frozenset({"revoked_token"}),
        split_factor=6,
        disruptions=_CALM,
        has_riddles=False,
    ),
    "refunds": Lean(faults=_UNHEARD, refund_factor=8, disruptions=_CALM, has_riddles=False),
    "events": Lean(
        disruptions=frozenset({"shuffle_events", "kill_web"}),
        reads_lists=False,
        has_riddles=False,
    ),
}
