package validate

// TableSize is the number of rows in the table of built-in tags.
func TableSize() int { return len(builtins) }
