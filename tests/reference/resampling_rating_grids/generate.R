# 100 people an arm, rated in whole points, half points and tenths: simulated once (seed 7), the
# scores are data.csv. coin's shift algorithm, on whole numbers.
source("../expected.R")
suppressMessages(library(coin))

if (!file.exists("data.csv")) {
  set.seed(7)
  n <- 100
  latent <- pmin(pmax(c(rnorm(n, 5.2, 2.4), rnorm(n, 4.4, 2.6)), 0), 10)
  write.csv(data.frame(arm = rep(0:1, each = n), whole = round(latent),
                       half = round(2 * latent) / 2, tenth = sprintf("%.1f", latent)),
            "data.csv", row.names = FALSE, quote = FALSE)
}
scores <- read.csv("data.csv")
arm <- factor(scores$arm, c(1, 0))

row <- function(column, steps) {
  y <- as.integer(round(scores[[column]] * steps))
  exact <- oneway_test(y ~ arm, distribution = exact(algorithm = "shift"))
  data.frame(call = column, quantity = "mean_difference", arm = "1", reference_arm = "0",
             n_subjects = length(y),
             estimate = (mean(y[scores$arm == 1]) - mean(y[scores$arm == 0])) / steps,
             statistic = as.numeric(statistic(exact)), p_value = as.numeric(pvalue(exact)))
}
result <- rbind(row("whole", 1), row("half", 2), row("tenth", 10))
write_expected(result)
keep_output(result, packages = "coin")
