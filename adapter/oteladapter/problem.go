package oteladapter

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/apiroutes/apiroutes/respond"
)

// failures are the broken rules and their places, in two attributes of one order. typed has
// left out what the client made up.
func failures(errors []respond.FieldError) []attribute.KeyValue {
	if len(errors) == 0 {
		return nil
	}
	errors = errors[:min(len(errors), mostFailures)]
	rules, places := make([]string, len(errors)), make([]string, len(errors))
	for i, e := range errors {
		rules[i] = e.Rule
		places[i] = strings.TrimSpace(e.In + " " + e.Name + e.Pointer)
	}
	return []attribute.KeyValue{ruleKey.StringSlice(rules), placeKey.StringSlice(places)}
}

// longestStack bounds the stack of a panic that goes into a span.
const longestStack = 16 << 10

// plainStack is a stack without the words that the functions were called with: numbers of a
// client are among them.
func plainStack(stack []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(stack)) {
		if call := strings.TrimRight(line, "\n"); strings.HasSuffix(call, ")") && line[0] != '\t' {
			line = call[:strings.LastIndexByte(call, '(')] + "(...)\n"
		}
		if b.Len()+len(line) > longestStack {
			break
		}
		b.WriteString(line)
	}
	return b.String()
}
