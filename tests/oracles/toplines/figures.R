# Percentages, errors and column tests of survey on the survey that ships.
suppressPackageStartupMessages(library(survey))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- if (length(script)) dirname(normalizePath(script)) else getwd()
folder <- file.path(here, "..", "..", "..", "surveys", "routes_for_returns_2026")
data <- read.csv(file.path(folder, "responses.csv"), na.strings = "", check.names = FALSE)
data <- data[!grepl("^t[0-9]_", names(data))]
targets <- read.csv(file.path(folder, "targets.csv"))
n <- nrow(data)

data$open <- suppressWarnings(as.numeric(data$open_to_labour))
data$known <- as.numeric(!is.na(data$open))
data$labour_voters <- data$vote_2024 == "Labour"
open5 <- data$known == 1 & data$open >= 5
data$right_switchers <- data$labour_voters & data$vote_now %in% c("Reform UK", "Conservative") & open5
data$progressive_switchers <- data$labour_voters & open5 &
  data$vote_now %in% c("Liberal Democrat", "Green", "SNP or Plaid Cymru")
data$open0 <- ifelse(data$known == 1, data$open, 0)

# Margins as factors, and the totals that raking has to meet.
margins <- unique(targets$margin)
terms <- character()
wanted <- c(`(Intercept)` = n)
for (index in seq_along(margins)) {
  own <- targets[targets$margin == margins[index], ]
  columns <- strsplit(margins[index], " * ", fixed = TRUE)[[1]]
  term <- paste0("m", index)
  data[[term]] <- factor(do.call(paste, c(data[columns], sep = " * ")), own$category)
  figure <- as.numeric(own$count)
  shares <- setNames(n * figure / sum(figure), paste0(term, own$category))
  wanted <- c(wanted, shares[-1])
  terms <- c(terms, term)
}
start <- svydesign(ids = ~1, weights = ~rep(1, n), data = data)
calibrated <- calibrate(
  start, reformulate(terms), wanted,
  calfun = "raking", maxit = 200, epsilon = 1e-13
)
data$w <- weights(calibrated)
fixed <- svydesign(ids = ~1, weights = ~w, data = data)

rows <- list()
note <- function(...) rows[[length(rows) + 1]] <<- data.frame(...)

answers <- list(
  deal = c("Support", "Oppose", "Don't know"), work = c("Support", "Oppose", "Don't know")
)
segments <- c("labour_voters", "right_switchers", "progressive_switchers")
breaks <- c("sex", "age_group", "region")
age <- sort(unique(data$age_group))

for (kind in c("fixed", "calibrated")) {
  design <- if (kind == "fixed") fixed else calibrated
  variables <- list()
  for (question in names(answers)) for (answer in answers[[question]]) {
    variables[[length(variables) + 1]] <- list(
      question = question, answer = answer, y = as.numeric(data[[question]] == answer), base = rep(1, n)
    )
  }
  variables[[length(variables) + 1]] <- list(
    question = "deal", answer = "Net support",
    y = (data$deal == "Support") - (data$deal == "Oppose"), base = rep(1, n)
  )
  variables[[length(variables) + 1]] <- list(
    question = "open_to_labour", answer = "mean", y = data$open0, base = data$known
  )
  for (v in variables) {
    design <- update(design, y = v$y, base = v$base)
    asked <- subset(design, base == 1)
    say <- function(what, group, reference, estimate, error, statistic = NA, df = NA) note(
      weights = kind, what = what, question = v$question, row = v$answer, group = group,
      reference = reference, estimate = as.numeric(estimate), std_error = as.numeric(error),
      statistic = as.numeric(statistic), df = as.numeric(df)
    )
    total <- svymean(~y, asked)
    say("svymean", "Total", "", coef(total), SE(total))
    for (name in breaks) {
      by <- svyby(~y, reformulate(name), asked, svymean)
      say("svyby", paste0(name, ": ", by[[name]]), "", by$y, by$se)
    }
    for (name in segments) {
      own <- svymean(~y, asked[which(asked$variables[[name]]), ])
      say("svyby", name, "", coef(own), SE(own))
    }
    # Two columns of a crossbreak.
    for (name in c("sex", "age_group")) {
      for (pair in combn(sort(unique(data[[name]])), 2, simplify = FALSE)) {
        both <- asked[which(asked$variables[[name]] %in% pair), ]
        both <- update(both, second = as.numeric(both$variables[[name]] == pair[1]))
        test <- svyttest(y ~ second, both)
        error <- test$estimate / test$statistic
        key <- paste0(name, ": ", pair)
        say("svyttest", key[1], key[2], test$estimate, error, test$statistic, test$parameter)
      }
    }
    # Columns that overlap: ratios of totals, their difference by the delta method.
    overlap <- list(c("labour_voters", "right_switchers"), c("right_switchers", "progressive_switchers"))
    overlap <- c(overlap, lapply(segments, c, "Total"))
    member <- function(key) if (key == "Total") rep(1, n) else as.numeric(data[[key]])
    for (pair in overlap) {
      whole <- update(
        design,
        sum1 = y * base * member(pair[1]), base1 = base * member(pair[1]),
        sum2 = y * base * member(pair[2]), base2 = base * member(pair[2])
      )
      totals <- svytotal(~ sum1 + base1 + sum2 + base2, whole)
      gap <- svycontrast(totals, quote(sum1 / base1 - sum2 / base2))
      say("svycontrast", pair[1], pair[2], coef(gap), SE(gap), coef(gap) / SE(gap))
    }
  }
}
figures <- do.call(rbind, rows)
for (name in c("estimate", "std_error", "statistic", "df")) {
  figures[[name]] <- ifelse(is.na(figures[[name]]), "", sprintf("%.15g", as.numeric(figures[[name]])))
}
write.csv(figures, file.path(here, "figures.csv"), row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("survey", packageVersion("survey"))), file.path(here, "versions.txt"))
