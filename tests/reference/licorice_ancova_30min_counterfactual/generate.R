source("../expected.R")

people <- read.csv("../../../data/licorice-sore-throat/participants.csv")
people$treat <- factor(people$treat)
people$smoking <- factor(people$preOp_smoking)
people$size <- factor(people$intraOp_surgerySize)
model <- lm(
  pacu30min_throatPain ~ treat + preOp_gender + preOp_calcBMI + preOp_age + smoking + size,
  people
)
used <- model.frame(model)
n <- as.vector(table(used$treat))
# Everyone is given each arm in turn, and the predictions are averaged over everyone.
L <- t(sapply(c("0", "1"), function(given) {
  everyone <- transform(used, treat = factor(given, levels = c("0", "1")))
  colMeans(model.matrix(delete.response(terms(model)), everyone, xlev = model$xlevels))
}))

write_expected(rbind(
  linear_rows(model, L, "ls_mean", c("0", "1"), NA, n),
  linear_rows(model, L[2, , drop = FALSE] - L[1, , drop = FALSE], "ls_mean_difference", "1", "0", NA)
))
keep_output(summary(model))
