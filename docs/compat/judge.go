package compat

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oasdiff/oasdiff/checker"
)

// judge says what a change of an aspect is to a client: what the server refuses from now
// on, or writes in another form, is an error.
func judge(at place, what aspect, was, is string) []change {
	kind := at.part + "-property"
	switch {
	case at.part == "parameter":
		kind = "request-parameter"
	case at.part == "operation":
		kind = "request"
	case at.path == "":
		kind = at.part + "-body"
	}
	say := func(level checker.Level, rule, format string, args ...any) change {
		return change{rule: kind + "-" + rule, level: level, text: at.subject() + fmt.Sprintf(format, args...)}
	}
	switch what {
	case style:
		return []change{say(checker.ERR, "style-changed", "the style was changed from `%s` to `%s`", was, is)}
	case timeFormat:
		return []change{say(checker.ERR, "time-format-changed", "the form of time was changed from `%s` to `%s`", cmp.Or(was, "none"), cmp.Or(is, "none"))}
	case strict, closed:
		unknown := map[aspect]string{strict: "query parameters", closed: "members"}[what]
		if is == "true" {
			return []change{say(checker.ERR, "unknown-refused", "unknown %s are refused", unknown)}
		}
		return []change{say(checker.INFO, "unknown-ignored", "unknown %s are no longer refused", unknown)}
	case condition:
		if was == "" {
			return []change{say(checker.ERR, "condition-added", "one of several conditions has to hold")}
		}
		return []change{say(checker.INFO, "condition-removed", "none of several conditions has to hold any more")}
	case exclusion:
		if is != "" {
			return []change{say(checker.ERR, "exclusion-changed", "other values are excluded")}
		}
		return []change{say(checker.INFO, "exclusion-removed", "no values are excluded any more")}
	case maxBytes, maxBody:
		rule := string(what)
		if is == "" || was != "" && number(is) > number(was) {
			return []change{say(checker.INFO, rule+"-increased", "the limit was increased from `%s` to `%s` bytes", cmp.Or(was, "none"), cmp.Or(is, "none"))}
		}
		return []change{say(checker.ERR, rule+"-decreased", "the limit was decreased from `%s` to `%s` bytes", cmp.Or(was, "none"), cmp.Or(is, "none"))}
	case accepts:
		var out []change
		for _, t := range missing(list(was), list(is), covers) {
			out = append(out, say(checker.ERR, "media-type-removed", "the media type `%s` is no longer taken", t))
		}
		for _, t := range missing(list(is), list(was), covers) {
			out = append(out, say(checker.INFO, "media-type-added", "the media type `%s` is taken", t))
		}
		return out
	}
	var out []change
	for _, rule := range missing(list(is), list(was), implies) {
		out = append(out, say(checker.ERR, "rule-added", "the rule `%s` was added", rule))
	}
	for _, rule := range missing(list(was), list(is), implies) {
		out = append(out, say(checker.INFO, "rule-removed", "the rule `%s` was removed", rule))
	}
	return out
}

func number(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64)
	return n
}

func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// missing are those of some for which none of others does.
func missing(some, others []string, does func(other, one string) bool) []string {
	return slices.DeleteFunc(some, func(one string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return does(other, one) })
	})
}

// covers reports whether a range of media types has all of another.
func covers(all, some string) bool {
	family, open := strings.CutSuffix(all, "*")
	return all == "*/*" || all == some || open && strings.HasPrefix(some, family)
}

// implies reports whether what passes one rule passes another: the same, or a wider bound.
func implies(strong, weak string) bool {
	name, bound, _ := strings.Cut(strong, "=")
	other, wider, _ := strings.Cut(weak, "=")
	if strong == weak || name != other {
		return strong == weak
	}
	a, aOK := measure(bound)
	b, bOK := measure(wider)
	switch name {
	case "max", "lte", "lt":
		return aOK && bOK && a <= b
	case "min", "gte", "gt":
		return aOK && bOK && a >= b
	}
	return false
}

// measure is a number or a duration.
func measure(text string) (float64, bool) {
	if d, err := time.ParseDuration(text); err == nil {
		return float64(d), true
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// subject names a place in the words of oasdiff.
func (p place) subject() string {
	switch in, name, _ := strings.Cut(p.name, " "); {
	case p.part == "parameter" && p.path != "":
		return fmt.Sprintf("for `%s` in the `%s` request parameter `%s`, ", p.path, in, name)
	case p.part == "parameter":
		return fmt.Sprintf("for the `%s` request parameter `%s`, ", in, name)
	case p.part == "operation":
		return ""
	case p.path == "":
		return fmt.Sprintf("for the %s body, ", p.part)
	}
	return fmt.Sprintf("for the %s property `%s`, ", p.part, p.path)
}
