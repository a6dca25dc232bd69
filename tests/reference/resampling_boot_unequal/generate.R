# 60 and 30 people, resampled within their arm 400 000 times. bca() here is Davison and Hinkley's
# acceleration for several samples put into boot.ci's own formula; boot.ci by itself leaves out the
# sizes of the samples.
source("../expected.R")
suppressMessages(library(boot))

scores <- read.csv("data.csv")
one <- scores$y[scores$arm == 1]
zero <- scores$y[scores$arm == 0]
R <- 400000

case <- function(name, f, seed) {
  difference <- function(d, i) f(d$y[i][d$arm[i] == 1]) - f(d$y[i][d$arm[i] == 0])
  set.seed(seed)
  b <- boot(scores, difference, R, strata = scores$arm)
  jack <- function(y, sign) {
    without <- sapply(seq_along(y), function(i) f(y[-i]))
    sign * (length(y) - 1) * (mean(without) - without)
  }
  l <- c(jack(one, 1) / length(one), jack(zero, -1) / length(zero))
  ci <- boot.ci(b, type = c("basic", "perc"))
  bca <- boot.ci(b, type = "bca", L = l)
  row <- function(interval, limits) {
    data.frame(call = paste(name, interval, sep = "_"), quantity = paste0(name, "_difference"),
               arm = "1", reference_arm = "0", term = NA, n_subjects = nrow(scores), estimate = b$t0,
               std_error = sd(b$t), conf_low = limits[1], conf_high = limits[2])
  }
  fit <- data.frame(call = paste(name, "bca", sep = "_"), quantity = "fit", arm = NA,
                    reference_arm = NA, term = "acceleration", n_subjects = NA,
                    estimate = sum(l^3) / (6 * sum(l^2)^1.5), std_error = NA,
                    conf_low = NA, conf_high = NA)
  rbind(row("bca", bca$bca[4:5]), row("percentile", ci$percent[4:5]),
        row("basic", ci$basic[4:5]), if (name == "mean") fit)
}
result <- rbind(case("mean", mean, 1), case("median", median, 2))
write_expected(result)
keep_output(result, packages = "boot")
