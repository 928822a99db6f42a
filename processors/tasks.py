"""Jobs about processor accounts."""
