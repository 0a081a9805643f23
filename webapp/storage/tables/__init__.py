"""The tables, by what they store; only ``webapp.storage`` and the migrations know them."""

from webapp.storage.tables.acceptance import AcceptanceRow, AcceptanceRuleRow
from webapp.storage.tables.accounts import ApiTokenRow, UserRow
from webapp.storage.tables.base import Base
from webapp.storage.tables.catalogue import (
    CatalogueRow,
    CategoryRow,
    ImportProblemRow,
    ImportRow,
    ProductImageRow,
    ProductRow,
    ProductVersionRow,
)
from webapp.storage.tables.jobs import JobRow, RetrainingSlotRow
from webapp.storage.tables.review import (
    AnnotationRow,
    BulkActRow,
    GoldRow,
    GuidanceRow,
    LabelRow,
    QueueEntryRow,
)
from webapp.storage.tables.rounds import (
    ExplanationRow,
    LiveRoundRow,
    PredictionRow,
    PublicationRow,
    RoundRow,
    SuspectRow,
)
from webapp.storage.tables.team import ConsensusRow, GoldAnswerRow, TeamFiguresRow

__all__ = [
    "AcceptanceRow",
    "AcceptanceRuleRow",
    "AnnotationRow",
    "ApiTokenRow",
    "Base",
    "BulkActRow",
    "CatalogueRow",
    "CategoryRow",
    "ConsensusRow",
    "ExplanationRow",
    "GoldAnswerRow",
    "GoldRow",
    "GuidanceRow",
    "ImportProblemRow",
    "ImportRow",
    "JobRow",
    "LabelRow",
    "LiveRoundRow",
    "PredictionRow",
    "ProductImageRow",
    "ProductRow",
    "ProductVersionRow",
    "PublicationRow",
    "QueueEntryRow",
    "RetrainingSlotRow",
    "RoundRow",
    "SuspectRow",
    "TeamFiguresRow",
    "UserRow",
]
