"""An open poll's roll keeps the names as they were at the opening, so that its record never changes.

Revision ID: 0002
Revises: 0001
"""

from alembic import op
import sqlalchemy as sa

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('roll_entry', sa.Column('name', sa.String(length=200), nullable=False, server_default=''))
    op.execute("UPDATE roll_entry SET name = (SELECT member.name FROM member WHERE member.id = roll_entry.member_id) "
               "WHERE poll_id IN (SELECT id FROM poll WHERE mode = 'open')")


def downgrade() -> None:
    op.drop_column('roll_entry', 'name')
