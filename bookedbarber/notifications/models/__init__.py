from .outgoing_mails import OutgoingMail

__all__ = ["OutgoingMail"]
