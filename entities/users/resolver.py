"""What other aggregates may ask about people: their accounts' shared particulars, levels, notes and scope."""

from entities.users import activity, levels, notes, people
from entities.users.clusters import address_of
from entities.users.scope import any_of_them_where, people_where

__all__ = ["activity", "address_of", "any_of_them_where", "levels", "notes", "people", "people_where"]
