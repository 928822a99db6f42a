"""Pages of barbers, owners and clients."""
