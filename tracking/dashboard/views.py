"""The dashboard and its live fragments."""

from django.http import HttpRequest, HttpResponse


def dashboard(request: HttpRequest, context: dict) -> dict:
    return context


def progress(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError("being written")


health = workers = progress
