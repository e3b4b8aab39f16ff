"""Addresses: the panel under /admin/, a health probe, the choice of language."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView


def alive(request: HttpRequest) -> HttpResponse:
    """Answers as long as the web process lives; says nothing about databases or workers."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/live/", include("tracking.dashboard.urls")),
    path("admin/", include("entities.admin.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("alive/", alive, name="alive"),
]
