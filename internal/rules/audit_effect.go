package rules

import (
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// effect follows the rules of one level in their order and looks for those that cannot
// do what they say: required behind omitempty never refuses anything, and max=3 beside
// min=5 refuses everything.
type effect struct {
	auditor *auditor
	site    site
	typ     reflect.Type // behind pointers
	kind    Kinds
	pointer bool

	given   string // the rule behind which the value is neither nil nor, unless a pointer leads to it, zero
	notZero string // the rule behind which the value is not zero, a slice not empty
	least   bound
	most    bound
	seen    []namedTest     // the rules that a listed value has to pass
	listed  []reflect.Value // the values that oneof or eq leave; nil without them
	list    string          // the rule that listed them
	names   []string        // of the rules so far
}

// bound is an end of the range of a number, or of a text's or a list's length.
type bound struct {
	at   *big.Float // nil: none
	open bool       // at itself is outside
	rule string     // that set it; "" is the type
}

type namedTest struct {
	rule string
	test test
}

// effects audits what the rules of a level do together. Each of them is in order alone.
func (a *auditor) effects(s site, rules *Level) {
	e := &effect{auditor: a, site: s, typ: deref(s.typ), pointer: s.typ.Kind() == reflect.Pointer}
	e.kind = KindOf(e.typ)
	if isValuer(s.typ) {
		return // what it stands for is not known
	}
	e.least, e.most = typeRange(e.typ)
	if e.kind.Has(BoolKind) {
		e.listed, e.list = []reflect.Value{e.value(false), e.value(true)}, ""
	}
	for _, rule := range rules.All {
		if len(rule.Any) > 0 || a.validator.registered(rule.Name) {
			continue
		}
		if !e.follow(rule) {
			return // what comes after it would only repeat the fault
		}
		e.names = append(e.names, rule.String())
	}
}

func (e *effect) value(v any) reflect.Value { return reflect.ValueOf(v).Convert(e.typ) }

// fault reports a rule and returns false.
func (e *effect) fault(rule Rule, fix, problem string, args ...any) bool {
	e.auditor.fault(e.site, e.auditor.written(rule), fix, problem, args...)
	return false
}

// follow takes one more rule; false where it has a fault.
func (e *effect) follow(rule Rule) bool {
	name := rule.Name
	switch {
	case slices.Contains(e.names, "isdefault"):
		return e.fault(rule, "remove one of the two", "%s after isdefault has nothing to check", name)
	case name == tagOmitEmpty || name == tagOmitNil || name == tagOmitZero:
		return e.omit(rule)
	case name == "required":
		if e.given != "" {
			fix := "keep required for a value that has to be sent, or " + e.given + " for one that may be left out"
			if e.given == name {
				fix = "remove one of the two"
			}
			return e.fault(rule, fix, "%s can never fail after %s", name, e.given)
		}
		e.gives(name)
	case strings.HasPrefix(name, "required_") || name == "skip_unless":
		if e.given != "" {
			return e.fault(rule, "put it before "+e.given+", or remove one of the two", "%s can never fail after %s", name, e.given)
		}
		return true
	case name == "isdefault":
		if e.given != "" {
			return e.fault(rule, "write isdefault alone, or remove it", "%s after %s refuses every value", name, e.given)
		}
		return true
	}
	return e.ranges(rule) && e.conflicts(rule) && e.lists(rule)
}

// omit takes omitempty and its relatives. One without an effect is harmless, but not what
// its author thinks.
func (e *effect) omit(rule Rule) bool {
	name := rule.Name
	nilable := e.pointer || e.kind.Has(BytesKind|SliceKind|MapKind|InterfaceKind) || e.typ.Kind() == reflect.Chan || e.typ.Kind() == reflect.Func
	switch {
	case name == tagOmitNil && !nilable:
		e.warn("omitnil has no effect on " + kindWord(e.typ) + ", which is never nil; write omitempty, or make the field a pointer")
		return true
	case e.notZero != "" || name != tagOmitZero && e.given != "":
		before := e.notZero
		if before == "" {
			before = e.given
		}
		e.warn(name + " has no effect after " + before + "; remove one of the two")
		return true
	}
	e.gives(name)
	if name == tagOmitZero {
		e.notZero = name
		e.atLeastOne(name)
	}
	return true
}

// gives notes that from here on a value is there.
func (e *effect) gives(name string) {
	e.given = name
	if !e.pointer && !e.kind.Has(BytesKind|SliceKind|MapKind|InterfaceKind) {
		e.notZero = name
		e.atLeastOne(name)
	}
}

// atLeastOne notes that a text or a list is not empty, and that no listed value is zero.
func (e *effect) atLeastOne(name string) {
	if e.kind.Has(StringKind | BytesKind | SliceKind | MapKind) {
		e.atLeast(big.NewFloat(1), false, name)
	}
	e.seen = append(e.seen, namedTest{name, func(v reflect.Value) bool { return !zeroTest(e.typ)(v) }})
}

func (e *effect) atLeast(at *big.Float, open bool, rule string) {
	if e.least.at == nil || at.Cmp(e.least.at) > 0 || at.Cmp(e.least.at) == 0 && open {
		e.least = bound{at, open, rule}
	}
}

func (e *effect) atMost(at *big.Float, open bool, rule string) {
	if e.most.at == nil || at.Cmp(e.most.at) < 0 || at.Cmp(e.most.at) == 0 && open {
		e.most = bound{at, open, rule}
	}
}

// typeRange is the range of a number's type, and of the length of anything that has one.
func typeRange(t reflect.Type) (least, most bound) {
	switch kind := kindBit(t); {
	case kind.Has(IntKind):
		bits := t.Bits()
		return bound{at: whole(math.MinInt64 >> (64 - bits))}, bound{at: whole(math.MaxInt64 >> (64 - bits))}
	case kind.Has(UintKind):
		return bound{at: whole(0)}, bound{at: new(big.Float).SetUint64(math.MaxUint64 >> (64 - t.Bits()))}
	case kind.Has(ArrayKind):
		return bound{at: whole(int64(t.Len()))}, bound{at: whole(int64(t.Len()))}
	case kind.Has(StringKind | lengths):
		return bound{at: whole(0)}, bound{}
	}
	return bound{}, bound{}
}

func whole(n int64) *big.Float { return new(big.Float).SetInt64(n) }

// ranges narrows the range of numbers and lengths, and refuses what leaves none.
func (e *effect) ranges(rule Rule) bool {
	if e.kind.Has(TimeKind) {
		return e.times(rule)
	}
	least, most := e.least, e.most
	written := e.auditor.written(rule)
	if n := e.number(rule); n != nil {
		integer := !e.kind.Has(FloatKind)
		one := whole(1)
		switch rule.Name {
		case "len", "eq":
			e.atLeast(n, false, written)
			e.atMost(n, false, written)
		case "min", "gte":
			e.atLeast(n, false, written)
		case "max", "lte":
			e.atMost(n, false, written)
		case "gt":
			if integer {
				n = new(big.Float).Add(n, one)
			}
			e.atLeast(n, !integer, written)
		case "lt":
			if integer {
				n = new(big.Float).Sub(n, one)
			}
			e.atMost(n, !integer, written)
		case "ne":
			if e.most.at != nil && e.least.at != nil && n.Cmp(e.least.at) == 0 && n.Cmp(e.most.at) == 0 {
				return e.nothingPasses(rule, e.least.rule)
			}
		}
	}
	if from, to, ok := formatLength(rule); ok && e.kind.Has(StringKind) {
		e.atLeast(whole(int64(from)), false, written)
		if to > 0 {
			e.atMost(whole(int64(to)), false, written)
		}
	}
	if e.least.at != nil && e.most.at != nil {
		if c := e.least.at.Cmp(e.most.at); c > 0 || c == 0 && (e.least.open || e.most.open) {
			other := e.least.rule
			if other == written {
				other = e.most.rule
			}
			return e.nothingPasses(rule, other)
		}
	}
	if e.kind.Has(numbers|StringKind|lengths) && !e.kind.Has(ArrayKind) && e.least == least && e.most == most && e.number(rule) != nil {
		e.warnOfBound(rule)
	}
	return true
}

// nothingPasses refuses a rule that leaves no value beside another; "" is the type.
func (e *effect) nothingPasses(rule Rule, other string) bool {
	if other == "" || other == e.auditor.written(rule) {
		return e.fault(rule, "correct the parameter", "it refuses every %s", kindWord(e.typ))
	}
	return e.fault(rule, "correct one of the two", "no value can satisfy both %s and %s", e.auditor.written(rule), other)
}

// warnOfBound warns of a bound that the type has already: it is true, and never refuses.
func (e *effect) warnOfBound(rule Rule) {
	end := e.least
	switch rule.Name {
	case "max", "lte", "lt":
		end = e.most
	case "min", "gte", "gt":
	default:
		return
	}
	if end.rule == "" {
		e.warn(rule.String() + " is true for every " + kindWord(e.typ) + "; remove it, or correct the number")
	}
}

func (e *effect) warn(text string) {
	if e.site.parent != nil {
		e.auditor.validator.warn(e.site, text)
	}
}

// times refuses a time that has to be both before and after now.
func (e *effect) times(rule Rule) bool {
	sides := map[string]string{"gt": "past", "gte": "past", "min": "past", "lt": "future", "lte": "future", "max": "future"}
	for _, before := range e.names {
		if side, other := sides[rule.Name], sides[before]; side != "" && other != "" && side != other {
			return e.nothingPasses(rule, before)
		}
	}
	return true
}

// number is the parameter of a rule about a number or a size; nil of any other.
func (e *effect) number(rule Rule) *big.Float {
	switch rule.Name {
	case "min", "max", "gt", "gte", "lt", "lte", "len":
	case "eq", "ne":
		if e.kind.Has(StringKind | BoolKind) {
			return nil
		}
	default:
		return nil
	}
	if e.kind.Has(FloatKind) {
		if f, err := parseFloat(rule.Param, e.typ); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return big.NewFloat(f)
		}
		return nil
	}
	if e.kind.Has(IntKind) {
		if n, err := parseInt(rule.Param, e.typ); err == nil {
			return whole(n)
		}
		return nil
	}
	n, ok := new(big.Int).SetString(rule.Param, 0)
	if !ok {
		return nil
	}
	return new(big.Float).SetInt(n)
}

// formatLength is the number of characters that a format has; to is 0 without a limit.
func formatLength(rule Rule) (from, to int, ok bool) {
	switch rule.Name {
	case "contains", "startswith", "endswith":
		return utf8.RuneCountInString(rule.Param), 0, true
	}
	n, ok := formatLengths[rule.Name]
	return n, n, ok
}

// formatLengths is never written after the package is initialised.
var formatLengths = map[string]int{
	"uuid": 36, "uuid_rfc4122": 36, "uuid3": 36, "uuid4": 36, "uuid5": 36, "uuid7": 36,
	"uuid3_rfc4122": 36, "uuid4_rfc4122": 36, "uuid5_rfc4122": 36, "ulid": 26,
	"md4": 32, "md5": 32, "sha256": 64, "sha384": 96, "sha512": 128, "ripemd128": 32, "ripemd160": 40,
	"tiger128": 32, "tiger160": 40, "tiger192": 48, "mongodb": 24, "eth_addr": 42, "ssn": 11, "ein": 10,
	"iso3166_1_alpha2": 2, "iso3166_1_alpha2_eu": 2, "iso3166_1_alpha3": 3, "iso3166_1_alpha3_eu": 3, "iso4217": 3,
}

// disjoint are formats of which no text has two. It is never written after the package is
// initialised.
var disjoint = [][2][]string{
	{{"alpha", "alphaspace", "alphaunicode"}, {"number", "numeric"}},
	{{"ipv4"}, {"ipv6"}},
	{{"uuid3", "uuid3_rfc4122"}, {"uuid4", "uuid4_rfc4122", "uuid5", "uuid5_rfc4122", "uuid7"}},
	{{"uuid4", "uuid4_rfc4122"}, {"uuid5", "uuid5_rfc4122", "uuid7"}},
	{{"uuid5", "uuid5_rfc4122"}, {"uuid7"}},
}

// conflicts refuses two formats of which no text has both.
func (e *effect) conflicts(rule Rule) bool {
	if !e.kind.Has(StringKind) {
		return true
	}
	for _, pair := range disjoint {
		for i := range pair {
			if !slices.Contains(pair[i], rule.Name) {
				continue
			}
			for _, before := range e.names {
				if slices.Contains(pair[1-i], before) {
					return e.nothingPasses(rule, before)
				}
			}
		}
	}
	return true
}

// lists lets the values of oneof and eq pass the other rules, and refuses what none passes.
func (e *effect) lists(rule Rule) bool {
	if t, ok := e.exactTest(rule); ok && t != nil {
		e.seen = append(e.seen, namedTest{e.auditor.written(rule), t})
	}
	if values := e.valuesOf(rule); values != nil && e.listed == nil {
		e.listed, e.list = values, e.auditor.written(rule)
	}
	if e.listed == nil {
		return true
	}
	other := e.list
	for i, seen := range e.seen {
		left := slices.DeleteFunc(slices.Clone(e.listed), func(v reflect.Value) bool { return !seen.test(v) })
		if len(left) == 0 {
			if seen.rule != e.auditor.written(rule) {
				other = seen.rule
			} else if other == "" && i > 0 {
				other = e.seen[i-1].rule
			}
			return e.nothingPasses(rule, other)
		}
		e.listed = left
	}
	return true
}

// exactTest is a rule as the fast path tests it, where that says no only to what validator
// refuses.
func (e *effect) exactTest(rule Rule) (test, bool) {
	switch rule.Name {
	case "email", "url", "http_url", "https_url", "uri", "required", "isdefault":
		return nil, false
	}
	p := &planner{validator: e.auditor.validator}
	if e.kind.Has(StringKind) {
		t, ok := p.textTestOf(rule, e.pointer)
		if t == nil {
			return nil, ok
		}
		return func(v reflect.Value) bool { return t(v.String()) }, ok
	}
	if !e.kind.Has(numbers | BoolKind) {
		return nil, false
	}
	return p.testOf(e.typ, rule, e.pointer)
}

// valuesOf are the values that a rule lists; nil if it lists none.
func (e *effect) valuesOf(rule Rule) []reflect.Value {
	var out []reflect.Value
	switch {
	case rule.Name == "eq" && e.kind.Has(StringKind):
		return []reflect.Value{e.value(rule.Param)}
	case rule.Name == "oneof" && e.kind.Has(StringKind):
		for _, text := range splitList(rule.Param) {
			out = append(out, e.value(text))
		}
	case rule.Name == "oneof" && e.kind.Has(IntKind):
		for _, text := range splitList(rule.Param) {
			if n, err := parseInt(text, e.typ); err == nil {
				out = append(out, e.value(n))
			}
		}
	case rule.Name == "oneof" && e.kind.Has(UintKind):
		for _, text := range splitList(rule.Param) {
			if n, ok := new(big.Int).SetString(text, 10); ok {
				out = append(out, e.value(n.Uint64()))
			}
		}
	}
	return out
}
