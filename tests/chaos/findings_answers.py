"""Every answer ever given, against what became of it."""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.answers import Answer, Answers
from tests.chaos.clients import to_major
from tests.chaos.evidence import Row
from tests.chaos.findings import Finding, Index
from tests.chaos.plan import Plan, get_currency

_STILL_TRUE = "every answer is still true"
_ONE_PAYMENT = "a key is one payment"


def find_in_answers(index: Index, answers: Answers, plan: Plan) -> Iterator[Finding]:
    given = answers.list_all()
    yield from _payments_nobody_asked_for(index, plan)
    for answer in given:
        yield from _check_answer(index, answer)
    yield from _keys_with_several_payments(given)
    yield from _replays_that_differ(given)
    yield from _more_payments_than_requests(index, answers)


def _check_answer(index: Index, answer: Answer) -> Iterator[Finding]:
    if not answer.is_promise:
        return
    said = f"{answer.act} of payment {answer.payment} was answered {answer.status} {answer.state}"
    row = index.by_public_id.get(answer.payment_id)
    if row is None:
        yield Finding(_STILL_TRUE, f"{said}, and {answer.payment_id} is gone")
        return
    if (answer.amount, answer.currency) != (to_major(row["amount_minor"]), row["currency"]):
        money = f"{answer.amount} {answer.currency}"
        yield Finding(_STILL_TRUE, f"{said} with {money}, and {answer.payment_id} is another")
    yield from (
        Finding(_STILL_TRUE, f"{said}, but {why}") for why in _contradict(index, row, answer)
    )


def _contradict(index: Index, row: Row, answer: Answer) -> Iterator[str]:
    charged, kept = index.sum_charged(row), index.sum_kept(row)
    if answer.state in {"completed", "failed", "canceled"} and row["state"] != answer.state:
        yield f"{row['public_id']} is {row['state']}"
    if answer.state == "completed" and charged != row["amount_minor"]:
        yield f"{charged} was charged for {row['public_id']}"
    if answer.state in {"failed", "canceled"} and kept:
        yield f"{kept} was charged for {row['public_id']}"
    if answer.status == 202 and row["state"] == "processing":
        yield f"nothing became of {row['public_id']}"
    if answer.status in {402, 424} and answer.state not in {"failed", "canceled"}:
        yield f"{row['public_id']} was refused without being failed"


def _payments_nobody_asked_for(index: Index, plan: Plan) -> Iterator[Finding]:
    for row in index.evidence.payments:
        planned = plan.payments[int(row["planned"]) - 1]
        wanted = planned.amount_minor, planned.tip_minor, get_currency(planned)
        if (row["amount_minor"], row["tip_minor"], row["currency"]) != wanted:
            yield Finding("a payment is what was asked for", f"{row['public_id']}: not {wanted}")


def _keys_with_several_payments(given: list[Answer]) -> Iterator[Finding]:
    payments: dict[str, set[str]] = defaultdict(set)
    for answer in given:
        if answer.key is not None and answer.is_promise:
            payments[answer.key].add(answer.payment_id)
    for key, found in payments.items():
        if len(found) > 1:
            yield Finding(_ONE_PAYMENT, f"{key}: {', '.join(sorted(found))}")


def _replays_that_differ(given: list[Answer]) -> Iterator[Finding]:
    """A completed answer is frozen: the same body for its key for ever."""
    frozen: dict[str, Answer] = {}
    for answer in given:
        if answer.key is None or answer.state != "completed" or answer.act != "process":
            continue
        first = frozen.setdefault(answer.key, answer)
        if dict(first.body) != dict(answer.body):
            yield Finding("a repeated key gets the same answer", f"{answer.key}: two bodies")


def _more_payments_than_requests(index: Index, answers: Answers) -> Iterator[Finding]:
    """Also where no answer ever came: a key makes one payment, a request without one as well."""
    allowed: dict[int, int] = defaultdict(int)
    for (number, key), times in answers.count_sendings().items():
        allowed[number] += times if key is None else 1
    made: dict[int, list[str]] = defaultdict(list)
    for row in index.evidence.payments:
        made[int(row["planned"])].append(row["public_id"])
    for number, found in made.items():
        if len(found) > allowed[number]:
            what = f"payment {number} became {', '.join(found)}"
            yield Finding(_ONE_PAYMENT, what)
