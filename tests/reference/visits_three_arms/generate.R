# Three arms of unequal size, four visits; and the same people at the first two visits.
# Rscript generate.R > output.txt; expected.csv is output.txt without its comment lines.
suppressMessages({ library(car); library(afex); library(emmeans) })
cat("# R", as.character(getRversion()), "afex", as.character(packageVersion("afex")), "car",
    as.character(packageVersion("car")), "emmeans", as.character(packageVersion("emmeans")), "\n")
if (!file.exists("data.csv")) {
  set.seed(20250817)
  n <- c(audiobook = 7, breathing = 12, mindfulness = 9)
  arm <- rep(names(n), n)
  person <- rnorm(sum(n), 0, 1.3)
  d <- do.call(rbind, lapply(seq_along(arm), function(i) {
    slope <- c(audiobook = -0.1, breathing = -0.4, mindfulness = -0.7)[arm[i]] + rnorm(1, 0, 0.3)
    data.frame(id = i, arm = arm[i], visit = c("VIS1", "VIS2", "VIS10", "VIS11"),
               y = round(6 + person[i] + slope * 0:3 + rnorm(4, 0, 0.4 + 0.3 * 0:3), 2))
  }))
  write.csv(d, "data.csv", row.names = FALSE, quote = FALSE)
}
d <- read.csv("data.csv")
order_of <- c("VIS1", "VIS2", "VIS10", "VIS11")
say <- function(...) cat(paste0(c(...), collapse = ","), "\n", sep = "")
num <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))
say("call,quantity,visit,arm,reference_arm,term,method,estimate,std_error,df_num,df,statistic,p_value,conf_low,conf_high")
row <- function(call, quantity, visit = "", arm = "", ref = "", term = "", method = "", est = NA,
                se = NA, dn = NA, df = NA, stat = NA, p = NA, lo = NA, hi = NA)
  say(call, quantity, visit, arm, ref, term, method, num(est), num(se), num(dn), num(df), num(stat), num(p), num(lo), num(hi))
for (k in c(4, 2)) for (type in c(3, 2)) {
  e <- d[d$visit %in% order_of[1:k], ]
  e$visit <- factor(e$visit, order_of[1:k]); e$id <- factor(e$id); e$arm <- factor(e$arm)
  a <- suppressMessages(aov_ez("id", "y", e, between = "arm", within = "visit", type = type,
                               anova_table = list(es = c("pes", "ges"), correction = "none")))
  s <- suppressWarnings(summary(a)); multi <- suppressWarnings(summary(a$Anova))$multivariate.tests; u <- unclass(s$univariate.tests); v <- as.data.frame(a$anova_table)
  terms <- c("arm", "visit", "arm:visit")
  corrections <- if (k > 2) c("none", "greenhouse_geisser", "huynh_feldt") else "greenhouse_geisser"
  for (correction in corrections) {
    call <- paste("visits", k, "type", type, correction, sep = "_")
    for (t in terms) {
      eps <- if (t == "arm" || k == 2 || correction == "none") 1 else
        s$pval.adjustments[t, if (correction == "greenhouse_geisser") "GG eps" else "HF eps"]
      eps <- min(eps, 1)
      dn <- u[t, "num Df"] * eps; dd <- u[t, "den Df"] * eps
      row(call, "joint_test", term = t, dn = dn, df = dd, stat = u[t, "F value"],
          p = pf(u[t, "F value"], dn, dd, lower.tail = FALSE))
      row(call, "effect_size", term = t, method = "generalised_eta_squared", est = v[t, "ges"])
      row(call, "effect_size", term = t, method = "partial_eta_squared", est = v[t, "pes"])
      row(call, "fit", term = paste0("sum_of_squares_", t), est = u[t, "Sum Sq"])
      if (t != "arm") {
        m <- multi[[t]]
        ev <- Re(eigen(qr.coef(qr(m$SSPE), m$SSPH), only.values = TRUE)$values)
        pil <- stats:::Pillai(ev, m$df, m$df.residual); wil <- stats:::Wilks(ev, m$df, m$df.residual)
        for (w in list(list("pillai", pil), list("wilks", wil))) {
          row(call, "fit", term = paste0(w[[1]], "_", t), est = w[[2]][1])
          row(call, "fit", term = paste0(w[[1]], "_statistic_", t), est = w[[2]][2])
          row(call, "fit", term = paste0(w[[1]], "_p_value_", t),
              est = pf(w[[2]][2], w[[2]][3], w[[2]][4], lower.tail = FALSE))
        }
        if (k > 2) {
          row(call, "assumption_test", term = t, est = s$sphericity.tests[t, 1], p = s$sphericity.tests[t, 2])
          if (t == "visit") row(call, "fit", term = "greenhouse_geisser_epsilon", est = s$pval.adjustments[t, "GG eps"])
          if (t == "visit") row(call, "fit", term = "huynh_feldt_epsilon", est = s$pval.adjustments[t, "HF eps"])
        }
      }
    }
  }
  if (type == 3) {
    g <- emmeans(a, ~ arm | visit, model = "multivariate")
    x <- summary(g, infer = TRUE)
    for (i in seq_len(nrow(x))) row(call, "ls_mean", visit = as.character(x$visit[i]), arm = as.character(x$arm[i]), est = x$emmean[i],
      se = x$SE[i], df = x$df[i], lo = x$lower.CL[i], hi = x$upper.CL[i])
    y <- summary(contrast(g, "revpairwise", adjust = "none"), infer = TRUE)
    for (i in seq_len(nrow(y))) { q <- strsplit(as.character(y$contrast[i]), " - ")[[1]]
      row(call, "ls_mean_difference", visit = as.character(y$visit[i]), arm = q[1], ref = q[2], est = y$estimate[i], se = y$SE[i],
          df = y$df[i], stat = y$t.ratio[i], p = y$p.value[i], lo = y$lower.CL[i], hi = y$upper.CL[i]) }
    h <- contrast(emmeans(a, ~ visit | arm, model = "multivariate"), "trt.vs.ctrl1", adjust = "none")
    z <- summary(h, infer = TRUE)
    for (i in seq_len(nrow(z))) row(call, "change", visit = strsplit(as.character(z$contrast[i]), " - ")[[1]][1],
      arm = as.character(z$arm[i]), est = z$estimate[i], se = z$SE[i], df = z$df[i], lo = z$lower.CL[i], hi = z$upper.CL[i])
    w <- summary(contrast(emmeans(a, ~ arm * visit, model = "multivariate"), interaction = c("revpairwise", "trt.vs.ctrl1"), adjust = "none"), infer = TRUE)
    for (i in seq_len(nrow(w))) { q <- strsplit(as.character(w$arm_revpairwise[i]), " - ")[[1]]
      row(call, "ls_mean_difference", visit = strsplit(as.character(w$visit_trt.vs.ctrl1[i]), " - ")[[1]][1], arm = q[1],
          ref = q[2], term = "change", est = w$estimate[i], se = w$SE[i], df = w$df[i], stat = w$t.ratio[i],
          p = w$p.value[i], lo = w$lower.CL[i], hi = w$upper.CL[i]) }
  }
}
