source("../expected.R")
suppressMessages(library(emmeans))

scores <- read.csv("data.csv")
arms <- c("control", "breathing", "mindfulness")
scores$arm <- factor(scores$arm, levels = arms)
model <- lm(y ~ arm + pre, scores)
means <- emmeans(model, ~arm)
pairs <- contrast(means, list(
  "breathing - control" = c(-1, 1, 0),
  "mindfulness - control" = c(-1, 0, 1),
  "mindfulness - breathing" = c(0, -1, 1)
))
tested <- emmeans_rows(
  summary(pairs, infer = TRUE, adjust = "none"), "ls_mean_difference",
  c("breathing", "mindfulness", "mindfulness"), c("control", "control", "breathing"), NA
)
averages <- emmeans_rows(
  summary(means, infer = TRUE), "ls_mean", arms, NA, as.vector(table(scores$arm))
)
write_expected(rbind(averages, tested))
keep_output(summary(model), means, pairs, packages = "emmeans")
