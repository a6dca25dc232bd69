# Rank sum of 7 and 13 tied scores: the conditional distribution is not symmetric.
suppressMessages({library(coin); library(exactRankTests)})
options(digits = 17, warn = -1)
cat(R.version.string, "; coin ", format(packageVersion("coin")),
    "; exactRankTests ", format(packageVersion("exactRankTests")), "\n", sep = "")
d <- read.csv("data.csv")
x <- d$y[d$arm == "mindfulness"]; y <- d$y[d$arm == "breathing"]
g <- factor(d$arm, c("mindfulness", "breathing"))
for (side in c("two.sided", "less", "greater")) {
  cat(side, "\n")
  print(c(coin_exact = pvalue(wilcox_test(d$y ~ g, distribution = "exact", alternative = side)),
          exactRankTests = wilcox.exact(x, y, exact = TRUE, alternative = side)$p.value,
          corrected = wilcox.test(x, y, exact = FALSE, alternative = side)$p.value,
          normal = wilcox.test(x, y, exact = FALSE, correct = FALSE, alternative = side)$p.value))
}
print(wilcox.test(x, y, exact = FALSE)$statistic)
print(median(outer(x, y, "-")))
