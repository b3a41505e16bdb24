"""Families in a file of products: found by their id or their name, or made, and each product's options put in order."""

from sqlalchemy.orm import Session

from services.catalogue.importing.faults import Faults
from services.catalogue.importing.refusing import Rule, refuse
from utils.database import run
from utils.errors import ErrorCode

_FIND_BY_NAME = """
UPDATE import_targets AS t SET family_id = f.id
FROM (SELECT name, min(id::text)::uuid AS id FROM families GROUP BY name HAVING count(*) = 1) AS f
WHERE t.family_given AND t.family_id IS NULL AND t.family = f.name AND NOT t.refused
"""
# A name that no family has makes one, for all lines with that name.
_GIVE_IDS = """
UPDATE import_targets AS t SET family_id = fresh.id
FROM (
    SELECT DISTINCT ON (family) family, fresh_family_id AS id FROM import_targets
    WHERE family_given AND family_id IS NULL AND family IS NOT NULL AND NOT refused ORDER BY family, line
) AS fresh
WHERE t.family_given AND t.family_id IS NULL AND t.family = fresh.family AND NOT t.refused
"""
_FAMILIES = """
CREATE TEMPORARY TABLE import_families ON COMMIT DROP AS
SELECT id, name, options, false AS is_new FROM families
WHERE id IN (SELECT family_id FROM import_targets WHERE family_id IS NOT NULL)
"""
# The first line of a new family that names it says what its products differ by.
_ADD_NEW = """
INSERT INTO import_families
SELECT DISTINCT ON (t.family_id) t.family_id, t.family, t.option_names, true FROM import_targets AS t
WHERE t.family_id IS NOT NULL AND t.family IS NOT NULL AND cardinality(t.option_names) > 0 AND NOT t.refused
    AND NOT EXISTS (SELECT FROM import_families AS known WHERE known.id = t.family_id)
ORDER BY t.family_id, t.line
"""
_KEEP_OPTIONS = """
UPDATE import_targets AS t SET option_values = '{}'
WHERE NOT t.refused AND (t.option_values IS NULL OR (t.family_given AND t.family_id IS NULL AND NOT t.options_given))
"""
_IN_ORDER = """
UPDATE import_targets AS t SET option_values = ARRAY(
    SELECT given.value FROM unnest(f.options) WITH ORDINALITY AS known (name, place)
    JOIN unnest(t.option_names, t.option_values) AS given (name, value) ON lower(given.name) = lower(known.name)
    ORDER BY known.place
)
FROM import_families AS f
WHERE f.id = t.family_id AND t.options_given AND NOT t.refused AND t.option_names <> f.options
"""

_OPTIONS = "options"
_BEFORE = [
    Rule(
        "t.family_given AND t.family_id IS NULL"
        " AND t.family IN (SELECT name FROM families GROUP BY name HAVING count(*) > 1)",
        "family",
        ErrorCode.CONFLICT,
        "Several families have this name: give the familyId.",
    ),
    Rule(
        "t.options_given AND cardinality(t.option_values) > 0 AND t.family_id IS NULL AND t.family IS NULL",
        _OPTIONS,
        ErrorCode.INVALID_INPUT,
        "Options need a family: give its name or its id.",
    ),
]
_AFTER = [
    Rule(
        "t.family_id IS NOT NULL AND NOT EXISTS (SELECT FROM import_families AS f WHERE f.id = t.family_id)",
        "familyId",
        ErrorCode.NOT_FOUND,
        "There is no such family. To make one, give its name and the options too.",
    ),
    Rule(
        "f.id = t.family_id AND t.family <> f.name",
        "family",
        ErrorCode.INVALID_INPUT,
        "The family with this id is called {}.",
        source="import_families AS f",
        detail="f.name",
    ),
    Rule(
        "t.family_id IS NOT NULL AND CASE WHEN t.options_given THEN t.option_values IS NULL"
        " ELSE t.family_id IS DISTINCT FROM t.old_family_id END",
        _OPTIONS,
        ErrorCode.INVALID_INPUT,
        "A product of a family needs its options.",
    ),
    Rule(
        "f.id = t.family_id AND t.options_given AND t.option_names <> f.options"
        " AND ARRAY(SELECT lower(name) FROM unnest(t.option_names) AS name ORDER BY 1)"
        " <> ARRAY(SELECT lower(name) FROM unnest(f.options) AS name ORDER BY 1)",
        _OPTIONS,
        ErrorCode.INVALID_INPUT,
        "The options of this family are exactly: {}.",
        source="import_families AS f",
        detail="array_to_string(f.options, ', ')",
    ),
]


def find_families(session: Session, faults: Faults) -> None:
    """Gives every line its family and its options' values in the family's order; refuses lines that do not fit."""
    refuse(session, faults, _BEFORE)
    for statement in (_FIND_BY_NAME, _GIVE_IDS, _FAMILIES, _ADD_NEW):
        run(session, statement, {})
    refuse(session, faults, _AFTER)
    for statement in (_KEEP_OPTIONS, _IN_ORDER):
        run(session, statement, {})
