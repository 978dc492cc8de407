"""``deliberate trace``: where each ballot's vote went, round by round, and the proof that the paths add up."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

from deliberate.cli.elections import label, read
from deliberate.cli.tally import OUT, given_for, lots_of, question_of
from deliberate.core import tally as counting
from deliberate.core.errors import DeliberateError
from deliberate.core.formats.every import FORMATS
from deliberate.core.ledger.canonical import exact
from deliberate.core.tally.registry import find
from deliberate.core.tally.trace import Path as Traced
from deliberate.core.tally.trace import adds_up
from deliberate.core.tally.trace import trace as traced
