# Figures of clubSandwich, estimatr and survey on data.csv.
suppressPackageStartupMessages({
  library(clubSandwich)
  library(estimatr)
  library(survey)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- if (length(script)) dirname(normalizePath(script)) else getwd()
levels_of <- list(
  price = c("low", "mid", "high"), colour = c("red", "green"), size = c("S", "M", "L")
)
data <- read.csv(file.path(here, "data.csv"))
for (name in names(levels_of)) data[[name]] <- factor(data[[name]], levels_of[[name]])
data$party <- factor(data$party)
data$combination <- interaction(data$price, data$colour, sep = " * ", lex.order = TRUE)
data$one <- 1
answered <- data[!is.na(data$chosen), ]

rows <- list()
note <- function(case, variance, term, estimate, std_error, df = NA, low = NA, high = NA) {
  rows[[length(rows) + 1]] <<- data.frame(case, variance, term, estimate, std_error, df, low, high)
}

# clubSandwich's names of the variances, and the square of what its errors need on top.
corrections <- function(people) list(
  CR1 = list(type = "CR1S", factor = 1),
  CR2 = list(type = "CR2", factor = 1),
  CR3 = list(type = "CR3", factor = (people - 1) / people)
)

cluster_robust <- function(case, model, id, keep = "", variances = c("CR1", "CR2", "CR3")) {
  people <- length(unique(id))
  for (variance in variances) {
    correction <- corrections(people)[[variance]]
    vcov <- vcovCR(model, cluster = id, type = correction$type)
    test <- coef_test(model, vcov = vcov, test = if (variance == "CR2") "Satterthwaite" else "naive-t")
    own <- grepl(keep, names(coef(model)))
    df <- if (variance == "CR2") test$df_Satt else rep(people - 1, length(own))
    note(
      case, variance, names(coef(model))[own], coef(model)[own],
      sqrt(diag(as.matrix(vcov)))[own] * sqrt(correction$factor), df[own]
    )
  }
}

additive <- chosen ~ price + colour + size
for (weighting in c("unweighted", "weighted")) {
  answered$w <- if (weighting == "weighted") answered$weight else answered$one
  data$w <- if (weighting == "weighted") data$weight else data$one
  called <- function(case) paste(case, weighting, sep = "_")

  cluster_robust(called("amce"), lm(additive, answered, weights = w), answered$id)
  cluster_robust(called("means"), lm(chosen ~ 0 + price, answered, weights = w), answered$id)
  cluster_robust(called("means"), lm(chosen ~ 0 + colour, answered, weights = w), answered$id)
  cluster_robust(called("means"), lm(chosen ~ 0 + size, answered, weights = w), answered$id)
  cluster_robust(called("joint"), lm(chosen ~ 0 + combination, answered, weights = w), answered$id)

  for (group in levels(answered$party)) {
    own <- answered[answered$party == group, ]
    cluster_robust(called(paste0("party_", group)), lm(additive, own, weights = w), own$id)
  }

  # Differences between parties: interactions of one regression. CR1 would count its coefficients.
  pooled <- lm(chosen ~ (price + colour + size) * party, answered, weights = w)
  cluster_robust(called("parties"), pooled, answered$id, ":", "CR2")

  # A contrast of two attributes' effects as a coefficient: b_h h + b_L L = (b_h - b_L) h + b_L (h + L).
  turned <- transform(
    answered,
    mid = price == "mid", high = price == "high", sum = (price == "high") + (size == "L"),
    middling = size == "M"
  )
  model <- lm(chosen ~ mid + high + sum + middling + colour, turned, weights = w)
  cluster_robust(called("contrast"), model, turned$id, "high")

  # Overlapping groups: their rows stacked, a respondent of both in one cluster.
  younger <- transform(answered[answered$age <= 50, ], group = "0")
  older <- transform(answered[answered$age >= 35, ], group = "1")
  both <- rbind(younger, older)
  stacked <- lm(chosen ~ (price + colour + size) * group, both, weights = w)
  vcov <- vcovCR(stacked, cluster = both$id, type = "CR2")
  own <- grepl(":", names(coef(stacked)))
  note(called("ages"), "CR2", names(coef(stacked))[own], coef(stacked)[own], sqrt(diag(as.matrix(vcov)))[own])

  robust <- lm_robust(
    additive, answered, weights = w, clusters = id, se_type = "CR2"
  )
  note(
    called("estimatr"), "CR2", names(coef(robust)), coef(robust), robust$std.error, robust$df,
    robust$conf.low, robust$conf.high
  )

  # survey keeps respondents without an answer in the design.
  design <- svydesign(ids = ~id, weights = ~w, data = data)
  for (outcome in c("chosen", "rating")) {
    fit <- svyglm(update(additive, paste(outcome, "~ .")), design)
    note(called(paste0("survey_", outcome)), "linearised", names(coef(fit)), coef(fit), SE(fit))
    for (name in names(levels_of)) {
      fit <- svyglm(as.formula(paste(outcome, "~ 0 +", name)), design)
      note(called(paste0("survey_means_", outcome)), "linearised", names(coef(fit)), coef(fit), SE(fit))
    }
  }
}

figures <- do.call(rbind, rows)
figures <- figures[figures$term != "(Intercept)", ]
figures$term <- sub(":(party|group).*$", "", figures$term)
factors <- "^(price|colour|size|combination)(.+)$"
figures$attribute <- ifelse(grepl(factors, figures$term), sub(factors, "\\1", figures$term), "")
figures$level <- sub(factors, "\\2", figures$term)
figures$term <- NULL
for (name in c("estimate", "std_error", "df", "low", "high")) {
  figures[[name]] <- ifelse(is.na(figures[[name]]), "", sprintf("%.15g", figures[[name]]))
}
write.csv(figures, file.path(here, "figures.csv"), row.names = FALSE, quote = FALSE)
packages <- c("clubSandwich", "estimatr", "survey")
versions <- vapply(packages, function(name) as.character(packageVersion(name)), "")
writeLines(c(R.version.string, paste(packages, versions)), file.path(here, "versions.txt"))
