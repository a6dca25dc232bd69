"""Every table a report shows, as functions from stored results to finished text."""

from trialkit.present.table_covariance import covariance_table
from trialkit.present.table_data import certificate_table, changes_table, provenance_table
from trialkit.present.table_descriptives import descriptives_table
from trialkit.present.table_estimands import estimand_sheets, other_estimands_table
from trialkit.present.table_flow import flow_table
from trialkit.present.table_joint import joint_table
from trialkit.present.table_missing import missing_tables
from trialkit.present.table_outcomes import (
    analysis_table,
    analysis_tables,
    p_value_panel_table,
)
from trialkit.present.table_people import characteristics_table, completion_table
from trialkit.present.table_plan import (
    claims_table,
    dictionary_table,
    planned_table,
)
from trialkit.present.table_variables import variables_table
from trialkit.present.table_visits import visit_completion_table

__all__ = [
    "analysis_table",
    "analysis_tables",
    "certificate_table",
    "changes_table",
    "characteristics_table",
    "claims_table",
    "completion_table",
    "covariance_table",
    "descriptives_table",
    "dictionary_table",
    "estimand_sheets",
    "flow_table",
    "joint_table",
    "missing_tables",
    "other_estimands_table",
    "p_value_panel_table",
    "planned_table",
    "provenance_table",
    "variables_table",
    "visit_completion_table",
]
