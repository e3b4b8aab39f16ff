"""Backups that are proven by restoring them, the way to a point in time, and what is looked at after a recovery."""
