"""What a barber was paid out, what comes next, and why nothing does."""

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookedbarber.accounts.models import Barber
from bookedbarber.accounts.roles import Permission, Role
from bookedbarber.foundation.pages import take_newest, take_oldest

from ..models import Payout
from ..queries.payables import list_payables
from .payout_rows import to_line_row, to_payout_row
from .people import get_user, permitted

PER_PAGE = 50
MOST_BARBERS = 200
LINES_PER_PAGE = 200


@require_safe
@permitted(Permission.COLLECTION_READ)
def payout_list(request: HttpRequest) -> HttpResponse:
    """Newest first; `?before=pyo_…` shows those before that payout."""
    part = take_newest(request, _list_visible(request), at_most=PER_PAGE)
    visible = Barber.objects.visible_to(get_user(request)).order_by("pk")
    barber_ids = list(visible.values_list("pk", flat=True)[:MOST_BARBERS])
    context = {
        "part": part,
        "rows": [to_payout_row(payout) for payout in part.rows],
        "payables": list_payables(now=timezone.now(), barber_ids=barber_ids),
        "shows_barber": get_user(request).role != Role.BARBER,
    }
    return render(request, "payments/payout_list.html", context)


@require_safe
@permitted(Permission.COLLECTION_READ)
def payout_detail(request: HttpRequest, payout_id: str) -> HttpResponse:
    payout = get_object_or_404(_list_visible(request), public_id=payout_id)
    lines = payout.lines.select_related("entry__transaction", "movement__payment")
    part = take_oldest(request, lines, at_most=LINES_PER_PAGE)
    context = {
        "row": to_payout_row(payout),
        "part": part,
        "lines": [to_line_row(line) for line in part.rows],
        "shows_barber": get_user(request).role != Role.BARBER,
    }
    return render(request, "payments/payout_detail.html", context)


def _list_visible(request: HttpRequest) -> QuerySet[Payout]:
    visible = Payout.objects.visible_to(get_user(request))
    return visible.filter(environment=settings.ENVIRONMENT).select_related("barber", "destination")
