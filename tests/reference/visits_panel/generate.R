# 60 endpoints of 20 people before and after, with missing values, a constant change and an endpoint of one person.
# Rscript generate.R > output.txt; expected.csv is output.txt without its comment lines.
cat("# R", as.character(getRversion()), "\n")
if (!file.exists("data.csv")) {
  set.seed(7596)
  m <- 60; n <- 20
  before <- matrix(round(rnorm(n * m, 10, 2), 2), n); after <- round(before + matrix(rnorm(n * m, 0.3, 1), n), 2)
  after[, 1:4] <- round(after[, 1:4] - 1.5, 2)
  before[sample(length(before), 60)] <- NA
  after[, 11] <- before[, 11] + 1; after[2:n, 12] <- NA
  d <- data.frame(arm = rep(c("breathing", "mindfulness"), c(9, 11)), before, after)
  names(d)[-1] <- c(paste0("before_", 1:m), paste0("after_", 1:m))
  write.csv(d, "data.csv", row.names = FALSE, quote = FALSE, na = "")
}
d <- read.csv("data.csv"); m <- 60
num <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))
say <- function(...) cat(paste0(c(...), collapse = ","), "\n", sep = "")
say("call,term,n_subjects,estimate,std_error,df,statistic,p_value,conf_low,conf_high,holm,benjamini_hochberg")
change <- lapply(1:m, function(j) d[[paste0("after_", j)]] - d[[paste0("before_", j)]])
table_of <- function(call, test) {
  h <- lapply(change, function(x) tryCatch(test(x), error = function(e) NULL))
  h[[11]] <- list(); h[[12]] <- list()   # equal changes up to rounding; one person
  p <- sapply(h, function(z) if (length(z)) z$p.value else NA)
  holm <- p.adjust(p, "holm"); bh <- p.adjust(p, "BH")
  for (j in seq_len(m)) if (length(h[[j]])) { z <- h[[j]]
    est <- if (length(z$estimate) == 2) z$estimate[1] - z$estimate[2] else z$estimate
    say(call, j, num(sum(!is.na(change[[j]]))), num(est), num(z$stderr), num(z$parameter), num(z$statistic),
        num(z$p.value), num(z$conf.int[1]), num(z$conf.int[2]), num(holm[j]), num(bh[j])) }
}
table_of("paired", function(x) t.test(x))
table_of("arms", function(x) t.test(x[d$arm == "mindfulness"], x[d$arm == "breathing"]))
