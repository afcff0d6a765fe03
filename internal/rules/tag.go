package rules

import (
	"fmt"
	"slices"
	"strings"
)

// Level is what one validate tag says, in the order in which validator/v10 runs
// it. The audit, the compiled fast path and the document generator read this one
// model, so they cannot disagree about what a tag means.
//
// For `validate:"max=3,dive,keys,len=2,endkeys,required,email"` on a map, All
// holds max=3, Keys.All holds len=2 and Elem.All holds required and email.
type Level struct {
	// Skip is set by the tag "-": neither the field nor what it holds is visited.
	Skip bool
	// All are the rules of this level. omitempty and its relatives stand among
	// them, because they protect only what follows.
	All []Rule
	// Keys are the rules of a map's keys; nil without "keys".
	Keys *Level
	// Elem are the rules of each element (slice, array) or value (map); nil
	// without "dive", and empty but not nil when nothing follows "dive".
	Elem *Level
}

// Rule is one rule: min=3, or the alternatives of hexcolor|rgb.
type Rule struct {
	// Name is the tag's name ("min"); empty where Any holds alternatives.
	Name string
	// Param is what follows '=', with 0x2C and 0x7C already turned into ',' and '|'.
	Param string
	// HasParam tells "eq=" (an empty parameter) from "eq".
	HasParam bool
	// Alias is the alias that the rule was written as ("iscolor"); empty for the others.
	Alias string
	// Any are the alternatives of a|b: one of them must hold.
	Any []Rule
}

// String is the rule as a tag would write it.
func (r Rule) String() string {
	if len(r.Any) > 0 {
		parts := make([]string, len(r.Any))
		for i, alt := range r.Any {
			parts[i] = alt.String()
		}
		return strings.Join(parts, "|")
	}
	if !r.HasParam {
		return r.Name
	}
	return r.Name + "=" + r.Param
}

// Words are the words and the quoted phrases of the parameter of oneof and its like.
func (r Rule) Words() []string { return splitList(r.Param) }

// Has reports whether a rule of this name stands on this level, outside of alternatives.
func (r *Level) Has(name string) bool {
	return r != nil && slices.ContainsFunc(r.All, func(rule Rule) bool { return rule.Name == name })
}

// any reports whether something holds for a rule of this level or below, or an alternative.
func (r *Level) any(holds func(Rule) bool) bool {
	return r != nil && (r.Keys.any(holds) || r.Elem.any(holds) ||
		slices.ContainsFunc(r.All, func(rule Rule) bool { return holds(rule) || slices.ContainsFunc(rule.Any, holds) }))
}

// looksElsewhere reports whether a built-in rule reads other fields than its own.
func (r Rule) looksElsewhere() bool {
	param := builtins[r.Name].Param
	return param == PairsParam || param == FieldsParam || param == FieldParam
}

// The words that steer validator rather than judge a value.
const (
	tagSkip          = "-"
	tagOmitEmpty     = "omitempty"
	tagOmitZero      = "omitzero"
	tagOmitNil       = "omitnil"
	tagDive          = "dive"
	tagKeys          = "keys"
	tagEndKeys       = "endkeys"
	tagStructOnly    = "structonly"
	tagNoStructLevel = "nostructlevel"
)

// badTag is a tag that validator could not run as it is written.
type badTag struct {
	problem, fix string
}

func (b *badTag) Error() string { return b.problem + ": " + b.fix }

func badTagf(fix, format string, args ...any) *badTag {
	return &badTag{problem: fmt.Sprintf(format, args...), fix: fix}
}

// segment is what stands between two commas, after aliases were written out.
type segment struct {
	text, alias string
}

// parseTag reads a tag as validator's parseFieldTagsRecursive does, and refuses
// what that would panic on. It does not know which names exist.
func parseTag(tag string, aliases map[string]string) (*Level, *badTag) {
	if tag == tagSkip {
		return &Level{Skip: true}, nil
	}
	if tag == "" {
		return &Level{}, nil
	}
	segments, bad := expand(tag, "", aliases, 0)
	if bad != nil {
		return nil, bad
	}
	rules, rest, bad := parseLevel(segments, aliases)
	if bad == nil && len(rest) > 0 {
		bad = badTagf("remove it, or write dive,keys,…,endkeys", "endkeys without keys")
	}
	return rules, bad
}

// expand splits a tag at its commas and writes aliases out. An alias stands for
// a whole segment; inside alternatives it is looked at in parseAlternatives.
func expand(tag, alias string, aliases map[string]string, depth int) ([]segment, *badTag) {
	if depth > 8 {
		return nil, badTagf("remove the alias from its definition", "alias %s leads back to itself", alias)
	}
	var out []segment
	for text := range strings.SplitSeq(tag, ",") {
		written, ok := aliases[text]
		if !ok {
			out = append(out, segment{text, alias})
			continue
		}
		name := alias
		if name == "" {
			name = text
		}
		inner, bad := expand(written, name, aliases, depth+1)
		if bad != nil {
			return nil, bad
		}
		out = append(out, inner...)
	}
	return out, nil
}

// parseLevel reads rules until the segments end or endkeys closes the level; it
// returns what it did not read, endkeys first.
func parseLevel(segments []segment, aliases map[string]string) (*Level, []segment, *badTag) {
	rules := &Level{}
	for i, s := range segments {
		switch s.text {
		case tagDive:
			rest, bad := parseDive(rules, segments[i+1:], aliases)
			return rules, rest, bad
		case tagKeys:
			return nil, nil, badTagf("write dive,keys,…,endkeys", "keys does not follow dive")
		case tagEndKeys:
			return rules, segments[i:], nil
		}
		rule, bad := parseRule(s, aliases)
		if bad != nil {
			return nil, nil, bad
		}
		rules.All = append(rules.All, rule)
	}
	return rules, nil, nil
}

func parseDive(outer *Level, segments []segment, aliases map[string]string) ([]segment, *badTag) {
	if len(segments) > 0 && segments[0].text == tagKeys {
		keys, rest, bad := parseLevel(segments[1:], aliases)
		if bad != nil {
			return nil, bad
		}
		if len(rest) == 0 {
			return nil, badTagf("write endkeys after the rules of the keys", "keys without endkeys")
		}
		outer.Keys, segments = keys, rest[1:]
	}
	elem, rest, bad := parseLevel(segments, aliases)
	outer.Elem = elem
	return rest, bad
}

func parseRule(s segment, aliases map[string]string) (Rule, *badTag) {
	if !strings.Contains(s.text, "|") {
		rule := splitRule(s.text)
		rule.Alias = s.alias
		if rule.Name == "" {
			return rule, badTagf("remove the extra comma", "the tag has an empty rule")
		}
		return rule, nil
	}
	out := Rule{Alias: s.alias}
	for text := range strings.SplitSeq(s.text, "|") {
		alternatives, bad := parseAlternative(text, aliases)
		if bad != nil {
			return out, bad
		}
		out.Any = append(out.Any, alternatives...)
	}
	return out, nil
}

// parseAlternative reads one side of '|'. An alias made of alternatives only joins
// them; any other would mean something that nobody can guess from the tag.
func parseAlternative(text string, aliases map[string]string) ([]Rule, *badTag) {
	rule := splitRule(text)
	switch rule.Name {
	case "":
		return nil, badTagf("remove the extra |", "the tag has an empty alternative")
	case tagOmitEmpty, tagOmitZero, tagOmitNil, tagStructOnly, tagNoStructLevel, tagDive, tagKeys, tagEndKeys:
		return nil, badTagf("write "+rule.Name+" as a rule of its own, between commas", "%s cannot be an alternative", rule.Name)
	}
	written, ok := aliases[rule.Name]
	if !ok {
		return []Rule{rule}, nil
	}
	if strings.Contains(written, ",") || rule.HasParam {
		return nil, badTagf("write its rules out", "alias %s cannot be an alternative", rule.Name)
	}
	var out []Rule
	for alt := range strings.SplitSeq(written, "|") {
		out = append(out, splitRule(alt))
	}
	return out, nil
}

func splitRule(text string) Rule {
	name, param, has := strings.Cut(text, "=")
	param = strings.ReplaceAll(strings.ReplaceAll(param, "0x2C", ","), "0x7C", "|")
	return Rule{Name: name, Param: param, HasParam: has}
}

// splitList reads the parameter of oneof and its like: words between blanks, or
// whole phrases between single quotes. A quote itself cannot be written.
func splitList(param string) []string {
	var out []string
	for i := 0; i < len(param); {
		if strings.IndexByte(" \t\n\f\r", param[i]) >= 0 {
			i++
			continue
		}
		end := 0
		if param[i] == '\'' {
			end = strings.IndexByte(param[i+1:], '\'') + 2 // 1 where it is never closed
		}
		if end < 2 {
			if end = strings.IndexAny(param[i:], " \t\n\f\r"); end < 0 {
				end = len(param) - i
			}
		}
		out = append(out, strings.ReplaceAll(param[i:i+end], "'", ""))
		i += end
	}
	return out
}
