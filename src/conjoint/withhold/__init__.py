"""Every rule that keeps a small base from being shown, and what outward tables are rounded to."""
