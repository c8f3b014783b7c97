# Figures of estimatr, with respondents' effects absorbed, on data.csv.
suppressPackageStartupMessages({
  library(estimatr)
  library(sandwich)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- if (length(script)) dirname(normalizePath(script)) else getwd()
levels_of <- list(
  price = c("low", "mid", "high"), colour = c("red", "green"), size = c("S", "M", "L")
)
data <- read.csv(file.path(here, "data.csv"))
for (name in names(levels_of)) data[[name]] <- factor(data[[name]], levels_of[[name]])
data$id <- factor(data$id)
people <- nlevels(data$id)

rows <- list()
note <- function(case, outcome, variance, estimate, std_error) {
  rows[[length(rows) + 1]] <<- data.frame(
    case, outcome, variance, term = names(estimate), estimate, std_error
  )
}

for (weighting in c("unweighted", "weighted")) {
  data$w <- if (weighting == "weighted") data$weight else 1
  for (outcome in c("chosen", "rating")) {
    # The variance of estimatr's "CR0" has no factor: G / (G - 1) makes it the linearised one.
    formula <- as.formula(paste(outcome, "~ price + colour + size"))
    fit <- lm_robust(formula, data, weights = w, clusters = id, fixed_effects = ~id, se_type = "CR0")
    note(weighting, outcome, "linearised", coef(fit), fit$std.error * sqrt(people / (people - 1)))

    # Effects nested in clusters are not counted: K are the slopes and one constant.
    dummies <- lm(update(formula, . ~ . + id), data, weights = w)
    vcov <- vcovCL(dummies, cluster = data$id, type = "HC0", cadjust = TRUE)
    own <- names(coef(fit))
    factor <- (nrow(data) - 1) / (nrow(data) - length(own) - 1)
    note(weighting, outcome, "CR1", coef(dummies)[own], sqrt(diag(vcov)[own] * factor))
  }
}

figures <- do.call(rbind, rows)
factors <- "^(price|colour|size)(.+)$"
figures$attribute <- sub(factors, "\\1", figures$term)
figures$level <- sub(factors, "\\2", figures$term)
figures$term <- NULL
for (name in c("estimate", "std_error")) figures[[name]] <- sprintf("%.15g", figures[[name]])
write.csv(figures, file.path(here, "figures.csv"), row.names = FALSE, quote = FALSE)
packages <- c("estimatr", "sandwich")
versions <- vapply(packages, function(name) as.character(packageVersion(name)), "")
writeLines(c(R.version.string, paste(packages, versions)), file.path(here, "versions.txt"))
