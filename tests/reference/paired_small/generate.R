source("../expected.R")

scores <- read.csv("data.csv")
test <- t.test(scores$post, scores$pre, paired = TRUE)

write_expected(t_test_row(
  test, "change", NA, NA, nrow(scores), mean(scores$post - scores$pre)
))
keep_output(test)
