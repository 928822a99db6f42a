"""Steps of `record_movements`."""
