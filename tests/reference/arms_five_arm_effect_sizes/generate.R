source("../expected.R")
suppressMessages(library(effectsize))

d <- read.csv("../arms_five_arm/data.csv")
model <- aov(post ~ arm, d)
shares <- suppressMessages(lapply(
  list(eta_squared(model), omega_squared(model), epsilon_squared(model)), as.data.frame
))
write_expected(do.call(rbind, lapply(shares, function(share) {
  data.frame(
    quantity = "effect_size", method = paste0(tolower(sub("2", "", names(share)[2])), "_squared"),
    estimate = share[[2]], conf_low = share$CI_low, conf_high = share$CI_high,
    conf_level = share$CI
  )
})))
keep_output(shares, packages = "effectsize")
