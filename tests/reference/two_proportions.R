# Two proportions, reference first: Wilson limits by prop.test, the rest written out.
two_proportions <- function(events, n, arms, interval) {
  p <- events / n
  wilson <- sapply(1:2, function(i) prop.test(events[i], n[i], correct = FALSE)$conf.int)
  difference <- p[2] - p[1]
  std_error <- sqrt(sum(p * (1 - p) / n))
  z <- qnorm(0.975)
  if (interval == "newcombe") {
    low <- difference - sqrt((p[2] - wilson[1, 2])^2 + (wilson[2, 1] - p[1])^2)
    high <- difference + sqrt((wilson[2, 2] - p[2])^2 + (p[1] - wilson[1, 1])^2)
  } else {
    low <- difference - z * std_error
    high <- difference + z * std_error
  }
  ratio <- p[2] / p[1]
  log_error <- sqrt(sum(1 / events - 1 / n))
  data.frame(
    quantity = c("proportion", "proportion", "risk_difference", "risk_ratio", "number_needed_to_treat"),
    arm = arms[c(1, 2, 2, 2, 2)], reference_arm = c(NA, NA, arms[c(1, 1, 1)]),
    n_subjects = c(n, NA, NA, NA),
    estimate = c(p, difference, ratio, 1 / difference),
    std_error = c(NA, NA, std_error, log_error, NA),
    p_value = c(NA, NA, prop.test(events, n, correct = FALSE)$p.value, NA, NA),
    conf_low = c(wilson[1, ], low, exp(log(ratio) - z * log_error), 1 / high),
    conf_high = c(wilson[2, ], high, exp(log(ratio) + z * log_error), 1 / low)
  )
}
