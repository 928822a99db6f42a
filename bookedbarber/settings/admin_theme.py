"""How the operators' admin looks."""

UNFOLD = {
    "SITE_TITLE": "BookedBarber",
    "SITE_HEADER": "BookedBarber",
    "SITE_SYMBOL": "content_cut",
    "SHOW_HISTORY": False,
    "ENVIRONMENT": "bookedbarber.console.context_processors.describe_environment",
}
