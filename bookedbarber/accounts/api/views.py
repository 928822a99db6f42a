from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import tokens
from ..login import log_in
from ..models import Shop, User
from ..roles import Role, get_permissions
from .authentication import get_person
from .serializers import LoginInput, Me, RefreshInput, TokenOutput


class TokenView(APIView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(request=LoginInput, responses=TokenOutput)
    def post(self, request: Request) -> Response:
        credentials = LoginInput(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = log_in(request._request, **credentials.validated_data)
        return Response(TokenOutput(tokens.issue_tokens(user)).data)


class TokenRefreshView(APIView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(request=RefreshInput, responses=TokenOutput)
    def post(self, request: Request) -> Response:
        token = RefreshInput(data=request.data)
        token.is_valid(raise_exception=True)
        return Response(TokenOutput(tokens.refresh_tokens(token.validated_data["refresh"])).data)


class TokenRevokeView(APIView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(request=RefreshInput, responses={204: None})
    def post(self, request: Request) -> Response:
        token = RefreshInput(data=request.data)
        token.is_valid(raise_exception=True)
        tokens.revoke_token(token.validated_data["refresh"])
        return Response(status=204)


class MeView(APIView):
    @extend_schema(responses=Me)
    def get(self, request: Request) -> Response:
        user = get_person(request)
        return Response(
            {
                "id": user.public_id,
                "email": user.email,
                "role": user.role,
                "permissions": get_permissions(user.role),
                "scopes": [],
                "barber_id": user.barber_id_or_none,
                "shop_ids": _list_shop_ids(user),
                "environment": settings.ENVIRONMENT,
            }
        )


def _list_shop_ids(user: User) -> list[int]:
    shops = Shop.objects.order_by("id").values_list("id", flat=True)
    if user.role == Role.SHOP_OWNER:
        return list(shops.filter(owner=user))
    if user.role == Role.ENTERPRISE_OWNER:
        return list(shops.filter(enterprise__owner=user))
    if user.role == Role.BARBER:
        return list(shops.filter(barbers__user=user))
    return []
