"""One settings file. What differs between machines comes from the environment:

DATABASE_URL          a PostgreSQL 15 to 18; without it the embedded cluster's address is used
HUANXIN_MODE          demo (default), test or production
HUANXIN_SECRET_KEY    Django's signing key        } in production both must be set, and not to
HUANXIN_MASTER_KEY    32 bytes in base64          } the development values below
HUANXIN_HOSTS         comma-separated host names, production only
HUANXIN_CITY          code of the city whose platform this is (default 371500)
HUANXIN_STATE         folder of the embedded cluster, evidence files, bank files and logs
HUANXIN_FILE_FOLDER   evidence files alone } production servers share one
HUANXIN_BANK_FOLDER   payment files alone  }
HUANXIN_GATEWAY_URL   where browsers reach the flash claim; `huanxin serve` sets it
HUANXIN_BUDGET_ALONE_FEN  what one officer sends down to a region in a day alone, in fen (default
                      10 million yuan); from that on a second one decides
HUANXIN_WEBHOOK_NETWORKS  private networks that webhooks may lead into; none by default, in the demo
                          this machine, so that a receiver can be tried
HUANXIN_METRICS_NETWORKS  networks that may read /metrics beside this machine; none by default
HUANXIN_TRUSTED_PROXIES  networks whose X-Forwarded-For the gateway believes: "10.0.0.0/8, ::1"
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from huanxin.project.database import database_settings
from huanxin.project.state import state_folder

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = Path(__file__).resolve().parents[1]

STATE_FOLDER = state_folder()  # what belongs to this installation beside the database
HUANXIN_FILE_FOLDER = os.environ.get("HUANXIN_FILE_FOLDER", STATE_FOLDER / "files")
HUANXIN_BANK_FOLDER = os.environ.get("HUANXIN_BANK_FOLDER", STATE_FOLDER / "bank")

MODE = os.environ.get("HUANXIN_MODE", "demo")
PRODUCTION = MODE == "production"
DEBUG = False

_DEVELOPMENT_KEY = "development-only-key-never-for-production-0123456789"
_DEVELOPMENT_MASTER = "ZGV2ZWxvcG1lbnQtb25seS1tYXN0ZXIta2V5LTAwMDE="
SECRET_KEY = os.environ.get("HUANXIN_SECRET_KEY", _DEVELOPMENT_KEY)
HUANXIN_MASTER_KEY = os.environ.get("HUANXIN_MASTER_KEY", _DEVELOPMENT_MASTER)
if PRODUCTION and (_DEVELOPMENT_KEY == SECRET_KEY or _DEVELOPMENT_MASTER == HUANXIN_MASTER_KEY):
    raise ImproperlyConfigured(
        "生产模式必须设置 HUANXIN_SECRET_KEY 与 HUANXIN_MASTER_KEY（32 字节 base64），"
        "不能使用开发默认值。"
    )
ALLOWED_HOSTS = os.environ.get("HUANXIN_HOSTS", "").split(",") if PRODUCTION else ["*"]

HUANXIN_GATEWAY_URL = os.environ.get("HUANXIN_GATEWAY_URL", "http://127.0.0.1:8001")

HUANXIN_WEBHOOK_NETWORKS = os.environ.get(
    "HUANXIN_WEBHOOK_NETWORKS", "127.0.0.0/8, ::1" if MODE == "demo" else ""
)
HUANXIN_METRICS_NETWORKS = os.environ.get("HUANXIN_METRICS_NETWORKS", "")
HUANXIN_TRUSTED_PROXIES = os.environ.get("HUANXIN_TRUSTED_PROXIES", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    *(
        f"huanxin.{room}"
        for room in (
            "kernel", "identity", "catalogue", "ledger", "trace", "policy", "vouchers",
            "recycling", "claims", "settlement", "indicators", "outreach", "supervision",
            "exchange", "web", "api",
        )
    ),
]  # fmt: skip
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "huanxin.web.language.chosen_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "huanxin.web.headers.security_headers",
    "huanxin.web.problems.ProblemMiddleware",
    "huanxin.api.limits.rate_headers",
]
ROOT_URLCONF = "huanxin.project.urls"
WSGI_APPLICATION = "huanxin.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "huanxin.web.context.shell",
            ],
        },
    }
]

DATABASES = {"default": database_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "identity.Account"
LOGIN_URL = "/login"
CSRF_FAILURE_VIEW = "huanxin.web.problems.csrf_failure"
HUANXIN_CITY = os.environ.get("HUANXIN_CITY", "371500")
HUANXIN_BUDGET_ALONE_FEN = int(os.environ.get("HUANXIN_BUDGET_ALONE_FEN", "1000000000"))
HUANXIN_DEMO = "huanxin.simulation.selectors"  # who names the ready accounts of a demonstration
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
USE_I18N = True
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "web" / "locale", PACKAGE / "project" / "locale"]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # served straight from the source folders; no collectstatic step
WHITENOISE_AUTOREFRESH = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"huanxin": {"level": "INFO"}},
}
