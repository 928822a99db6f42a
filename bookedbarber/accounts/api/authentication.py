"""Who sends an API request."""

from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.tokens import Token

from ..models import User
from ..queries.people import find_person
from ..tokens import is_of_present_password


def get_person(request: Request) -> User:
    """Who sends the request.

    :raises NotAuthenticated: nobody is logged in; a route without a login has no person.
    """
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


class TokenAuthentication(JWTAuthentication):
    """Bearer tokens; one statement reads the person and, where he is one, the barber."""

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]
        subject = validated_token.get("sub")
        user = find_person(str(subject))
        if user is None or not user.is_active:
            raise InvalidToken("This account is not active")
        if not is_of_present_password(validated_token, user):
            raise InvalidToken("The password was changed; log in again")
        return user
