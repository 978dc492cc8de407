"""An assembly with a few people, and what tests of motions do again and again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from deliberate.core.drafting import clauses
from deliberate.models import Amendment, Assembly, Comment, Member, Motion
from deliberate.services import amendments, motions, versions
from deliberate.services.motions import Writing
from tests.makers import make_act, make_assembly, make_member

TEXT = Writing("Warm homes", "The reserve pays 500 euro for roofs.\n\nThe board reports yearly.", "Because it is cold.")
PEOPLE = {"Ada": (), "Bo": (), "Cy": (), "Di": (), "Carla": ("chair",), "Mo": ("moderator",)}


class Hall:
    """An assembly in which three supporters are enough."""

    def __init__(self, engine):
        self.engine = engine
        with Session(engine, expire_on_commit=False) as db, db.begin():
            self.assembly = make_assembly(db, standing={"support_count": 3})
            self.people = {name: make_member(db, self.assembly, name, roles) for name, roles in PEOPLE.items()}

    def act(self, db, name, at=None):
        member = db.get_one(Member, self.people[name].id) if name else None
        return make_act(db, db.get_one(Assembly, self.assembly.id), member, at)

    def do(self, name, what, at=None):
        """One act of somebody in a transaction of its own."""
        with Session(self.engine, expire_on_commit=False) as db, db.begin():
            return what(self.act(db, name, at))

    def see(self, what):
        """Look at something without changing it."""
        with Session(self.engine, expire_on_commit=False) as db:
            return what(db)

    def motion(self, state="submitted", written=TEXT):
        made = self.do("Ada", lambda act: motions.propose(act, written))
        if state != "submitted":
            self.do("Ada", lambda act: setattr(act.db.get_one(Motion, made.id), "state", state))
        return made.id

    def get(self, db, motion_id):
        return db.get_one(Motion, motion_id)

    def amendment(self, db, made):
        return db.get_one(Amendment, made.id)

    def comment(self, db, made):
        return db.get_one(Comment, made.id)

    def amend(self, motion_id, who, changed, added=None, seq=None, key=""):
        """An amendment; seq: the version that it is written against, else the newest."""

        def run(act):
            motion = self.get(act.db, motion_id)
            base = versions.version(motion, seq) if seq else versions.latest(act.db, motion)
            text = amendments.edited(clauses.from_json(base.clauses), changed, added or {})
            return amendments.submit(act, motion, base, text, "Why", key)

        return self.do(who, run)

    def rewrite(self, motion_id, who, text, seen, title="Warm homes"):
        """A new version by a mover."""
        written = Writing(title, text, "Because it is cold.")
        return self.do(who, lambda act: motions.edit(act, self.get(act.db, motion_id), written, seen))

    def text(self, motion_id):
        """The paragraphs of the newest version."""
        return self.see(lambda db: [c.text for c in versions.parts(versions.latest(db, self.get(db, motion_id))).text])
