"""Settings. Everything an administrator may set comes from the environment; see docs/admin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from relance import __version__
from relance.site import environment

PACKAGE = Path(__file__).resolve().parent.parent
DATA = environment.folder("RELANCE_DATA", "~/.local/share/relance")

VERSION = __version__
DEBUG = environment.is_on("RELANCE_DEBUG")
SECRETS_FILE = environment.text("RELANCE_SECRETS_FILE", str(DATA / "secrets.key"))
SECRET_KEY = environment.signing_key(DATA)
ALLOWED_HOSTS = environment.names("RELANCE_HOSTS", "localhost,127.0.0.1,[::1]")
BASE_URL = environment.base_url()
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL else []
_SECURE = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "relance.jobs",
    "relance.live",
    "relance.users",
    "relance.addresses",
    "relance.files",
    "relance.journal",
    "relance.notices",
    "relance.criteria",
    "relance.writing",
    "relance.mail",
    "relance.crm",
    "relance.inbox",
    "relance.web",
    "relance.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "relance.web.preferences.middleware.PreferencesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]

ROOT_URLCONF = "relance.site.urls"
ASGI_APPLICATION = "relance.site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "relance.web.shell.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "relance.web.templatetags.relance",
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    database = environment.database(DATA)
    if "sqlite" in database["ENGINE"]:
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                "PRAGMA cache_size=-16000; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
                "PRAGMA journal_size_limit=67108864; PRAGMA wal_autocheckpoint=8000;"
            ),
        }
        database.setdefault("TEST", {})["NAME"] = str(DATA / "test.sqlite3")
    else:
        database["CONN_HEALTH_CHECKS"] = True
    return database


DATABASES = {"default": _database()}
AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "users:login"
LOGIN_REDIRECT_URL = "inbox:columns"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "relance_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
CSRF_COOKIE_NAME = "relance_csrf"
CSRF_FAILURE_VIEW = "relance.web.shell.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if _SECURE else 0
if environment.is_on("RELANCE_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "SAMEORIGIN"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "relance_language"
LOCALE_PATHS = [PACKAGE / "locale"]
USE_THOUSAND_SEPARATOR = False  # it would also cut ids; counts say `|number`

STATIC_URL = "/static/"
STATIC_ROOT = environment.folder("RELANCE_STATIC_ROOT", str(DATA / "static"), mode=0o755)
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60 * 60 * 24 * 365
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA / "files"), "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

JOBS_FILE = str(DATA / "jobs.sqlite3")
RAW_IN_DATABASE_UP_TO = 1_000_000  # bytes; a larger source is a file
MESSAGE_FETCHED_WHOLE_UP_TO = 10_000_000  # bytes; above, headers now and the rest on demand

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": environment.log_level("WARNING")},
    "loggers": {"relance": {"level": environment.log_level("INFO")}},
}
