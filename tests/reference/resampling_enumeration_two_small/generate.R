# Every one of the 792 relabellings; the limits are the shifts at which a one-sided test of
# 2.5 % (0.5 %, 5 %) begins to accept, read off the sorted ratios loss / people exchanged.
source("../expected.R")

scores <- read.csv("data.csv")
y <- round(1000 * scores$y) # thousandths: whole numbers, so nothing is rounded
treated <- which(scores$arm == 1)
sets <- combn(length(y), length(treated))
sums <- apply(sets, 2, function(k) sum(y[k]))
moved <- apply(sets, 2, function(k) sum(!(k %in% treated)))
loss <- sum(y[treated]) - sums
expected <- length(treated) * mean(y)

limit <- function(ratios, nobody, tail) {
  rank <- floor(tail * length(sums) + 1e-9) + 1 - nobody # first count with share > tail
  sort(ratios)[rank] / 1000
}
ratios <- (loss / moved)[moved > 0]
nobody <- sum(moved == 0)
low <- function(tail) limit(ratios, nobody, tail)
high <- function(tail) -limit(-ratios, nobody, tail)
far <- abs(sums - expected) >= abs(sum(y[treated]) - expected) - 1e-6

row <- function(call, p, low, high) {
  data.frame(call = call, quantity = "mean_difference", arm = "1", reference_arm = "0",
             p_value = p, conf_low = low, conf_high = high)
}
result <- rbind(
  row("two_sided", mean(far), low(0.025), high(0.025)),
  row("two_sided_99", mean(far), low(0.005), high(0.005)),
  row("less", mean(loss >= 0), -Inf, high(0.05)),
  row("greater", mean(loss <= 0), low(0.05), Inf)
)
write_expected(result)
keep_output(length(sums), result)
