"""Pages of the panel that need the engine."""

from django.urls import path

from entities.admin import catalogue, quality, reconciliation, recovery, repair, trace

app_name = "engine"
urlpatterns = [
    path("trace/", trace.search_page, name="trace"),
    path("trace/<str:entity>/<int:legacy_id>/", trace.record_page, name="trace_record"),
    path("trace/<str:entity>/<int:legacy_id>/comparison/", trace.comparison_part, name="trace_comparison"),
    path("trace/<str:entity>/<int:legacy_id>/kin/", trace.kin_part, name="trace_kin"),
    path("catalogue/", catalogue.index, name="catalogue"),
    path("catalogue/codes/", catalogue.reason_codes, name="catalogue_codes"),
    path("catalogue/tables/", catalogue.coverage_page, name="catalogue_tables"),
    path("quality/", quality.index, name="quality"),
    path("quality/<int:wave>/<int:school>/", quality.school_page, name="quality_school"),
    path("quality/<int:wave>/<int:school>/<str:check>/", quality.keys_page, name="quality_keys"),
    path("quality/<int:wave>/<int:school>/<str:check>/sheet/", quality.sheet, name="quality_sheet"),
    path("reconciliation/", reconciliation.index, name="reconciliation"),
    path("reconciliation/<int:wave>/<int:school>/", reconciliation.school_page, name="reconciliation_school"),
    path("reconciliation/<int:wave>/<int:school>/classes/", reconciliation.class_lists, name="class_lists"),
    path(
        "reconciliation/<int:wave>/<int:school>/<str:entity>/<slug:outcome>/",
        reconciliation.rows_page,
        name="reconciliation_rows",
    ),
    path(
        "reconciliation/<int:wave>/<int:school>/figures.<slug:kind>",
        reconciliation.sheet,
        name="reconciliation_sheet",
    ),
    path("findings/<int:pk>/repair/", repair.page, name="repair"),
    path("health/", quality.health_page, name="health"),
    path("point-in-time/", recovery.point_in_time, name="point_in_time"),
    path("recovery/", recovery.check, name="recovery"),
    path("recovery/ask/", recovery.ask, name="recovery_ask"),
    path("catalogue/<slug:name>/", catalogue.migration_page, name="catalogue_migration"),
]
