"""The public list of projects as Django would serve it, on our own tables: ``gunicorn page_peer:application``."""

import importlib
import os
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE_SIZE, COUNT_MAX, BRANCH_LEVEL = 20, 1000, 2


def _settings() -> None:
    host, user, password, name = (os.environ[f"PEER_{key}"] for key in ("HOST", "USER", "PASSWORD", "NAME"))
    importlib.import_module("django.conf").settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "HOST": host,
                "USER": user,
                "PASSWORD": password,
                "NAME": name,
                "CONN_MAX_AGE": None,
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [HERE],
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        ROOT_URLCONF="page_peer",
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        ALLOWED_HOSTS=["127.0.0.1"],
        LANGUAGE_CODE="zh-hans",
        TIME_ZONE="Asia/Shanghai",
        USE_TZ=True,
        SECRET_KEY="bench",
        DEBUG=False,
    )
    importlib.import_module("django").setup()


def _table(models: Any, kind: str, table: str, /, **columns: Any) -> Any:
    meta = type("Meta", (), {"app_label": "peer", "db_table": table, "managed": False})
    key = {"id": models.UUIDField(primary_key=True)}
    return type(kind, (models.Model,), {"__module__": __name__, "Meta": meta, **key, **columns})


_settings()
_models = importlib.import_module("django.db.models")
_shortcuts = importlib.import_module("django.shortcuts")
_text, _far = _models.TextField, _models.DO_NOTHING
Organization = _table(_models, "Organization", "organization", short_name=_text(), pinyin=_text())
Edition = _table(_models, "Edition", "catalogue_version", state=_text())
Item = _table(
    _models, "Item", "catalogue_item", code=_text(), name=_text(), level=_models.IntegerField(),
    version=_models.ForeignKey(Edition, _far),
)  # fmt: skip
Project = _table(
    _models, "Project", "project", number=_text(), state=_text(), title=_text(), location=_text(),
    buyer=_models.ForeignKey(Organization, _far), catalogue_item=_models.ForeignKey(Item, _far),
    ceiling_fen=_models.BigIntegerField(), published_at=_models.DateTimeField(), bids_due_at=_models.DateTimeField(),
)  # fmt: skip


def listed(request: Any) -> Any:
    """The first page: its rows, how many there are, and the choices of the filters."""
    public = Project.objects.filter(published_at__isnull=False)
    rows = public.select_related("buyer", "catalogue_item").order_by("-published_at", "-id")[: PAGE_SIZE + 1]
    buyers = Organization.objects.filter(id__in=public.values("buyer_id")).order_by("pinyin", "id")
    branches = Item.objects.filter(version__state="published", level=BRANCH_LEVEL).order_by("code")
    facts = {
        "rows": list(rows)[:PAGE_SIZE],
        "total": public.values("id")[: COUNT_MAX + 1].count(),
        "buyers": list(buyers),
        "branches": list(branches),
    }
    return _shortcuts.render(request, "page_peer.html", facts)


urlpatterns = [importlib.import_module("django.urls").path("projects", listed)]
application = importlib.import_module("django.core.wsgi").get_wsgi_application()
