"""Pages about processor accounts; the webhook door will stand here."""
