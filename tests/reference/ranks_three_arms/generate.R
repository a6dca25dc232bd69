# Fligner-Killeen on distances rounded to 6 decimals, so that equal ones tie.
options(digits = 17)
cat(R.version.string, "\n")
d <- read.csv("../ancova_three_arm/data.csv")
distance <- round(abs(d$y - ave(d$y, d$arm, FUN = median)), 6)
a <- qnorm((1 + rank(distance) / (nrow(d) + 1)) / 2)
print(sum(tapply(a, d$arm, length) * (tapply(a, d$arm, mean) - mean(a))^2) / var(a))
print(fligner.test(y ~ arm, d)$statistic)
