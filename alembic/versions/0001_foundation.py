"""The foundation: assemblies, members, motions, amendments, debate, polls, ledgers, outbox, search.

Revision ID: 0001
Revises: 
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Json = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def guards(dialect):
    """Append-only tables refuse change: a guard against mistakes, not against those who run the database."""
    if dialect == "sqlite":
        for table in ("entry", "checkpoint"):
            for verb in ("UPDATE", "DELETE"):
                yield (f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                       f"BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END")
        yield ("CREATE VIRTUAL TABLE search_fts USING fts5(title, body, content='search_document', content_rowid='id', "
               "tokenize='unicode61 remove_diacritics 2')")
        add = "INSERT INTO search_fts(rowid, title, body) VALUES (new.id, new.title, new.body);"
        drop = "INSERT INTO search_fts(search_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);"
        yield f"CREATE TRIGGER search_added AFTER INSERT ON search_document BEGIN {add} END"
        yield f"CREATE TRIGGER search_dropped AFTER DELETE ON search_document BEGIN {drop} END"
        yield f"CREATE TRIGGER search_changed AFTER UPDATE ON search_document BEGIN {drop} {add} END"
        return
    yield ("CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
           "$$ BEGIN RAISE EXCEPTION 'a ledger is append-only'; END $$")
    for table in ("entry", "checkpoint"):
        yield (f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
               f"FOR EACH ROW EXECUTE FUNCTION append_only()")
    yield ("CREATE INDEX ix_search_document_words ON search_document USING gin "
           "((setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B')))")


def upgrade() -> None:
    op.create_table('ledger',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('origin', sa.String(length=300), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('frontier', sa.LargeBinary(), nullable=False),
    sa.Column('last', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger')),
    sa.UniqueConstraint('origin', name=op.f('uq_ledger_origin'))
    )
    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('password', sa.String(length=200), nullable=True),
    sa.Column('timezone', sa.String(length=60), nullable=True),
    sa.Column('locale', sa.String(length=12), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('email', name=op.f('uq_person_email')),
    sa.UniqueConstraint('public_id', name=op.f('uq_person_public_id'))
    )
    op.create_table('assembly',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('timezone', sa.String(length=60), nullable=False),
    sa.Column('locale', sa.String(length=12), nullable=False),
    sa.Column('orders', Json, nullable=False),
    sa.Column('ledger_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ledger_id'], ['ledger.id'], name=op.f('fk_assembly_ledger_id_ledger')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assembly')),
    sa.UniqueConstraint('public_id', name=op.f('uq_assembly_public_id')),
    sa.UniqueConstraint('slug', name=op.f('uq_assembly_slug'))
    )
    op.create_table('checkpoint',
    sa.Column('ledger_id', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['ledger_id'], ['ledger.id'], name=op.f('fk_checkpoint_ledger_id_ledger')),
    sa.PrimaryKeyConstraint('ledger_id', 'size', name=op.f('pk_checkpoint')),
    sqlite_with_rowid=False
    )
    op.create_table('cursor',
    sa.Column('reader', sa.String(length=60), nullable=False),
    sa.Column('ledger_id', sa.Integer(), nullable=False),
    sa.Column('idx', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['ledger_id'], ['ledger.id'], name=op.f('fk_cursor_ledger_id_ledger')),
    sa.PrimaryKeyConstraint('reader', 'ledger_id', name=op.f('pk_cursor'))
    )
    op.create_table('entry',
    sa.Column('ledger_id', sa.Integer(), nullable=False),
    sa.Column('idx', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['ledger_id'], ['ledger.id'], name=op.f('fk_entry_ledger_id_ledger')),
    sa.PrimaryKeyConstraint('ledger_id', 'idx', name=op.f('pk_entry')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_entry_hash', 'entry', ['ledger_id', 'hash'], unique=False)
    op.create_index('ix_entry_subject', 'entry', ['ledger_id', 'subject', 'idx'], unique=False)
    op.create_table('login',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('method', sa.String(length=20), nullable=False),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_login_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login')),
    sa.UniqueConstraint('public_id', name=op.f('uq_login_public_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_login_token_hash'))
    )
    op.create_index(op.f('ix_login_person_id'), 'login', ['person_id'], unique=False)
    op.create_table('mail_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_mail_link_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_mail_link_token_hash'))
    )
    op.create_index(op.f('ix_mail_link_person_id'), 'mail_link', ['person_id'], unique=False)
    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('to', sa.String(length=254), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('failure', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_outbox_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('public_id', name=op.f('uq_outbox_public_id'))
    )
    op.create_index(op.f('ix_outbox_person_id'), 'outbox', ['person_id'], unique=False)
    op.create_table('pending',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('ledger_id', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('replaced', sa.Boolean(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['ledger_id'], ['ledger.id'], name=op.f('fk_pending_ledger_id_ledger')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_pending')),
    sqlite_with_rowid=False
    )
    op.create_index(op.f('ix_pending_ledger_id'), 'pending', ['ledger_id'], unique=False)
    op.create_table('member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('assembly_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('section', sa.String(length=120), nullable=False),
    sa.Column('weight', sa.String(64), nullable=False),
    sa.Column('entitled', sa.Boolean(), nullable=False),
    sa.Column('joined_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('salt', sa.LargeBinary(length=32), nullable=False),
    sa.Column('commitment', sa.String(length=64), nullable=False),
    sa.Column('looked_from', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['assembly_id'], ['assembly.id'], name=op.f('fk_member_assembly_id_assembly')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_member_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member')),
    sa.UniqueConstraint('assembly_id', 'email', name=op.f('uq_member_assembly_id_email')),
    sa.UniqueConstraint('assembly_id', 'number', name=op.f('uq_member_assembly_id_number')),
    sa.UniqueConstraint('commitment', name=op.f('uq_member_commitment')),
    sa.UniqueConstraint('public_id', name=op.f('uq_member_public_id'))
    )
    op.create_index(op.f('ix_member_assembly_id'), 'member', ['assembly_id'], unique=False)
    op.create_index(op.f('ix_member_person_id'), 'member', ['person_id'], unique=False)
    op.create_table('search_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assembly_id', sa.Integer(), nullable=False),
    sa.Column('subject_kind', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.String(length=26), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['assembly_id'], ['assembly.id'], name=op.f('fk_search_document_assembly_id_assembly')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_document')),
    sa.UniqueConstraint('subject_kind', 'subject_id', name=op.f('uq_search_document_subject_kind_subject_id'))
    )
    op.create_index(op.f('ix_search_document_assembly_id'), 'search_document', ['assembly_id'], unique=False)
    op.create_table('comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('assembly_id', sa.Integer(), nullable=False),
    sa.Column('subject_kind', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.String(length=26), nullable=False),
    sa.Column('clause', sa.String(length=40), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(length=10), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_reason', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assembly_id'], ['assembly.id'], name=op.f('fk_comment_assembly_id_assembly')),
    sa.ForeignKeyConstraint(['author_id'], ['member.id'], name=op.f('fk_comment_author_id_member')),
    sa.ForeignKeyConstraint(['parent_id'], ['comment.id'], name=op.f('fk_comment_parent_id_comment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment')),
    sa.UniqueConstraint('public_id', name=op.f('uq_comment_public_id'))
    )
    op.create_index(op.f('ix_comment_assembly_id'), 'comment', ['assembly_id'], unique=False)
    op.create_index(op.f('ix_comment_author_id'), 'comment', ['author_id'], unique=False)
    op.create_index(op.f('ix_comment_parent_id'), 'comment', ['parent_id'], unique=False)
    op.create_index('ix_comment_subject', 'comment', ['subject_kind', 'subject_id', 'created_at'], unique=False)
    op.create_table('draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('content', Json, nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_draft_member_id_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft')),
    sa.UniqueConstraint('public_id', name=op.f('uq_draft_public_id'))
    )
    op.create_index(op.f('ix_draft_member_id'), 'draft', ['member_id'], unique=False)
    op.create_table('follow',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('subject_kind', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.String(length=26), nullable=False),
    sa.Column('level', sa.String(length=10), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_follow_member_id_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow')),
    sa.UniqueConstraint('member_id', 'subject_kind', 'subject_id', name=op.f('uq_follow_member_id_subject_kind_subject_id'))
    )
    op.create_index(op.f('ix_follow_member_id'), 'follow', ['member_id'], unique=False)
    op.create_index('ix_follow_subject', 'follow', ['subject_kind', 'subject_id'], unique=False)
    op.create_table('invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_invitation_member_id_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitation_token_hash'))
    )
    op.create_index(op.f('ix_invitation_member_id'), 'invitation', ['member_id'], unique=False)
    op.create_table('motion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('assembly_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=True),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('outcome_reason', sa.String(length=300), nullable=False),
    sa.Column('mover_id', sa.Integer(), nullable=False),
    sa.Column('rules', Json, nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_reason', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assembly_id'], ['assembly.id'], name=op.f('fk_motion_assembly_id_assembly')),
    sa.ForeignKeyConstraint(['mover_id'], ['member.id'], name=op.f('fk_motion_mover_id_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_motion')),
    sa.UniqueConstraint('assembly_id', 'number', name=op.f('uq_motion_assembly_id_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_motion_public_id'))
    )
    op.create_index(op.f('ix_motion_assembly_id'), 'motion', ['assembly_id'], unique=False)
    op.create_index(op.f('ix_motion_mover_id'), 'motion', ['mover_id'], unique=False)
    op.create_index(op.f('ix_motion_state'), 'motion', ['state'], unique=False)
    op.create_table('role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('granted_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['granted_by_id'], ['member.id'], name=op.f('fk_role_granted_by_id_member')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_role_member_id_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role'))
    )
    op.create_index(op.f('ix_role_member_id'), 'role', ['member_id'], unique=False)
    op.create_index('ix_role_running', 'role', ['member_id', 'role', 'ends_at'], unique=False)
    op.create_table('roll_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('assembly_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('filename', sa.String(length=200), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('report', Json, nullable=False),
    sa.ForeignKeyConstraint(['assembly_id'], ['assembly.id'], name=op.f('fk_roll_import_assembly_id_assembly')),
    sa.ForeignKeyConstraint(['by_id'], ['member.id'], name=op.f('fk_roll_import_by_id_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roll_import')),
    sa.UniqueConstraint('public_id', name=op.f('uq_roll_import_public_id'))
    )
    op.create_index(op.f('ix_roll_import_assembly_id'), 'roll_import', ['assembly_id'], unique=False)
    op.create_table('amendment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('motion_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('order', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('outcome_reason', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_reason', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['member.id'], name=op.f('fk_amendment_author_id_member')),
    sa.ForeignKeyConstraint(['motion_id'], ['motion.id'], name=op.f('fk_amendment_motion_id_motion')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_amendment')),
    sa.UniqueConstraint('motion_id', 'number', name=op.f('uq_amendment_motion_id_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_amendment_public_id'))
    )
    op.create_index(op.f('ix_amendment_author_id'), 'amendment', ['author_id'], unique=False)
    op.create_index(op.f('ix_amendment_motion_id'), 'amendment', ['motion_id'], unique=False)
    op.create_index(op.f('ix_amendment_state'), 'amendment', ['state'], unique=False)
    op.create_table('comment_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('side', sa.String(length=10), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_comment_version_comment_id_comment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_version')),
    sa.UniqueConstraint('comment_id', 'seq', name=op.f('uq_comment_version_comment_id_seq'))
    )
    op.create_index(op.f('ix_comment_version_comment_id'), 'comment_version', ['comment_id'], unique=False)
    op.create_table('mention',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_mention_comment_id_comment')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_mention_member_id_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mention')),
    sa.UniqueConstraint('comment_id', 'member_id', name=op.f('uq_mention_comment_id_member_id'))
    )
    op.create_index(op.f('ix_mention_comment_id'), 'mention', ['comment_id'], unique=False)
    op.create_index(op.f('ix_mention_member_id'), 'mention', ['member_id'], unique=False)
    op.create_table('mover',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('motion_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_mover_member_id_member')),
    sa.ForeignKeyConstraint(['motion_id'], ['motion.id'], name=op.f('fk_mover_motion_id_motion')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mover')),
    sa.UniqueConstraint('motion_id', 'member_id', name=op.f('uq_mover_motion_id_member_id'))
    )
    op.create_index(op.f('ix_mover_member_id'), 'mover', ['member_id'], unique=False)
    op.create_index(op.f('ix_mover_motion_id'), 'mover', ['motion_id'], unique=False)
    op.create_table('report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_report_comment_id_comment')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_report_member_id_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('comment_id', 'member_id', name=op.f('uq_report_comment_id_member_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_report_public_id'))
    )
    op.create_index(op.f('ix_report_comment_id'), 'report', ['comment_id'], unique=False)
    op.create_table('version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('motion_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('clauses', Json, nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('made_by', sa.String(length=10), nullable=False),
    sa.Column('units', Json, nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['member.id'], name=op.f('fk_version_author_id_member')),
    sa.ForeignKeyConstraint(['motion_id'], ['motion.id'], name=op.f('fk_version_motion_id_motion')),
    sa.ForeignKeyConstraint(['parent_id'], ['version.id'], name=op.f('fk_version_parent_id_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_version')),
    sa.UniqueConstraint('motion_id', 'seq', name=op.f('uq_version_motion_id_seq')),
    sa.UniqueConstraint('public_id', name=op.f('uq_version_public_id'))
    )
    op.create_index(op.f('ix_version_motion_id'), 'version', ['motion_id'], unique=False)
    op.create_table('amendment_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('amendment_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('base_id', sa.Integer(), nullable=False),
    sa.Column('hunks', Json, nullable=False),
    sa.Column('collides', Json, nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('made_by', sa.String(length=10), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['amendment_id'], ['amendment.id'], name=op.f('fk_amendment_text_amendment_id_amendment')),
    sa.ForeignKeyConstraint(['base_id'], ['version.id'], name=op.f('fk_amendment_text_base_id_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_amendment_text')),
    sa.UniqueConstraint('amendment_id', 'seq', name=op.f('uq_amendment_text_amendment_id_seq'))
    )
    op.create_index(op.f('ix_amendment_text_amendment_id'), 'amendment_text', ['amendment_id'], unique=False)
    op.create_index(op.f('ix_amendment_text_base_id'), 'amendment_text', ['base_id'], unique=False)
    op.create_table('poll',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('assembly_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('motion_id', sa.Integer(), nullable=True),
    sa.Column('amendment_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('ballot', sa.String(length=10), nullable=False),
    sa.Column('method', sa.String(length=40), nullable=False),
    sa.Column('rules', Json, nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('mode', sa.String(length=20), nullable=False),
    sa.Column('revote', sa.String(length=20), nullable=False),
    sa.Column('publication', sa.String(length=10), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('void_reason', sa.Text(), nullable=False),
    sa.Column('definition', sa.LargeBinary(), nullable=True),
    sa.Column('count', sa.LargeBinary(), nullable=True),
    sa.Column('seal', sa.String(length=32), nullable=False),
    sa.Column('lots', Json, nullable=False),
    sa.Column('package_id', sa.String(length=64), nullable=True),
    sa.Column('ledger_id', sa.Integer(), nullable=True),
    sa.Column('box_id', sa.Integer(), nullable=True),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'prepared') = (opened_at IS NULL) OR state = 'void'", name=op.f('ck_poll_opened')),
    sa.CheckConstraint("mode IN ('open', 'confidential')", name=op.f('ck_poll_mode')),
    sa.ForeignKeyConstraint(['amendment_id'], ['amendment.id'], name=op.f('fk_poll_amendment_id_amendment')),
    sa.ForeignKeyConstraint(['assembly_id'], ['assembly.id'], name=op.f('fk_poll_assembly_id_assembly')),
    sa.ForeignKeyConstraint(['box_id'], ['ledger.id'], name=op.f('fk_poll_box_id_ledger')),
    sa.ForeignKeyConstraint(['by_id'], ['member.id'], name=op.f('fk_poll_by_id_member')),
    sa.ForeignKeyConstraint(['ledger_id'], ['ledger.id'], name=op.f('fk_poll_ledger_id_ledger')),
    sa.ForeignKeyConstraint(['motion_id'], ['motion.id'], name=op.f('fk_poll_motion_id_motion')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_poll')),
    sa.UniqueConstraint('assembly_id', 'number', name=op.f('uq_poll_assembly_id_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_poll_public_id'))
    )
    op.create_index(op.f('ix_poll_amendment_id'), 'poll', ['amendment_id'], unique=False)
    op.create_index(op.f('ix_poll_assembly_id'), 'poll', ['assembly_id'], unique=False)
    op.create_index(op.f('ix_poll_motion_id'), 'poll', ['motion_id'], unique=False)
    op.create_index(op.f('ix_poll_state'), 'poll', ['state'], unique=False)
    op.create_table('support',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('motion_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_support_member_id_member')),
    sa.ForeignKeyConstraint(['motion_id'], ['motion.id'], name=op.f('fk_support_motion_id_motion')),
    sa.ForeignKeyConstraint(['version_id'], ['version.id'], name=op.f('fk_support_version_id_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support')),
    sa.UniqueConstraint('motion_id', 'member_id', name=op.f('uq_support_motion_id_member_id'))
    )
    op.create_index(op.f('ix_support_member_id'), 'support', ['member_id'], unique=False)
    op.create_index(op.f('ix_support_motion_id'), 'support', ['motion_id'], unique=False)
    op.create_table('option',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('poll_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['poll_id'], ['poll.id'], name=op.f('fk_option_poll_id_poll')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_option')),
    sa.UniqueConstraint('poll_id', 'key', name=op.f('uq_option_poll_id_key')),
    sa.UniqueConstraint('poll_id', 'position', name=op.f('uq_option_poll_id_position'))
    )
    op.create_index(op.f('ix_option_poll_id'), 'option', ['poll_id'], unique=False)
    op.create_table('participation',
    sa.Column('poll_id', sa.Integer(), nullable=False),
    sa.Column('roll', sa.String(length=64), nullable=False),
    sa.Column('leaf', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['poll_id'], ['poll.id'], name=op.f('fk_participation_poll_id_poll')),
    sa.PrimaryKeyConstraint('poll_id', 'roll', name=op.f('pk_participation')),
    sqlite_with_rowid=False
    )
    op.create_table('roll_entry',
    sa.Column('poll_id', sa.Integer(), nullable=False),
    sa.Column('roll', sa.String(length=64), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('weight', sa.String(64), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_roll_entry_member_id_member')),
    sa.ForeignKeyConstraint(['poll_id'], ['poll.id'], name=op.f('fk_roll_entry_poll_id_poll')),
    sa.PrimaryKeyConstraint('poll_id', 'roll', name=op.f('pk_roll_entry')),
    sa.UniqueConstraint('poll_id', 'member_id', name=op.f('uq_roll_entry_poll_id_member_id')),
    sqlite_with_rowid=False
    )
    op.create_index(op.f('ix_roll_entry_member_id'), 'roll_entry', ['member_id'], unique=False)
    for statement in guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_fts")
    op.drop_index(op.f('ix_roll_entry_member_id'), table_name='roll_entry')
    op.drop_table('roll_entry')
    op.drop_table('participation')
    op.drop_index(op.f('ix_option_poll_id'), table_name='option')
    op.drop_table('option')
    op.drop_index(op.f('ix_support_motion_id'), table_name='support')
    op.drop_index(op.f('ix_support_member_id'), table_name='support')
    op.drop_table('support')
    op.drop_index(op.f('ix_poll_state'), table_name='poll')
    op.drop_index(op.f('ix_poll_motion_id'), table_name='poll')
    op.drop_index(op.f('ix_poll_assembly_id'), table_name='poll')
    op.drop_index(op.f('ix_poll_amendment_id'), table_name='poll')
    op.drop_table('poll')
    op.drop_index(op.f('ix_amendment_text_base_id'), table_name='amendment_text')
    op.drop_index(op.f('ix_amendment_text_amendment_id'), table_name='amendment_text')
    op.drop_table('amendment_text')
    op.drop_index(op.f('ix_version_motion_id'), table_name='version')
    op.drop_table('version')
    op.drop_index(op.f('ix_report_comment_id'), table_name='report')
    op.drop_table('report')
    op.drop_index(op.f('ix_mover_motion_id'), table_name='mover')
    op.drop_index(op.f('ix_mover_member_id'), table_name='mover')
    op.drop_table('mover')
    op.drop_index(op.f('ix_mention_member_id'), table_name='mention')
    op.drop_index(op.f('ix_mention_comment_id'), table_name='mention')
    op.drop_table('mention')
    op.drop_index(op.f('ix_comment_version_comment_id'), table_name='comment_version')
    op.drop_table('comment_version')
    op.drop_index(op.f('ix_amendment_state'), table_name='amendment')
    op.drop_index(op.f('ix_amendment_motion_id'), table_name='amendment')
    op.drop_index(op.f('ix_amendment_author_id'), table_name='amendment')
    op.drop_table('amendment')
    op.drop_index(op.f('ix_roll_import_assembly_id'), table_name='roll_import')
    op.drop_table('roll_import')
    op.drop_index('ix_role_running', table_name='role')
    op.drop_index(op.f('ix_role_member_id'), table_name='role')
    op.drop_table('role')
    op.drop_index(op.f('ix_motion_state'), table_name='motion')
    op.drop_index(op.f('ix_motion_mover_id'), table_name='motion')
    op.drop_index(op.f('ix_motion_assembly_id'), table_name='motion')
    op.drop_table('motion')
    op.drop_index(op.f('ix_invitation_member_id'), table_name='invitation')
    op.drop_table('invitation')
    op.drop_index('ix_follow_subject', table_name='follow')
    op.drop_index(op.f('ix_follow_member_id'), table_name='follow')
    op.drop_table('follow')
    op.drop_index(op.f('ix_draft_member_id'), table_name='draft')
    op.drop_table('draft')
    op.drop_index('ix_comment_subject', table_name='comment')
    op.drop_index(op.f('ix_comment_parent_id'), table_name='comment')
    op.drop_index(op.f('ix_comment_author_id'), table_name='comment')
    op.drop_index(op.f('ix_comment_assembly_id'), table_name='comment')
    op.drop_table('comment')
    op.drop_index(op.f('ix_search_document_assembly_id'), table_name='search_document')
    op.drop_table('search_document')
    op.drop_index(op.f('ix_member_person_id'), table_name='member')
    op.drop_index(op.f('ix_member_assembly_id'), table_name='member')
    op.drop_table('member')
    op.drop_index(op.f('ix_pending_ledger_id'), table_name='pending')
    op.drop_table('pending')
    op.drop_index(op.f('ix_outbox_person_id'), table_name='outbox')
    op.drop_table('outbox')
    op.drop_index(op.f('ix_mail_link_person_id'), table_name='mail_link')
    op.drop_table('mail_link')
    op.drop_index(op.f('ix_login_person_id'), table_name='login')
    op.drop_table('login')
    op.drop_index('ix_entry_subject', table_name='entry')
    op.drop_index('ix_entry_hash', table_name='entry')
    op.drop_table('entry')
    op.drop_table('cursor')
    op.drop_table('checkpoint')
    op.drop_table('assembly')
    op.drop_table('person')
    op.drop_table('ledger')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION append_only")
