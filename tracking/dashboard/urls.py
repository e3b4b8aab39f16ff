"""Live fragments of the first page."""

from django.urls import path

from tracking.dashboard import views

app_name = "live"
urlpatterns = [
    path("progress/", views.progress, name="progress"),
    path("details/", views.details, name="details"),
    path("health/", views.health, name="health"),
    path("workers/", views.workers, name="workers"),
]
