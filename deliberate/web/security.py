"""Who asks: log-ins from a cookie, and the standing orders as the only law of permission. Default deny."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.session import JSONSerializer, SignedCookieSessionFactory
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from deliberate.core import orders
from deliberate.core.errors import Forbidden
from deliberate.models import Assembly, Login, Member, Person
from deliberate.services import languages, logins, standing
from deliberate.services.act import Act, now

# built once: these run with every request, and building a statement costs more than running it
BY_TOKEN = (
    select(Login)
    .options(joinedload(Login.person).joinedload(Person.members).joinedload(Member.roles))
    .where(Login.token_hash == bindparam("token"))
)
FIRST = select(Assembly).options(joinedload(Assembly.ledger)).order_by(Assembly.id).limit(1)


def includeme(config: Configurator) -> None:
    settings = config.registry["settings"]
    config.set_session_factory(
        SignedCookieSessionFactory(
            settings.secret,
            serializer=JSONSerializer(),
            cookie_name=cookie_name("flash", settings),
            secure=settings.secure,
            httponly=True,
            samesite="Lax",
            timeout=None,
            reissue_time=3600,
        )
    )
    config.set_default_csrf_options(require_csrf=True, check_origin=True)
    config.set_security_policy(Policy())
    config.set_locale_negotiator(language)
    for method in (login, person, member, assembly_id, assembly, act):
        config.add_request_method(method, method.__name__, reify=True)
    config.add_view_deriver(by_orders, name="by_orders", under="csrf_view")


def cookie_name(name: str, settings: Any) -> str:
    """``__Host-`` cookies can only be set by this very host over https."""
    return f"__Host-{name}" if settings.secure else name


class Policy:
    """Pyramid's security policy; what a person may do is decided by ``by_orders``, not by principals."""

    def identity(self, request: Request) -> Person | None:
        return request.person

    def authenticated_userid(self, request: Request) -> str | None:
        return request.person.public_id if request.person else None

    def permits(self, request: Request, context: Any, permission: str) -> bool:
        return request.act.can(permission, also=standing.words(request.act, context))

    def remember(self, request: Request, userid: str, **kw: Any) -> list[tuple[str, str]]:
        """Headers that set the cookie of a new log-in; ``userid`` is the token."""
        return _cookie(request, userid, max_age=int(logins.LIFE.total_seconds()))

    def forget(self, request: Request, **kw: Any) -> list[tuple[str, str]]:
        return _cookie(request, "", max_age=0)


def _cookie(request: Request, value: str, max_age: int) -> list[tuple[str, str]]:
    settings = request.registry["settings"]
    response = Response()
    response.set_cookie(
        cookie_name("login", settings),
        value,
        max_age=max_age,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="Lax",
    )
    return [("Set-Cookie", header) for header in response.headers.getall("Set-Cookie")]


def login(request: Request) -> Login | None:
    """The running log-in that the cookie names, if any."""
    token = request.cookies.get(cookie_name("login", request.registry["settings"]), "")
    if not token or len(token) > 100:
        return None
    found: Login | None = request.db.scalars(BY_TOKEN, {"token": logins.digest(token)}).unique().one_or_none()
    if found is None or not logins.runs(found, now()):
        return None
    if logins.idle(found):
        engine, login_id = request.registry["engine"], found.id
        request.add_finished_callback(
            lambda _request: logins.touch(engine, login_id)
        )  # after the page, in a transaction of its own
    return found


def person(request: Request) -> Person | None:
    return request.login.person if request.login else None


def assembly_id(request: Request) -> int | None:
    """The number of the assembly that the motion, poll or member in the address belongs to."""
    thing = getattr(request, "context", None)
    return getattr(thing, "assembly_id", None) or getattr(getattr(thing, "motion", None), "assembly_id", None)


def assembly(request: Request) -> Assembly | None:
    """The assembly that this page is about: that of the thing in its address, else the first of the installation."""
    wanted = request.assembly_id
    return (
        request.db.scalar(FIRST) if wanted is None else request.db.get(Assembly, wanted)
    )  # what the address names has brought it along


def language(request: Request) -> str:
    """The language of a page: the person's own, else what the browser asks for, else the assembly's.

    Only languages that are there are given; a name that somebody sends is never looked for among files.
    """
    known = languages.known()
    if len(known) == 1:
        return languages.SOURCE
    own = request.person.locale if request.person else None
    if own in known:
        return str(own)
    asked = request.accept_language.lookup(known, default="")
    return str(asked) or languages.of(None, request.assembly)


def member(request: Request) -> Member | None:
    """The person's row on the roll of this assembly."""
    if request.person is None or request.assembly is None:
        return None
    return next((one for one in request.person.members if one.assembly_id == request.assembly.id), None)


def act(request: Request) -> Act:
    """Who, when, in which transaction. Raises Forbidden before an assembly has been set up."""
    if request.assembly is None:
        raise Forbidden(
            "There is no assembly yet.",
            "This installation is empty.",
            "Run: deliberate demo, or deliberate init --assembly NAME --admin 'NAME <ADDRESS>'.",
            "assembly.none",
        )
    return Act(request.db, request.assembly, now(), request.member, request.person, request.registry["settings"].url)


def by_orders(view: Callable[..., Any], info: Any) -> Callable[..., Any]:
    """Every view of a route asks the standing orders for the route's act; a route without an act is refused."""
    if (
        info.exception_only or info.options.get("permission") == NO_PERMISSION_REQUIRED
    ):  # the latter: static files, and probes that work without an assembly
        return view

    def asked(context: Any, request: Request) -> Any:
        route = request.matched_route
        name = request.registry["acts"].get(route.name) if route is not None else None
        if name is None:
            raise Forbidden("This address is closed.", "No standing order opens it.", code="orders.route")
        orders.check(name, request.act.roles(standing.words(request.act, context)), _any_state(name))
        return view(context, request)

    return asked


def _any_state(name: str) -> str:
    """A state in which the rule applies: states are the services' business, roles are checked here."""
    rule = orders.BY_ACT.get(name)
    return rule.when[0] if rule and rule.when else ""
