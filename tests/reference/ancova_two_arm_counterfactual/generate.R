source("../expected.R")

scores <- read.csv("../ancova_two_arm_baseline/data.csv")
arms <- c("breathing", "mindfulness")
scores$arm <- factor(scores$arm, levels = arms)
model <- lm(post ~ arm + pre + site + sex + age, scores)
used <- model.frame(model)
n <- as.vector(table(used$arm))
# Everyone is given each arm in turn, and the predictions are averaged over everyone.
L <- t(sapply(arms, function(given) {
  everyone <- transform(used, arm = factor(given, levels = arms))
  colMeans(model.matrix(delete.response(terms(model)), everyone, xlev = model$xlevels))
}))

write_expected(rbind(
  linear_rows(model, L, "ls_mean", arms, NA, n),
  linear_rows(model, L[2, , drop = FALSE] - L[1, , drop = FALSE], "ls_mean_difference", "mindfulness", "breathing", NA)
))
keep_output(summary(model))
