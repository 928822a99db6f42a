"""Django reads these names: https://docs.djangoproject.com/en/5.2/ref/settings/#format-module-path."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
# With the zone: the admin shows UTC, the barbers' pages their own.
DATETIME_FORMAT = "j M Y, H:i:s e"
