"""Every figure a report shows, as functions from stored results to SVG, words and numbers."""

from trialkit.present.figure_contrast import interval_figure
from trialkit.present.figure_estimation import estimation_figure
from trialkit.present.figure_flow import flow_figure, has_flow
from trialkit.present.figure_flow_steps import flow_steps_figure, has_steps
from trialkit.present.figure_forest import forest_figure
from trialkit.present.figure_funnel import funnel_figure
from trialkit.present.figure_mediation import mediation_figure
from trialkit.present.figure_meta_forest import meta_forest_figure
from trialkit.present.figure_missing import has_missing, missing_figure
from trialkit.present.figure_p_values import p_value_figure
from trialkit.present.figure_pairs import pairs_figure
from trialkit.present.figure_people import people_figure
from trialkit.present.figure_profile import means_figure
from trialkit.present.figure_raincloud import raincloud_figure
from trialkit.present.figure_responder_curve import responder_curve_figure
from trialkit.present.figure_visits import visits_figure
from trialkit.present.figure_volcano import volcano_figure

__all__ = [
    "estimation_figure",
    "flow_figure",
    "flow_steps_figure",
    "forest_figure",
    "funnel_figure",
    "has_flow",
    "has_missing",
    "has_steps",
    "interval_figure",
    "means_figure",
    "mediation_figure",
    "meta_forest_figure",
    "missing_figure",
    "p_value_figure",
    "pairs_figure",
    "people_figure",
    "raincloud_figure",
    "responder_curve_figure",
    "visits_figure",
    "volcano_figure",
]
