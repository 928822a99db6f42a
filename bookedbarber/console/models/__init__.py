from .timetable_entries import TimetableEntry

__all__ = ["TimetableEntry"]
