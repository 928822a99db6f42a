from rest_framework import serializers

from bookedbarber.foundation.api.fields import StrictSerializer


class LoginInput(StrictSerializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=128, trim_whitespace=False)


class RefreshInput(StrictSerializer):
    refresh = serializers.CharField(max_length=4096)


class TokenOutput(serializers.Serializer):  # type: ignore[type-arg]
    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.CharField(default="Bearer")
    expires_in = serializers.IntegerField()
    scopes = serializers.ListField(child=serializers.CharField(), default=list)


class Me(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())
    scopes = serializers.ListField(child=serializers.CharField())
    barber_id = serializers.IntegerField(allow_null=True)
    shop_ids = serializers.ListField(child=serializers.IntegerField())
    environment = serializers.CharField()
