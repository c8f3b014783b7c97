"""Setting a report: by the Quarto program, or by nbclient and pandoc, in each format its own way."""
