source("../expected.R")

scores <- read.csv("../ancova_three_arm/data.csv")
p_value <- function(arm, reference) {
  scores$arm <- relevel(factor(scores$arm), ref = reference)
  summary(lm(y ~ arm + pre, scores))$coefficients[paste0("arm", arm), "Pr(>|t|)"]
}
arm <- c("breathing", "mindfulness", "mindfulness")
reference_arm <- c("control", "control", "breathing")
p <- mapply(p_value, arm, reference_arm)

adjusted <- data.frame(
  quantity = "ls_mean_difference", arm = arm, reference_arm = reference_arm,
  holm = p.adjust(p, "holm"), benjamini_hochberg = p.adjust(p, "BH")
)
write_expected(adjusted)
keep_output(p, adjusted)
