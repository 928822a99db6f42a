import re

import time_machine

from bookedbarber.foundation.ids import ALPHABET, new_public_id


def test_an_id_says_its_kind_and_fits_the_processors_references() -> None:
    public_id = new_public_id("pay")

    assert re.fullmatch(rf"pay_[{ALPHABET}]{{26}}", public_id)
    assert len(public_id) <= 40


def test_ids_never_repeat() -> None:
    assert len({new_public_id("pay") for _ in range(10_000)}) == 10_000


def test_ids_sort_by_the_time_of_birth() -> None:
    born_at = 1_780_000_000.0

    ids = []
    for later in (0, 0.0015, 1, 3600, 86_400 * 365 * 50):
        with time_machine.travel(born_at + later, tick=False):
            ids.append(new_public_id("pay"))

    assert ids == sorted(ids)
