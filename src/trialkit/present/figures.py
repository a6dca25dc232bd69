"""Every figure a report shows, as functions from stored results to SVG, words and numbers."""

from trialkit.present.figure_contrast import forest_figure, interval_figure
from trialkit.present.figure_distribution import distribution_figure
from trialkit.present.figure_funnel import funnel_figure
from trialkit.present.figure_mediation import mediation_figure
from trialkit.present.figure_meta_forest import meta_forest_figure
from trialkit.present.figure_p_values import p_value_figure
from trialkit.present.figure_pairs import pairs_figure
from trialkit.present.figure_people import people_figure
from trialkit.present.figure_profile import means_figure
from trialkit.present.figure_responder_curve import responder_curve_figure
from trialkit.present.figure_visits import visits_figure
from trialkit.present.figure_volcano import volcano_figure

__all__ = [
    "distribution_figure",
    "forest_figure",
    "funnel_figure",
    "interval_figure",
    "means_figure",
    "mediation_figure",
    "meta_forest_figure",
    "p_value_figure",
    "pairs_figure",
    "people_figure",
    "responder_curve_figure",
    "visits_figure",
    "volcano_figure",
]
