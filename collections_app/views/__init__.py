"""Pages of barbers and owners."""
