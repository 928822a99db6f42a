"""Defects of refunds, events and syncs; see `mutant_table`."""

from tests.chaos.mutant_parts import SYNC, Edit, Mutant

_STORING = "payments/operations/syncing/storing.py"
_REFUND_REQUESTS = "payments/operations/refund_requests.py"
_REFUND_SENDING = "payments/operations/refund_sending.py"
_RECEIPT = "processors/operations/webhook_receipt.py"

MIX_MUTANTS = (
    Mutant(
        "cursor_before_data",
        (
            Edit(
                _STORING,
                "@retry_transaction\n"
                "def store_batch(reading: Reading, batch: Batch) -> SyncCursor:\n",
                "def store_batch(reading, batch):\n"
                "    cursor = _advance(reading, batch)\n"
                "    _store(reading, batch)\n"
                "    return cursor\n\n\n"
                "@retry_transaction\ndef _advance(reading, batch):\n",
            ),
            Edit(
                _STORING,
                "    newest_before = ",
                "    cursor.advance(batch.position)\n"
                '    cursor.save(update_fields=["position", "started_at", "read_until"])\n'
                "    return cursor\n\n\n"
                "@retry_transaction\ndef _store(reading, batch):\n"
                "    newest_before = ",
            ),
            Edit(
                _STORING,
                "new=rows.count(), changed=changed)\n"
                "    cursor.advance(batch.position)\n"
                '    cursor.save(update_fields=["position", "started_at", "read_until"])\n'
                "    return cursor\n",
                "new=rows.count(), changed=changed)\n",
            ),
        ),
        SYNC,
    ),
    Mutant(
        "refund_cap_is_unlocked",
        (
            Edit(
                _REFUND_REQUESTS,
                '    locked = Payment.objects.select_for_update(of=["self"]).get(pk=payment.pk)\n',
                "    locked = Payment.objects.get(pk=payment.pk)\n",
            ),
        ),
        "refunds",
    ),
    Mutant(
        "refund_keys_are_known_in_memory_only",
        (
            Edit(
                _REFUND_REQUESTS,
                "    if keyed and (remembered := idempotency.find_remembered(keyed, now=now)):\n"
                "        return _recall(remembered, keyed)\n",
                "    if keyed and keyed.key in _known:\n"
                "        return _recall(Remembered(_known[keyed.key], None), keyed)\n",
            ),
            Edit(
                _REFUND_REQUESTS,
                "        remembered = idempotency.claim(keyed, subject=request_id, lease=lease, "
                "now=wish.now)\n"
                "        if remembered is not None:\n"
                "            return remembered\n",
                "        _known[keyed.key] = request_id\n",
            ),
            Edit(
                _REFUND_REQUESTS,
                "def request_refund(\n",
                "_known: dict[str, str] = {}\n\n\ndef request_refund(\n",
            ),
        ),
        "refunds",
    ),
    Mutant(
        "unknown_refund_is_failed",
        (
            Edit(
                _REFUND_SENDING,
                "    except AnswerLost as error:\n"
                "        return _do_not_know(error.message, is_unanswered=True)\n"
                "    except RequestRefused as error:\n"
                "        code",
                "    except AnswerLost as error:\n"
                "        return _fail(FailureKind.NOT_REACHED, error.message)\n"
                "    except RequestRefused as error:\n"
                "        code",
            ),
        ),
        "refunds",
    ),
    Mutant(
        "tips_bear_commission",
        (
            Edit(
                "payments/rules/commission.py",
                "    return amount if terms.on_tips else amount - tip\n",
                "    return amount\n",
            ),
        ),
        "refunds",
    ),
    Mutant(
        "events_are_known_in_memory_only",
        (
            Edit(
                _RECEIPT,
                "ON CONFLICT DO NOTHING\nRETURNING id\n",
                "RETURNING id\n",
            ),
            Edit(
                _RECEIPT,
                "    with database.cursor() as cursor:\n        cursor.execute(_STORE, row)\n",
                "    name = (door.id, envelope.event_id)\n"
                "    if name in _known:\n"
                "        return False\n"
                "    _known.add(name)\n"
                "    with database.cursor() as cursor:\n        cursor.execute(_STORE, row)\n",
            ),
            Edit(
                _RECEIPT,
                '_STORE = """\n',
                '_known: set[tuple[object, str]] = set()\n_STORE = """\n',
            ),
            Edit(
                "processors/migrations/0006_webhooks.py",
                "fields=('door', 'event_id'), name='webhook_event_once'",
                "fields=('door', 'event_id', 'id'), name='webhook_event_once'",
            ),
        ),
        "events",
    ),
    Mutant(
        "parked_events_are_dropped",
        (
            Edit(
                "payments/operations/refund_events.py",
                "        return Parked(statement.payment_external_id or statement.external_id)\n",
                '        return Ignored("no_money_moved")\n',
            ),
        ),
        "events",
    ),
    Mutant(
        "sync_names_refunds_by_their_booking",
        (
            Edit(
                "processors/adapters/stripe/balance.py",
                '    return to_refund_movement(_get_source(booked, "refund"), _strip(booked))\n',
                "    from dataclasses import replace\n\n"
                '    movement = to_refund_movement(_get_source(booked, "refund"), _strip(booked))\n'
                '    return replace(movement, external_id=str(booked["id"]))\n',
            ),
        ),
        "refunds",
    ),
)
