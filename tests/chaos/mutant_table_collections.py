"""Defects of building and debiting collections; see `mutant_table`."""

from tests.chaos.mutant_parts import COLLECTIONS, Edit, Mutant

_MIGRATION = "collections_app/migrations/0001_initial.py"
_CLAIMS = "collections_app/operations/claims.py"
_SENDING = "collections_app/operations/debit_sending.py"
_BOOK = "collections_app/operations/debit_book.py"
_BUILDING = "collections_app/operations/building.py"
_OUTSTANDING = "collections_app/queries/outstanding.py"

COLLECTION_MUTANTS = (
    Mutant(
        "accrual_in_two_collections",
        (
            Edit(
                _MIGRATION,
                "fields=('accrual',), name='collection_line_accrual_once'",
                "fields=('accrual', 'collection'), name='collection_line_accrual_once'",
            ),
            Edit(
                _OUTSTANDING,
                "    WHERE l.accrual_id = a.id AND l.state <> 'released')\n",
                "    WHERE l.accrual_id = a.id AND l.state <> 'released' AND a.id %% 40 <> 0)\n",
            ),
        ),
        COLLECTIONS,
    ),
    Mutant(
        "builders_do_not_lock_barbers",
        (
            Edit(
                "collections_app/queries/terms.py",
                "ORDER BY b.id LIMIT %(most)s\nFOR NO KEY UPDATE OF b SKIP LOCKED\n",
                "ORDER BY b.id LIMIT %(most)s\n",
            ),
        ),
        COLLECTIONS,
    ),
    Mutant(
        "what_comes_late_is_forgotten",
        (
            Edit(
                _BUILDING,
                "    AND o.made_at < w.ends_at\n",
                "    AND o.made_at < w.ends_at AND o.made_at >= w.period_start\n",
            ),
        ),
        COLLECTIONS,
    ),
    Mutant(
        "collection_is_taken_without_its_lock",
        (
            Edit(
                _MIGRATION,
                "fields=('collection',), name='collection_attempt_one_live'",
                "fields=('collection', 'number'), name='collection_attempt_one_live'",
            ),
            Edit(
                _CLAIMS,
                '    row = PlatformCollection.objects.select_for_update(of=["self"])'
                ".get(pk=collection.pk)\n    if row.state",
                "    row = PlatformCollection.objects.get(pk=collection.pk)\n    if row.state",
            ),
        ),
        COLLECTIONS,
    ),
    Mutant(
        "new_debit_key_on_repeat",
        (
            Edit(
                _SENDING,
                "    found = account.find_debit(request, "
                "since=attempt.created_at - CLOCK_TOLERANCE)\n"
                "    if found is not None or not attempt.is_repeatable(now=now):\n"
                "        return found\n"
                "    return account.debit(request)\n",
                "    from dataclasses import replace\n\n"
                '    reference = f"{request.reference}-{attempt.checks}"\n'
                "    return account.debit(replace(request, reference=reference))\n",
            ),
        ),
        COLLECTIONS,
    ),
    Mutant(
        "unknown_debit_is_failed",
        (
            Edit(
                _SENDING,
                "        return know_nothing(error.message, is_unanswered=True)\n"
                "    except MethodGone as error:\n",
                "        return fail(FailureClass.PROCESSOR_TROUBLE, message=error.message)\n"
                "    except MethodGone as error:\n",
            ),
        ),
        COLLECTIONS,
    ),
    Mutant(
        "returned_debit_stays_collected",
        (
            Edit(
                _BOOK,
                "            move(attempt, AttemptState.RETURNED, by=by)\n"
                "            _trouble(attempt, CollectionState.FAILED, by, now)\n",
                "            return\n",
            ),
        ),
        COLLECTIONS,
    ),
)
