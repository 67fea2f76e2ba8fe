"""The settings of the peer; its database comes from the environment."""

import os
from urllib.parse import parse_qs, urlsplit

_url = urlsplit(os.environ["CAIRN_DATABASE_URL"])
SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "simple_history",
    "django_answers",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
MIGRATION_MODULES = {"auth": None, "contenttypes": None}
ROOT_URLCONF = "django_answers.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "django_answers",
        "USER": _url.username,
        "PASSWORD": _url.password,
        "HOST": _url.hostname or parse_qs(_url.query)["host"][0],
        "PORT": _url.port or "",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
SIMPLE_HISTORY_HISTORY_CHANGE_USE_TEXT_FIELD = True
