"""Who takes the money, and when what is owed is collected: what a configuration may say."""

from django.db import models


class Mode(models.TextChoices):
    """Who takes the client's money."""

    CENTRALIZED = "centralized"
    DECENTRALIZED = "decentralized"
    HYBRID = "hybrid"


class Decision(models.TextChoices):
    """Where one payment goes."""

    CENTRALIZED = "centralized"
    EXTERNAL = "external"
    FALLBACK = "fallback"
    SPLIT = "split"


class CollectionFrequency(models.TextChoices):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class ClientPreference(models.TextChoices):
    PLATFORM = "platform"
    EXTERNAL = "external"
