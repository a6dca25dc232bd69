source("../expected.R")

scores <- read.csv("../welch_unequal/data.csv")
y <- split(scores$y, scores$arm)
test <- t.test(y$mindfulness, y$breathing, var.equal = TRUE)

means <- data.frame(
  quantity = "mean", arm = c("breathing", "mindfulness"), reference_arm = NA,
  n_subjects = c(length(y$breathing), length(y$mindfulness)),
  estimate = c(mean(y$breathing), mean(y$mindfulness)),
  std_error = NA, df = NA, statistic = NA, p_value = NA, conf_low = NA, conf_high = NA
)
difference <- t_test_row(
  test, "mean_difference", "mindfulness", "breathing", NA,
  mean(y$mindfulness) - mean(y$breathing)
)
write_expected(rbind(means, difference))
keep_output(test)
