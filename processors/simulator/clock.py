"""The simulator's clock: real time plus an offset that can be moved, always ticking."""

import time

from processors.simulator.store import Store

_OFFSET = "clock_offset_ms"


class Clock:
    """Moments in milliseconds since the epoch. The offset is kept in the state file."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offset_ms = 0
        self.reload()

    def reload(self) -> None:
        row = self._store.row("SELECT value FROM settings WHERE name = ?", (_OFFSET,))
        self._offset_ms = int(row["value"]) if row else 0

    @property
    def offset_ms(self) -> int:
        return self._offset_ms

    def now_ms(self) -> int:
        return int(time.time() * 1000) + self._offset_ms

    def advance(self, milliseconds: int) -> None:
        """Move by `milliseconds`; negative goes back, which nothing already done notices."""
        offset_ms = self._offset_ms + milliseconds
        self._store.execute("REPLACE INTO settings VALUES (?, ?)", (_OFFSET, str(offset_ms)))
        self._offset_ms = offset_ms

    def set(self, moment_ms: int) -> None:
        self.advance(moment_ms - self.now_ms())
