"""Django settings. Every value that differs between places comes from `environment.VARIABLES`."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from boukii_migration import databases, environment
from boukii_migration.logging import configure
from boukii_migration.queue import broker

BASE_DIR = environment.BASE_DIR
_values = environment.load()
PRODUCTION = _values["BOUKII_ENV"] == "production"

SECRET_KEY = _values["SECRET_KEY"]
DEBUG = _values["DEBUG"]
ALLOWED_HOSTS = _values["ALLOWED_HOSTS"]
CSRF_TRUSTED_ORIGINS = _values["CSRF_TRUSTED_ORIGINS"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "import_export",
    "django_celery_results",
    "boukii_migration",
    "tracking",
    "entities",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "boukii_migration.urls"
WSGI_APPLICATION = "boukii_migration.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Databases: `default` is the panel's record, `legacy` is never written, `v5` is the target.
# The URLs stay available as text for whoever opens a connection of its own (demo, subprocesses).
DATABASE_URL = _values["DATABASE_URL"]
LEGACY_DATABASE_URL = _values["LEGACY_DATABASE_URL"]
V5_DATABASE_URL = _values["V5_DATABASE_URL"]
LEGACY_ADMIN_URL = _values["LEGACY_ADMIN_URL"]
DATABASES = {
    "default": databases.connection("default", DATABASE_URL),
    "legacy": databases.connection("legacy", LEGACY_DATABASE_URL),
    "v5": databases.connection("v5", V5_DATABASE_URL),
}
DATABASE_ROUTERS = ["boukii_migration.routers.DatabaseRouter"]

# Queue. The ledger in `default` is the truth; a message is only a nudge and may be lost or come twice.
CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = broker(
    _values["CELERY_BROKER_URL"], visibility_timeout=_values["CELERY_VISIBILITY_TIMEOUT"]
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_RESULT_BACKEND = "django-db"
# The ledger records successes; only a crash of a task itself is worth a row.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {"tick": {"task": "entities.tick", "schedule": 15.0, "options": {"expires": 15}}}
CELERY_BEAT_SCHEDULE_FILENAME = str(environment.VAR_DIR / "celerybeat-schedule")

IMAGE_ROOT = _values["IMAGE_ROOT"]
IMAGE_URL = _values["IMAGE_URL"]
FORECAST_ROOT = _values["FORECAST_ROOT"]
BACKUP_FOLDER = _values["BACKUP_FOLDER"]
RESTORE_TEST_URL = _values["RESTORE_TEST_URL"]
# Commands of the operator's own that a runbook calls; an empty one leaves the step to a person.
HOOKS = {
    name.removeprefix("HOOK_").lower(): value for name, value in _values.items() if name.startswith("HOOK_")
}
V5_COUNTRIES = _values["V5_COUNTRIES"]
LEGACY_APP_KEY = _values["LEGACY_APP_KEY"]
V5_APP_KEY = _values["V5_APP_KEY"]

# When the panel raises an alert; what each stands for is explained where it is declared.
ALERTS = {name: value for name, value in _values.items() if name.startswith("ALERT_")}
CHECK_TIMEOUT = _values["CHECK_TIMEOUT"]
STAGING_URL = _values["STAGING_URL"]
RECHECK_HOURS = _values["RECHECK_HOURS"]

TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
FORMAT_MODULE_PATH = ["boukii_migration.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = environment.VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# The embedded mode serves static files straight from the packages; production collects them first.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION

LOG_LEVEL = _values["LOG_LEVEL"]
LOGGING = configure(LOG_LEVEL, _values["LOG_FORMAT"])

UNFOLD = {
    "SITE_TITLE": _("Boukii migration"),
    "SITE_HEADER": _("Boukii migration"),
    "SITE_SUBHEADER": _("Legacy to V5"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("tracking/favicon.svg")}
    ],
    "SITE_ICON": lambda request: static("tracking/favicon.svg"),
    "STYLES": [lambda request: static("tracking/panel.css")],
    "SCRIPTS": [lambda request: static("tracking/panel.js"), lambda request: static("tracking/live.js")],
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "tracking.dashboard.views.dashboard",
    "COMMAND": {"search_callback": "entities.admin.trace.command"},
    "SIDEBAR": {
        "command_search": True,
        "show_search": True,
        "show_all_applications": False,
        "navigation": "tracking.admin.navigation.sidebar",
    },
}
