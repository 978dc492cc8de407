"""Tables. Importing this package knows them all."""

from deliberate.models.amendment import Amendment, AmendmentText
from deliberate.models.assembly import Assembly
from deliberate.models.busy import is_busy, is_locked, is_lost
from deliberate.models.debate import Comment, CommentVersion, Follow, Mention, Report
from deliberate.models.ledger import Checkpoint, Cursor, Ledger, LedgerEntry, Pending
from deliberate.models.member import Invitation, Login, MailLink, Member, Person, Role, RollImport
from deliberate.models.meta import Base, engine, public_id, reader
from deliberate.models.motion import Draft, Motion, Mover, Support, Version
from deliberate.models.outbox import OutboxMessage
from deliberate.models.poll import Option, Participation, Poll, RollEntry
from deliberate.models.search import SearchDocument

__all__ = [
    "Amendment",
    "AmendmentText",
    "Assembly",
    "Base",
    "Checkpoint",
    "Comment",
    "CommentVersion",
    "Cursor",
    "Draft",
    "Follow",
    "Invitation",
    "Ledger",
    "LedgerEntry",
    "Login",
    "MailLink",
    "Member",
    "Mention",
    "Motion",
    "Mover",
    "Option",
    "OutboxMessage",
    "Participation",
    "Pending",
    "Person",
    "Poll",
    "Report",
    "Role",
    "RollEntry",
    "RollImport",
    "SearchDocument",
    "Support",
    "Version",
    "engine",
    "is_busy",
    "is_locked",
    "is_lost",
    "public_id",
    "reader",
]
