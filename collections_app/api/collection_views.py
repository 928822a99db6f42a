"""Looking at collections."""

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import may
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.pagination import paginate
from bookedbarber.foundation.api.throttles import HourlyThrottle

from ..models import PlatformCollection
from ..queries.positions import get_positions
from ..queries.summaries import summarize
from .answers import (
    find_visible,
    render_collection,
    render_detail,
    render_positions,
    render_summary,
)
from .serializers import (
    CollectionDetail,
    CollectionFilter,
    CollectionOutput,
    SummaryFilter,
    SummaryOutput,
)


class ReadingView(APIView):
    permission_classes = (may(Permission.COLLECTION_READ),)
    throttle_classes = (HourlyThrottle,)
    throttle_scope = "collections"


class MyCollectionsView(ReadingView):
    """Of the barbers whose money the caller may see, with what they owe."""

    @extend_schema(parameters=[CollectionFilter], responses=CollectionOutput(many=True))
    def get(self, request: Request) -> Response:
        wanted = CollectionFilter.read(request)
        person, environment = get_person(request), settings.ENVIRONMENT
        visible = PlatformCollection.objects.visible_to(person).filter(environment=environment)
        page = paginate(request, visible.filter(**wanted), render_collection)
        positions = get_positions(
            person, environment=environment, barber_id=wanted.get("barber_id")
        )
        return Response({"summary": render_positions(positions), **page.data})


class CollectionView(ReadingView):
    """With its lines, paged as lists are."""

    @extend_schema(responses=CollectionDetail)
    def get(self, request: Request, collection_id: str) -> Response:
        found = find_visible(get_person(request), settings.ENVIRONMENT, collection_id)
        return Response(render_detail(request, found))


class SummaryView(ReadingView):
    @extend_schema(parameters=[SummaryFilter], responses=SummaryOutput)
    def get(self, request: Request) -> Response:
        wanted = SummaryFilter(data=request.query_params.dict())
        wanted.is_valid(raise_exception=True)
        period = wanted.validated_data["period"]
        summary = summarize(
            get_person(request),
            environment=settings.ENVIRONMENT,
            period=period,
            now=timezone.now(),
            barber_id=wanted.validated_data.get("barber_id"),
        )
        return Response(render_summary(summary, period))
