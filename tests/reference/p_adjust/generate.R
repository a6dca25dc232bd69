source("../expected.R")

families <- read.csv("data.csv")
adjusted <- do.call(rbind, lapply(split(families, families$family), function(family) {
  data.frame(
    family = family$family, p_value = family$p_value,
    holm = p.adjust(family$p_value, "holm"),
    benjamini_hochberg = p.adjust(family$p_value, "BH")
  )
}))
write_expected(adjusted)
keep_output(adjusted)
