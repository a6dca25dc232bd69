# The exact sign-flip distribution of whole-number changes (the sum of the positive ones).
source("../expected.R")
suppressMessages(library(exactRankTests))

scores <- read.csv("data.csv")
z <- scores$post - scores$pre
positive <- sum(z[z > 0])
density <- dperm(0:sum(abs(z)), abs(z[z != 0]), length(z[z != 0]), paired = TRUE)
sums <- 0:sum(abs(z))
half <- sum(abs(z)) / 2
far <- abs(sums - half) >= abs(positive - half)
result <- data.frame(
  call = c("two_sided", "less", "greater"), quantity = "change", arm = NA, n_subjects = length(z),
  estimate = mean(z), statistic = sum(z) / sqrt(sum(z^2)),
  p_value = c(sum(density[far]), sum(density[sums <= positive]), sum(density[sums >= positive]))
)
write_expected(result)
keep_output(result, packages = "exactRankTests")
