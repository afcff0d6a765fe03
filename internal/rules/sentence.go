package rules

import (
	"reflect"
	"strings"
	"time"
)

// sentence says in English what a rule wants of a value of type t; t is nil where the
// value was missing altogether. The names of fields in r.Param are wire names already.
func sentence(r Rule, t reflect.Type) string {
	if len(r.Any) > 0 {
		parts := make([]string, len(r.Any))
		for i, alt := range r.Any {
			parts[i] = sentence(alt, t)
		}
		return strings.Join(parts, " or ")
	}
	if text, ok := conditionSentence(r); ok {
		return text
	}
	if t == nil || t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return "is required"
	}
	if text, ok := comparisonSentence(r, t); ok {
		return text
	}
	if text, ok := listSentence(r); ok {
		return text
	}
	if text, ok := plainSentences[r.Name]; ok {
		if r.Param != "" {
			text += " " + r.Param
		}
		return text
	}
	return "breaks the rule " + r.Name
}

// conditionSentence covers the rules about presence.
func conditionSentence(r Rule) (string, bool) {
	switch r.Name {
	case "required":
		return "is required", true
	case "isdefault":
		return "must be absent or empty", true
	}
	verb := "is required"
	condition, ok := strings.CutPrefix(r.Name, "required_")
	if !ok {
		if condition, ok = strings.CutPrefix(r.Name, "excluded_"); ok {
			verb = "must be absent"
		} else if r.Name == "skip_unless" { // runs as required_if does
			condition, ok = "if", true
		}
	}
	if !ok {
		return "", false
	}
	words := splitList(r.Param)
	switch condition {
	case "if":
		return verb + " when " + pairs(words, " and "), ok
	case "unless":
		return verb + " unless " + pairs(words, " or "), ok
	case "with":
		return verb + " when " + strings.Join(words, " or ") + " is present", ok
	case "with_all":
		return verb + " when " + strings.Join(words, " and ") + plural(words, " is", " are") + " present", ok
	case "without":
		return verb + " when " + strings.Join(words, " or ") + " is absent", ok
	case "without_all":
		return verb + " when " + strings.Join(words, " and ") + plural(words, " is", " are") + " absent", ok
	}
	return "", false
}

func pairs(words []string, joint string) string {
	var out []string
	for i := 0; i+1 < len(words); i += 2 {
		out = append(out, words[i]+" is "+words[i+1])
	}
	return strings.Join(out, joint)
}

func plural(words []string, one, many string) string {
	if len(words) == 1 {
		return one
	}
	return many
}

// comparisonSentence covers sizes: of a text in characters, of a slice in items, of a
// map in entries, of a number by itself, of a time against now.
func comparisonSentence(r Rule, t reflect.Type) (string, bool) {
	words, ok := wordsOf(r.Name)
	if !ok {
		return "", false
	}
	kind := kindBit(deref(t))
	switch {
	case kind.Has(TimeKind):
		return "must be " + words.time, true
	case kind.Has(StringKind) && r.Name != "eq" && r.Name != "ne":
		return "must be " + words.size + " " + count(r.Param, "character", "characters") + " long", true
	case kind.Has(MapKind):
		return "must have " + words.size + " " + count(r.Param, "entry", "entries"), true
	case kind.Has(lengths):
		return "must have " + words.size + " " + count(r.Param, "item", "items"), true
	case t == reflect.TypeFor[time.Duration]():
		return "must be " + words.number + " " + asDuration(r.Param), true
	}
	param := r.Param
	if param == "" {
		param = "the empty text"
	}
	return "must be " + words.number + " " + param, true
}

// comparisonWords is how a rule compares sizes, numbers and times, in words.
type comparisonWords struct{ size, number, time string }

func wordsOf(rule string) (comparisonWords, bool) {
	switch rule {
	case "len", "eq":
		return comparisonWords{"exactly", "equal to", ""}, true
	case "ne":
		return comparisonWords{"a size other than", "different from", ""}, true
	case "min", "gte":
		return comparisonWords{"at least", "at least", "not in the past"}, true
	case "max", "lte":
		return comparisonWords{"at most", "at most", "not in the future"}, true
	case "gt":
		return comparisonWords{"more than", "greater than", "in the future"}, true
	case "lt":
		return comparisonWords{"fewer than", "less than", "in the past"}, true
	}
	return comparisonWords{}, false
}

func count(n, one, many string) string {
	if n == "1" {
		return n + " " + one
	}
	return n + " " + many
}

// asDuration shows nanoseconds, which validator takes as well, as a duration.
func asDuration(param string) string {
	if n, err := parseInt(param, reflect.TypeFor[time.Duration]()); err == nil {
		return time.Duration(n).String()
	}
	return param
}

func listSentence(r Rule) (string, bool) {
	values := func() string { return strings.Join(splitList(r.Param), ", ") }
	switch r.Name {
	case "oneof":
		return "must be one of " + values(), true
	case "oneofci":
		return "must be one of " + values() + ", in upper or lower case", true
	case "noneof":
		return "must not be one of " + values(), true
	case "noneofci":
		return "must not be one of " + values() + ", in upper or lower case", true
	case "unique":
		if r.Param != "" {
			return "must not hold two items with the same " + r.Param, true
		}
		return "must not hold the same value twice", true
	case "validateFn":
		return "is not valid", true
	}
	return "", false
}
