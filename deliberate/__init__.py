"""Deliberate: motions, amendments, ranked ballots and records that anyone can verify."""

from __future__ import annotations

import warnings
from typing import Any

warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)  # Pyramid's; nobody who starts a server can act on it

__version__ = "0.1.0"


def main(global_config: Any, **raw: Any) -> Any:
    """The Pyramid application. Settings come from the INI file and the environment (``deliberate.settings``)."""
    from pyramid.config import Configurator

    from deliberate import logs, settings

    mine = settings.load(raw)
    logs.configure(mine.development)
    config = Configurator(
        settings={
            "tm.manager_hook": "pyramid_tm.explicit_manager",
            "tm.commit_veto": "deliberate.web.database.veto",
            "tm.annotate_user": False,  # it would open the session before the route, and so its kind, is known
            "retry.attempts": 3,
            "jinja2.undefined": "strict",
            "jinja2.trim_blocks": "true",
            "jinja2.lstrip_blocks": "true",
            "jinja2.i18n.domain": "deliberate",
            "jinja2.newstyle": "true",
            **{key: value for key, value in raw.items() if not key.startswith(settings.PREFIX)},
        }
    )
    config.registry["settings"] = mine
    for part in ("pyramid_jinja2", "pyramid_retry", "pyramid_tm"):
        config.include(part)
    for part in ("database", "security", "headers", "templates", "errors", "routes"):
        config.include(f"deliberate.web.{part}")
    config.scan("deliberate.web.views")
    return config.make_wsgi_app()
