"""What other aggregates may ask about places: countries and provinces as text, and as V5's own numbers."""

from entities.reference import geography, v5_countries

__all__ = ["geography", "v5_countries"]
