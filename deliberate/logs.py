"""Logs: one line for each event, UTC, without values of variables, so that no ballot and no secret ever stands in a traceback."""

from __future__ import annotations

import sys

import structlog


def configure(development: bool) -> None:
    """Set up structlog: readable lines for development, JSON for production."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if development:
        shared.append(structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback))
    else:
        shared += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=shared, logger_factory=structlog.PrintLoggerFactory(sys.stderr), cache_logger_on_first_use=False
    )
