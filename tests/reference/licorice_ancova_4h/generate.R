source("../expected.R")
suppressMessages(library(emmeans))
people <- read.csv("../../../data/licorice-sore-throat/participants.csv")
people$treat <- factor(people$treat)
people$smoking <- factor(people$preOp_smoking)
people$size <- factor(people$intraOp_surgerySize)
model <- lm(
  postOp4hour_throatPain ~ treat + preOp_gender + preOp_calcBMI + preOp_age + smoking + size,
  people
)
used <- model.frame(model)
n <- as.vector(table(used$treat))
# cov.keep: a 0/1 covariate is a number and stays at its mean, as in SAS without CLASS.
means <- emmeans(model, ~treat, weights = "equal", cov.keep = character())
difference <- contrast(means, list(difference = c(-1, 1)))

write_expected(rbind(
  emmeans_rows(summary(means, infer = TRUE), "ls_mean", c("0", "1"), NA, n),
  emmeans_rows(summary(difference, infer = TRUE), "ls_mean_difference", "1", "0", NA)
))
keep_output(summary(model), means, difference, packages = "emmeans")
