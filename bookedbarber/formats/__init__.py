"""How moments and days look where no template says it."""
