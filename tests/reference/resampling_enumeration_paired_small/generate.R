# Every one of the 512 patterns of signs; the limits are order statistics of the means of all
# subsets of the changes (Hartigan 1969).
source("../expected.R")

scores <- read.csv("data.csv")
z <- round(1000 * scores$post) - round(1000 * scores$pre) # thousandths: whole numbers
n <- length(z)
flipped <- as.matrix(expand.grid(rep(list(0:1), n)))
loss <- as.vector(flipped %*% z)
moved <- rowSums(flipped)
ratios <- (loss / moved)[moved > 0]
rank <- function(tail) floor(tail * 2^n + 1e-9) # the empty pattern counts at every shift
low <- function(tail) sort(ratios)[rank(tail)] / 1000
high <- function(tail) -sort(-ratios)[rank(tail)] / 1000
far <- abs(sum(z) - 2 * loss) >= abs(sum(z))

row <- function(call, p, low, high) {
  data.frame(call = call, quantity = "change", arm = NA, p_value = p, conf_low = low,
             conf_high = high)
}
result <- rbind(
  row("two_sided", mean(far), low(0.025), high(0.025)),
  row("two_sided_90", mean(far), low(0.05), high(0.05)),
  row("less", mean(loss >= 0), -Inf, high(0.05)),
  row("greater", mean(loss <= 0), low(0.05), Inf)
)
write_expected(result)
keep_output(length(loss), result)
