source("../expected.R")
suppressMessages(library(emmeans))
scores <- read.csv("../ancova_two_arm_baseline/data.csv")
arms <- c("breathing", "mindfulness")
scores$arm <- factor(scores$arm, levels = arms)
model <- lm(post ~ arm + pre + site + sex + age, scores)
used <- model.frame(model)
n <- as.vector(table(used$arm))
means <- emmeans(model, ~arm, weights = "equal")
difference <- contrast(means, list(difference = c(-1, 1)))

write_expected(rbind(
  emmeans_rows(summary(means, infer = TRUE), "ls_mean", arms, NA, n),
  emmeans_rows(summary(difference, infer = TRUE), "ls_mean_difference", "mindfulness", "breathing", NA)
))
keep_output(summary(model), means, difference, packages = "emmeans")
