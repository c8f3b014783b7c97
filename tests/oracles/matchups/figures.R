# Figures of estimatr's lm_robust on by_task.csv and by_person.csv.
suppressPackageStartupMessages(library(estimatr))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- if (length(script)) dirname(normalizePath(script)) else getwd()
levels_of <- list(
  price = c("low", "mid", "high"), size = c("S", "L"), brand = c("Aster", "Birch", "Cedar"),
  warranty = c("1 year", "3 years"), origin = c("near", "far", "abroad")
)
arms <- list(labelled = "labelled", plain = "plain", both = c("labelled", "plain"))
in_every_profile <- list(
  labelled = c("price", "size", "brand"), plain = c("price", "size", "warranty"),
  both = c("price", "size")
)

read <- function(design) {
  data <- read.csv(file.path(here, paste0(design, ".csv")), na.strings = "")
  for (name in names(levels_of)) data[[name]] <- factor(data[[name]], levels_of[[name]])
  data$arm <- factor(data$arm, c("plain", "labelled"))
  # Indicators that are nought where the attribute was not shown.
  for (name in names(levels_of)) for (level in levels_of[[name]][-1]) {
    data[[indicator(name, level)]] <- as.numeric(data[[name]] %in% level)
  }
  data$origin_absent <- as.numeric(is.na(data$origin))
  data[!is.na(data$chosen), ]
}
indicator <- function(name, level) make.names(paste0(name, "__", level))

rows <- list()
fit <- function(formula, data, weights) {
  data$w <- if (weights == "one") 1 else data$weight
  if (weights == "one") return(lm_robust(formula, data, clusters = id, se_type = "CR2"))
  lm_robust(formula, data, weights = w, clusters = id, se_type = "CR2")
}
note <- function(design, weights, arm, case, attribute, level, against, data, model, term) {
  at <- match(term, model$term)
  stopifnot(!anyNA(at), all(is.finite(model$std.error[at])))
  rows[[length(rows) + 1]] <<- data.frame(
    design, weights, arm, case, attribute, level, against,
    n = model$nobs, people = length(unique(data$id)),
    estimate = model$coefficients[at], std_error = model$std.error[at],
    statistic = model$statistic[at], df = model$df[at], p_value = model$p.value[at],
    conf_low = model$conf.low[at], conf_high = model$conf.high[at]
  )
}

# The tasks in which one profile shows each of two levels: whether the first was chosen.
matchup <- function(data, name, level, against) {
  one <- data[data[[name]] %in% level, c("id", "task", "weight", "chosen")]
  other <- data[data[[name]] %in% against, c("id", "task")]
  merge(one, other, by = c("id", "task"))
}

for (design in c("by_task", "by_person")) for (weights in c("one", "given")) {
  all <- read(design)
  for (arm in names(arms)) {
    data <- all[all$arm %in% arms[[arm]], ]
    put <- function(...) note(design, weights, arm, ...)
    effects <- function(case, names, model, used, term) for (name in names) {
      for (level in levels_of[[name]][-1]) {
        put(case, name, level, levels_of[[name]][1], used, model, term(name, level))
      }
    }

    every <- in_every_profile[[arm]]
    effects("amce", every, fit(reformulate(every, "chosen"), data, weights), data, paste0)

    # Attributes that some profiles do not show, with an indicator of not being shown.
    seen <- c(every, "origin", if (arm == "both") c("brand", "warranty"))
    terms <- unlist(lapply(seen, function(name) indicator(name, levels_of[[name]][-1])))
    terms <- c(terms, "origin_absent", if (arm == "both") "arm")
    effects("with_absent", seen, fit(reformulate(terms, "chosen"), data, weights), data, indicator)

    complete <- data[!is.na(data$origin), ]
    wanted <- c(every, "origin")
    effects("complete", wanted, fit(reformulate(wanted, "chosen"), complete, weights), complete, paste0)

    for (name in seen) {
      showing <- data[!is.na(data[[name]]), ]
      effects("alone", name, fit(reformulate(name, "chosen"), showing, weights), showing, paste0)
      model <- fit(reformulate(c("0", name), "chosen"), showing, weights)
      for (level in levels_of[[name]]) {
        put("mean", name, level, "", showing, model, paste0(name, level))
        for (against in setdiff(levels_of[[name]], level)) {
          tasks <- matchup(data, name, level, against)
          put("afcp", name, level, against, tasks, fit(chosen ~ 1, tasks, weights), "(Intercept)")
        }
      }
    }
  }

  # The labelled arm's effects less the plain one's: of what both show alone, and of each arm's regression.
  arm <- "both"
  between <- function(case, formula) {
    model <- fit(formula, all, weights)
    for (name in c("price", "size")) for (level in levels_of[[name]][-1]) {
      term <- paste0(name, level, ":armlabelled")
      note(design, weights, arm, case, name, level, levels_of[[name]][1], all, model, term)
    }
  }
  between("difference_common", chosen ~ (price + size) * arm)
  single <- unlist(lapply(c("brand", "warranty"), function(name) indicator(name, levels_of[[name]][-1])))
  between("difference", reformulate(c("(price + size) * arm", single), "chosen"))
}

figures <- do.call(rbind, rows)
for (column in names(figures)) if (is.double(figures[[column]])) {
  figures[[column]] <- sprintf("%.17g", figures[[column]])
}
write.csv(figures, file.path(here, "figures.csv"), row.names = FALSE, quote = FALSE)
writeLines(
  c(R.version.string, paste("estimatr", packageVersion("estimatr"))), file.path(here, "versions.txt")
)
