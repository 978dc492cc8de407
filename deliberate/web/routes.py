"""Every address on one page: name, pattern, the act that the standing orders must allow, and what it is about.

GET never writes. A route that only reads even on POST (``reads``) leaves its writing to another transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from deliberate.web import contexts


@dataclass(frozen=True)
class Route:
    """One address. ``about`` loads the thing that the address names, or raises NotFound."""

    name: str
    pattern: str
    act: str
    about: Callable[[Request], Any] | None = None
    reads: bool = False


# one line for each, so that the table can be read as one
# fmt: off
ROUTES: tuple[Route, ...] = (
    # the house
    Route("home", "/", "site.read"),
    Route("search", "/search", "site.read"),
    Route("seen", "/seen", "person.self"),
    Route("begun", "/begun", "assembly.begin"),
    Route("help", "/help", "site.read"),
    Route("accessibility", "/accessibility", "site.read"),
    Route("place", "/{place:ideas|meet|act}", "site.read"),
    Route("parts", "/parts", "site.develop"),
    Route("outbox", "/outbox", "site.develop"),
    Route("health", "/healthz", "site.read"),
    Route("ready", "/readyz", "site.read"),
    Route("metrics", "/metrics", "site.read"),
    # people
    Route("log_in", "/login", "person.enter", reads=True),
    Route("log_in.link", "/login/{token}", "person.enter", reads=True),
    Route("password.link", "/password/{token}", "person.enter", reads=True),
    Route("log_out", "/logout", "person.enter"),
    Route("invitation", "/invitation/{token}", "person.enter", reads=True),
    Route("me", "/me", "person.self"),
    Route("me.password", "/me/password", "person.self", reads=True),
    Route("me.login.end", "/me/logins/{login}/end", "person.self"),
    Route("members", "/members", "member.list"),
    Route("members.new", "/members/new", "member.change"),
    Route("members.csv", "/members.csv", "member.import"),
    Route("members.invite", "/members/invite", "member.invite", reads=True),
    Route("members.import", "/members/import", "member.import"),
    Route("members.import.one", "/members/import/{import}", "member.import", reads=True),
    Route("member", "/members/{member}", "member.list", contexts.member),
    Route("member.edit", "/members/{member}/edit", "member.change", contexts.member),
    Route("member.end", "/members/{member}/end", "member.change", contexts.member),
    Route("member.invite", "/members/{member}/invite", "member.invite", contexts.member),
    Route("member.role", "/members/{member}/roles", "role.grant", contexts.member),
    Route("member.role.end", "/members/{member}/roles/{role}/end", "role.grant", contexts.member),
    # rules
    Route("orders", "/orders", "site.read"),
    Route("orders.why", "/orders/why", "site.read"),
    Route("orders.edit", "/orders/edit", "orders.change"),
    # record
    Route("record", "/record", "record.read"),
    Route("record.entry", "/record/{idx:[0-9]+}", "record.read"),
    Route("record.checkpoint", "/record/checkpoint", "record.read"),
    Route("moderation", "/moderation", "record.read"),
    # motions
    Route("motions", "/motions", "site.read"),
    Route("motion.new", "/motions/new", "motion.draft"),
    Route("motion.draft", "/drafts/{draft}", "motion.draft", contexts.draft),
    Route("motion.autosave", "/drafts", "motion.draft"),
    Route("motion.preview", "/motions/preview", "motion.draft", reads=True),
    Route("motion", "/motions/{motion}", "site.read", contexts.motion),
    Route("motion.edit", "/motions/{motion}/edit", "motion.edit", contexts.motion),
    Route("motion.versions", "/motions/{motion}/versions", "site.read", contexts.motion),
    Route("motion.support", "/motions/{motion}/support", "motion.support", contexts.motion),
    Route("motion.mover", "/motions/{motion}/movers", "motion.comove", contexts.motion),
    Route("motion.answer", "/motions/{motion}/movers/answer", "motion.answer", contexts.motion),
    Route("motion.admit", "/motions/{motion}/admit", "motion.admit", contexts.motion),
    Route("motion.fix", "/motions/{motion}/fix", "motion.fix", contexts.motion),
    Route("motion.unfix", "/motions/{motion}/unfix", "motion.unfix", contexts.motion),
    Route("motion.refer", "/motions/{motion}/refer", "motion.refer", contexts.motion),
    Route("motion.withdraw", "/motions/{motion}/withdraw", "motion.withdraw", contexts.motion),
    Route("motion.follow", "/motions/{motion}/follow", "debate.follow", contexts.motion),
    Route("motion.say", "/motions/{motion}/debate", "debate.say", contexts.motion),
    # amendments
    Route("amendment.new", "/motions/{motion}/amendments/new", "amendment.submit", contexts.motion),
    Route("amendment.preview", "/motions/{motion}/amendments/preview", "amendment.submit", contexts.motion, reads=True),
    Route("amendment", "/amendments/{amendment}", "site.read", contexts.amendment),
    Route("amendment.reword", "/amendments/{amendment}/reword", "amendment.reword", contexts.amendment),
    Route("amendment.accept", "/amendments/{amendment}/accept", "amendment.accept", contexts.amendment),
    Route("amendment.withdraw", "/amendments/{amendment}/withdraw", "amendment.withdraw", contexts.amendment),
    Route("amendment.follow", "/amendments/{amendment}/follow", "debate.follow", contexts.amendment),
    Route("amendment.say", "/amendments/{amendment}/debate", "debate.say", contexts.amendment),
    # debate
    Route("comment.answer", "/debate/{comment}/answer", "debate.say", contexts.comment),
    Route("comment.edit", "/debate/{comment}/edit", "debate.edit", contexts.comment),
    Route("comment.history", "/debate/{comment}", "site.read", contexts.comment),
    Route("comment.report", "/debate/{comment}/report", "debate.report", contexts.comment),
    Route("comment.hide", "/debate/{comment}/hide", "debate.hide", contexts.comment),
    # polls
    Route("polls", "/polls", "site.read"),
    Route("archive", "/archive", "site.read"),
    Route("count", "/count", "file.count", reads=True),
    Route("poll.new", "/polls/new", "poll.prepare"),
    Route("poll", "/polls/{poll:[^/.]+}", "site.read", contexts.poll),
    Route("poll.json", "/polls/{poll}.json", "site.read", contexts.poll),
    Route("poll.edit", "/polls/{poll}/edit", "poll.edit", contexts.poll),
    Route("poll.open", "/polls/{poll}/open", "poll.open", contexts.poll),
    Route("poll.ballot", "/polls/{poll}/ballot", "poll.cast", contexts.poll, reads=True),
    Route("poll.review", "/polls/{poll}/review", "poll.cast", contexts.poll, reads=True),
    Route("poll.receipt", "/polls/{poll}/receipts/{leaf:[^/.]+}", "site.read", contexts.poll),
    Route("poll.receipt.file", "/polls/{poll}/receipts/{leaf}.{kind}", "site.read", contexts.poll),
    Route("poll.check", "/polls/{poll}/check", "site.read", contexts.poll, reads=True),
    Route("poll.close", "/polls/{poll}/close", "poll.close", contexts.poll),
    Route("poll.tally", "/polls/{poll}/tally", "poll.tally", contexts.poll, reads=True),
    Route("poll.draw", "/polls/{poll}/lot", "poll.draw", contexts.poll),
    Route("poll.publish", "/polls/{poll}/publish", "poll.publish", contexts.poll),
    Route("poll.void", "/polls/{poll}/void", "poll.void", contexts.poll),
    Route("poll.rules", "/polls/{poll}/rules", "site.read", contexts.poll),
    Route("poll.record", "/polls/{poll}/record", "record.read", contexts.poll),
    Route("poll.package", "/polls/{poll}/record.zip", "record.read", contexts.poll),
    Route("poll.record.file", "/polls/{poll}/record/{path:.+}", "record.read", contexts.poll),
    Route("poll.screen", "/polls/{poll}/screen", "site.read", contexts.poll),
)
# fmt: on


def includeme(config: Configurator) -> None:
    for route in ROUTES:
        config.add_route(route.name, route.pattern, **({"factory": route.about} if route.about else {}))
    config.registry["acts"] = {route.name: route.act for route in ROUTES}
    config.registry["reading routes"] = frozenset(route.name for route in ROUTES if route.reads)
