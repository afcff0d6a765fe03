package rules

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// textStepOf compiles one rule for a string, as stepOf does for the other kinds.
func (p *planner) textStepOf(rule Rule, pointed bool) (_ textStep, covered bool) {
	switch rule.Name {
	case tagOmitEmpty:
		if pointed {
			return textStep{}, true
		}
		return textStep{omit: true, test: isEmpty}, true
	case tagOmitZero:
		return textStep{omit: true, test: isEmpty}, true
	case tagOmitNil:
		return textStep{}, true
	case tagStructOnly, tagNoStructLevel:
		return textStep{}, false
	}
	test, ok := p.textTestOf(rule, pointed)
	return textStep{test: test}, ok
}

func isEmpty(s string) bool { return s == "" }

// textTestOf compiles a rule that judges a string. A nil test always holds.
func (p *planner) textTestOf(rule Rule, pointed bool) (_ func(string) bool, covered bool) {
	if p.validator.registered(rule.Name) {
		return nil, false
	}
	switch {
	case len(rule.Any) > 0:
		return p.anyText(rule.Any, pointed)
	case rule.Name == "required" && pointed:
		return nil, true
	case rule.Name == "required":
		return func(s string) bool { return s != "" }, true
	case rule.Name == "isdefault":
		return func(s string) bool { return s == "" && !pointed }, true
	}
	return textOf(rule)
}

// anyText compiles alternatives: all must be covered, as one that is not might hold.
func (p *planner) anyText(rules []Rule, pointed bool) (_ func(string) bool, covered bool) {
	var tests []func(string) bool
	for _, rule := range rules {
		test, ok := p.textTestOf(rule, pointed)
		if !ok {
			return nil, false
		}
		if test == nil {
			return nil, true
		}
		tests = append(tests, test)
	}
	return func(s string) bool {
		for _, test := range tests {
			if test(s) {
				return true
			}
		}
		return false
	}, true
}

// textOf compiles a rule for strings.
func textOf(rule Rule) (_ func(string) bool, covered bool) {
	if text, ok := plainTexts[rule.Name]; ok {
		return text, true
	}
	param := rule.Param
	switch rule.Name {
	case "eq":
		return func(s string) bool { return s == param }, true
	case "ne":
		return func(s string) bool { return s != param }, true
	case "eq_ignore_case":
		return func(s string) bool { return strings.EqualFold(s, param) }, true
	case "ne_ignore_case":
		return func(s string) bool { return !strings.EqualFold(s, param) }, true
	case "contains":
		return func(s string) bool { return strings.Contains(s, param) }, true
	case "excludes":
		return func(s string) bool { return !strings.Contains(s, param) }, true
	case "containsany":
		return func(s string) bool { return strings.ContainsAny(s, param) }, true
	case "excludesall":
		return func(s string) bool { return !strings.ContainsAny(s, param) }, true
	case "containsrune", "excludesrune":
		r, _ := utf8.DecodeRuneInString(param)
		wanted := rule.Name == "containsrune"
		return func(s string) bool { return strings.ContainsRune(s, r) == wanted }, true
	case "startswith":
		return func(s string) bool { return strings.HasPrefix(s, param) }, true
	case "startsnotwith":
		return func(s string) bool { return !strings.HasPrefix(s, param) }, true
	case "endswith":
		return func(s string) bool { return strings.HasSuffix(s, param) }, true
	case "endsnotwith":
		return func(s string) bool { return !strings.HasSuffix(s, param) }, true
	case "oneof", "noneof":
		list, wanted := splitList(param), rule.Name == "oneof"
		return func(s string) bool { return slices.Contains(list, s) == wanted }, true
	case "oneofci", "noneofci":
		list, wanted := splitList(param), rule.Name == "oneofci"
		return func(s string) bool { return containsFold(list, s) == wanted }, true
	case "datetime":
		return func(s string) bool { _, err := time.Parse(param, s); return err == nil }, true
	}
	if size, ok := sizeOf(rule); ok {
		return size.holds, true
	}
	return nil, false
}

// textSize bounds the number of characters.
type textSize struct{ span }

// sizeOf is what a rule says of a text's length; required asks for one character.
func sizeOf(rule Rule) (*textSize, bool) {
	if rule.Name == "required" {
		return &textSize{span{1, math.MaxInt64}}, true
	}
	n, err := strconv.ParseInt(rule.Param, 0, 64)
	if err != nil {
		return nil, false
	}
	s, ok := spanOf(rule.Name, n)
	return &textSize{s}, ok
}

// holds counts characters only where the bytes do not tell: n bytes are at most n
// characters, and at least a quarter of n.
func (t *textSize) holds(s string) bool {
	n := int64(len(s))
	if n < t.least {
		return false
	}
	if n <= t.most && (t.least <= 1 || (n+3)/4 >= t.least) {
		return true
	}
	n = int64(utf8.RuneCountInString(s))
	return n >= t.least && n <= t.most
}

// addText appends a rule of a string. Neighbours about its length become one.
func (l *levelPlan) addText(s textStep, rule Rule) {
	size, ok := sizeOf(rule)
	if !ok || s.omit {
		l.texts, l.size = append(l.texts, s), nil
		return
	}
	if l.size != nil {
		l.size.narrow(size.span)
		return
	}
	l.size = size
	l.texts = append(l.texts, textStep{test: size.holds})
}

func containsFold(list []string, s string) bool {
	for _, each := range list {
		if strings.EqualFold(each, s) {
			return true
		}
	}
	return false
}
