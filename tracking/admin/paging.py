"""Lists of tables with millions of rows: counted up to a bound, and the rows of a page found by their keys."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList

MOST_COUNTED = 10_000
NEWEST_FIRST = ("-id",)
DEPTHS = (8_000, 80_000)  # keys, back from the newest


class MoreThan(int):
    """A count that was not taken to its end; reads as "more than n"."""

    def __str__(self) -> str:
        return str(_("more than %(n)s") % {"n": f"{int(self):,}"})


class BoundedPaginator(Paginator):
    """Counts at most 10,000 rows, so that a page of a table with millions costs no full COUNT(*).

    Rows behind that are reached by filter and search, which is how people look for them.
    """

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        found = rows.order_by().values("pk")[: MOST_COUNTED + 1].count()
        return MoreThan(MOST_COUNTED) if found > MOST_COUNTED else found

    def page(self, number: int | str) -> Page:
        """The rows of a page by their keys, which are found without the tables that are joined to show them."""
        rows: Any = self.object_list
        if not isinstance(rows, QuerySet):
            return super().page(number)
        number = self.validate_number(number)
        return self._get_page(rows.filter(pk__in=self._keys(rows, number)), number, self)

    def _keys(self, rows: QuerySet[Any], number: int) -> list[Any]:
        place = slice((number - 1) * self.per_page, number * self.per_page)
        if rows.query.order_by != NEWEST_FIRST:
            return list(rows.values_list("pk", flat=True)[place])
        if isinstance(self.count, MoreThan):
            return self._of_many(rows, place)
        # With an order and a limit a server walks through all rows from the newest on to find the few.
        return sorted(rows.order_by().values_list("pk", flat=True), reverse=True)[place]

    def _of_many(self, rows: QuerySet[Any], place: slice) -> list[Any]:
        """Among the newest rows first, then among more of them: else a server may sort all that fit."""
        newest = (
            rows.model._base_manager.using(rows.db).order_by("-pk").values_list("pk", flat=True).first() or 0
        )
        for depth in DEPTHS:
            found = list(rows.filter(pk__gt=newest - depth).values_list("pk", flat=True)[place])
            if len(found) == self.per_page:
                return found
        return list(rows.values_list("pk", flat=True)[place])


class BoundedChangeList(ChangeList):
    """A list that fits one page is read by its keys as well; its order is taken as it was declared.

    A key added to the order of an index would make the server sort what the index has in order.
    """

    def _get_deterministic_ordering(self, ordering: list[Any]) -> list[Any]:
        return list(dict.fromkeys(ordering))

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.multi_page:
            self.result_list = self.paginator.page(1).object_list
