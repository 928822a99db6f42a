"""The steps of a sync: the lock, reading pages, storing them, what follows from them."""
