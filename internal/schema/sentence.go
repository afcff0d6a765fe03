package schema

import "strings"

// sentences puts the rules that a schema does not say into words, for the description.
func sentences(rules []string) []string {
	out := make([]string, len(rules))
	for i, rule := range rules {
		out[i] = sentence(rule)
	}
	return out
}

// comparisons are the rules about another field.
var comparisons = map[string]string{
	"eqfield": "is equal to", "nefield": "differs from", "gtfield": "is greater than", "gtefield": "is at least",
	"ltfield": "is less than", "ltefield": "is at most", "eqcsfield": "is equal to", "necsfield": "differs from",
	"gtcsfield": "is greater than", "gtecsfield": "is at least", "ltcsfield": "is less than", "ltecsfield": "is at most",
	"fieldcontains": "contains the characters of", "fieldexcludes": "contains none of the characters of",
}

func sentence(rule string) string {
	name, param, _ := strings.Cut(rule, "=")
	if words, ok := comparisons[name]; ok && !strings.Contains(param, "|") {
		return words + " `" + param + "`"
	}
	return "`" + rule + "`"
}
