"""A poll keeps how each of its lots was drawn; the ledger keeps the hash.

Revision ID: 0003
Revises: 0002
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('poll', sa.Column('lots_told', Json, nullable=False, server_default='[]'))


def downgrade() -> None:
    op.drop_column('poll', 'lots_told')
