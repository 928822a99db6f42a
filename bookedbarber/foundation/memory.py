"""What a process holds for all of its life."""

import gc


def keep_what_is_loaded() -> None:
    """Leave what lives by now out of every later garbage collection.

    For a process that has imported what it works with. A full collection walks all that lives,
    modules and models too, and stops every thread for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
