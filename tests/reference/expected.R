# What every generate.R of this folder begins with: run one from its own folder with
#   Rscript generate.R
# It writes expected.csv (17 significant digits) and output.txt (the program's own print).
options(digits = 10, width = 120)

write_expected <- function(frame) {
  text <- frame
  for (name in names(frame)) {
    if (is.numeric(frame[[name]])) {
      text[[name]] <- ifelse(is.na(frame[[name]]), "", sprintf("%.17g", frame[[name]]))
      text[[name]] <- sub("^Inf$", "inf", sub("^-Inf$", "-inf", text[[name]]))
    }
  }
  write.table(text, "expected.csv", sep = ",", row.names = FALSE, quote = FALSE, na = "")
}

keep_output <- function(..., packages = character()) {
  sink("output.txt")
  cat(R.version.string, "\n")
  for (package in packages) cat(package, as.character(packageVersion(package)), "\n")
  for (item in list(...)) {
    cat("\n")
    print(item)
  }
  sink()
}

# One row from a t.test() of two samples or of differences.
t_test_row <- function(test, quantity, arm, reference_arm, n_subjects, estimate) {
  data.frame(
    quantity = quantity, arm = arm, reference_arm = reference_arm, n_subjects = n_subjects,
    estimate = estimate, std_error = unname(test$stderr), df = unname(test$parameter),
    statistic = unname(test$statistic), p_value = test$p.value,
    conf_low = test$conf.int[1], conf_high = test$conf.int[2]
  )
}

# A mean is not tested against zero: its row keeps estimate and interval alone.
untested <- function(rows) {
  rows$statistic[rows$quantity == "ls_mean"] <- NA
  rows$p_value[rows$quantity == "ls_mean"] <- NA
  rows
}

# Rows of linear functions L of the coefficients of an lm(), computed from coef() and vcov().
linear_rows <- function(model, L, quantity, arm, reference_arm, n_subjects) {
  estimate <- drop(L %*% coef(model))
  std_error <- sqrt(diag(L %*% vcov(model) %*% t(L)))
  df <- df.residual(model)
  half <- qt(0.975, df) * std_error
  untested(data.frame(
    quantity = quantity, arm = arm, reference_arm = reference_arm, n_subjects = n_subjects,
    estimate = estimate, std_error = std_error, df = df, statistic = estimate / std_error,
    p_value = 2 * pt(-abs(estimate / std_error), df),
    conf_low = estimate - half, conf_high = estimate + half
  ))
}

# Rows from summary(emmeans or contrast, infer = TRUE).
emmeans_rows <- function(table, quantity, arm, reference_arm, n_subjects) {
  table <- as.data.frame(table)
  estimate <- table[[intersect(c("emmean", "estimate"), names(table))]]
  untested(data.frame(
    quantity = quantity, arm = arm, reference_arm = reference_arm, n_subjects = n_subjects,
    estimate = estimate, std_error = table$SE, df = table$df, statistic = table$t.ratio,
    p_value = table$p.value, conf_low = table$lower.CL, conf_high = table$upper.CL
  ))
}
