# Refits each model without each person in turn, and tests the residuals of the whole model.
source("../expected.R")
people <- read.csv("data.csv")
people$arm <- factor(people$arm, levels = c("breathing", "mindfulness"))

row <- function(call, person, estimate, std_error, limits) {
  data.frame(call = call, quantity = "", term = as.character(person), estimate = estimate,
             std_error = std_error, conf_low = limits[1], conf_high = limits[2],
             statistic = NA, p_value = NA)
}
model <- function(person) {
  fit <- lm(post ~ arm + pre + site, data = people[-person, ])
  name <- "armmindfulness"
  row("model", person, coef(fit)[[name]], sqrt(vcov(fit)[name, name]), confint(fit)[name, ])
}
means <- function(person, equal, call) {
  kept <- people[-person, ]
  test <- t.test(kept$post[kept$arm == "mindfulness"], kept$post[kept$arm == "breathing"],
                 var.equal = equal)
  row(call, person, test$estimate[[1]] - test$estimate[[2]], test$stderr, test$conf.int)
}
change <- function(person) {
  test <- t.test((people$post - people$pre)[-person])
  row("change", person, test$estimate[[1]], test$stderr, test$conf.int)
}
n <- seq_len(nrow(people))
whole <- lm(post ~ arm + pre + site, data = people)
e <- residuals(whole)
normal <- shapiro.test(e)
checks <- data.frame(
  call = "diagnostics", quantity = c("assumption_test", "fit", "fit", "fit"),
  term = c("normal_residuals", "residual_skewness", "large_residuals", "influential_records"),
  estimate = c(NA, mean((e - mean(e))^3) / mean((e - mean(e))^2)^1.5,
               sum(abs(rstandard(whole)) > 3, na.rm = TRUE),
               sum(cooks.distance(whole) > 1, na.rm = TRUE) + sum(hatvalues(whole) > 1 - 1e-10)),
  std_error = NA, conf_low = NA, conf_high = NA,
  statistic = c(normal$statistic, NA, NA, NA), p_value = c(normal$p.value, NA, NA, NA))
write_expected(rbind(
  do.call(rbind, lapply(n, model)),
  do.call(rbind, lapply(n, means, equal = FALSE, call = "welch")),
  do.call(rbind, lapply(n, means, equal = TRUE, call = "student")),
  do.call(rbind, lapply(n, change)),
  checks))
keep_output(summary(whole), normal)
