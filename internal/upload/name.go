package upload

import "github.com/apiroutes/apiroutes/internal/syntax"

// CleanName is the name of a file as a handler gets it.
func CleanName(name string) string { return syntax.Filename(name) }
