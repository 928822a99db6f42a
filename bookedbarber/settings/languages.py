"""Languages and time: moments are UTC; days are the barber's."""

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["bookedbarber.formats"]
