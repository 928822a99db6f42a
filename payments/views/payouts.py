"""What a barber was paid out, what comes next, and why nothing does."""

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookedbarber.accounts.models import Barber
from bookedbarber.accounts.roles import Permission, Role

from ..models import Payout
from ..queries.payables import list_payables
from .payout_rows import to_line_row, to_payout_row
from .people import get_user, permitted

PER_PAGE = 50
MOST_BARBERS = 200
MOST_LINES = 500


@require_safe
@permitted(Permission.COLLECTION_READ)
def payout_list(request: HttpRequest) -> HttpResponse:
    """Newest first; `?before=pyo_…` shows those before that payout."""
    payouts = _list_visible(request)
    older = payouts
    if before := request.GET.get("before"):
        older = payouts.filter(pk__lt=get_object_or_404(payouts, public_id=before).pk)
    found = list(older.order_by("-pk")[: PER_PAGE + 1])
    visible = Barber.objects.visible_to(get_user(request)).order_by("pk")
    barber_ids = list(visible.values_list("pk", flat=True)[:MOST_BARBERS])
    context = {
        "rows": [to_payout_row(payout) for payout in found[:PER_PAGE]],
        "payables": list_payables(now=timezone.now(), barber_ids=barber_ids),
        "next": found[PER_PAGE - 1].public_id if len(found) > PER_PAGE else None,
        "is_first_page": before is None,
        "shows_barber": get_user(request).role != Role.BARBER,
    }
    return render(request, "payments/payout_list.html", context)


@require_safe
@permitted(Permission.COLLECTION_READ)
def payout_detail(request: HttpRequest, payout_id: str) -> HttpResponse:
    payout = get_object_or_404(_list_visible(request), public_id=payout_id)
    lines = payout.lines.select_related("entry__transaction", "movement__payment")
    found = list(lines.order_by("pk")[: MOST_LINES + 1])
    context = {
        "row": to_payout_row(payout),
        "lines": [to_line_row(line) for line in found[:MOST_LINES]],
        "has_more_lines": len(found) > MOST_LINES,
        "shows_barber": get_user(request).role != Role.BARBER,
    }
    return render(request, "payments/payout_detail.html", context)


def _list_visible(request: HttpRequest) -> QuerySet[Payout]:
    visible = Payout.objects.visible_to(get_user(request))
    return visible.filter(environment=settings.ENVIRONMENT).select_related("barber", "destination")
