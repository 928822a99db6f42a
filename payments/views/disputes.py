"""Disputes of every processor in one list."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookedbarber.accounts.roles import Permission, Role
from bookedbarber.foundation.pages import take_newest

from ..models import Dispute
from .payout_rows import to_dispute_row
from .people import get_user, permitted

PER_PAGE = 50


@require_safe
@permitted(Permission.COLLECTION_READ)
def dispute_list(request: HttpRequest) -> HttpResponse:
    """Newest first; `?before=dpt_…` shows those before, `?open=1` those that are not decided."""
    disputes = (
        Dispute.objects.visible_to(get_user(request))
        .filter(connection__environment=settings.ENVIRONMENT)
        .with_withdrawn()
        .select_related("barber", "connection", "payment")
    )
    if is_open := request.GET.get("open") == "1":
        disputes = disputes.open()
    part = take_newest(request, disputes, at_most=PER_PAGE)
    now = timezone.now()
    context = {
        "part": part,
        "rows": [to_dispute_row(dispute, now=now) for dispute in part.rows],
        "is_open": is_open,
        "shows_barber": get_user(request).role != Role.BARBER,
    }
    return render(request, "payments/dispute_list.html", context)
