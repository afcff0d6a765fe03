package rules

import (
	"reflect"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/internal/presence"
)

// planner compiles rules into tests, one structPlan a type, shared by pointer: recursive
// types end, and a type that many endpoints use is compiled once.
type planner struct {
	validator *Validator
	structs   ruledStructs
}

// structOf compiles a struct.
func (p *planner) structOf(t reflect.Type) *structPlan {
	if plan, ok := p.validator.plans[t]; ok {
		return plan
	}
	read := p.structs.of(t, p.validator.tagName)
	if read.plan != nil {
		return read.plan
	}
	plan := &structPlan{judged: p.validator.structs[t] != nil}
	read.plan = plan
	for i := range read.fields {
		if f := &read.fields[i]; (f.IsExported() || f.Anonymous) && !f.unruled {
			l, covered := p.fieldOf(t, f)
			plan.add(i, t, l, covered)
		}
	}
	plan.done = true
	return plan
}

// add takes what levelOf returned for field i of struct t.
func (p *structPlan) add(i int, t reflect.Type, l *levelPlan, covered bool) {
	switch {
	case !covered:
		p.uncovered = append(p.uncovered, i)
	case l != nil:
		if p.fields == nil {
			p.fields = make([]fieldPlan, 0, t.NumField()-i)
		}
		p.fields = append(p.fields, fieldPlan{i, l})
	}
}

// fieldOf compiles the rules of a field of struct t, as levelOf does.
func (p *planner) fieldOf(t reflect.Type, f *ruledField) (_ *levelPlan, covered bool) {
	if f.plan != nil {
		return f.plan.level, f.plan.covered
	}
	rules, bad := p.validator.fieldRules(t, f)
	if bad != nil {
		return nil, false
	}
	if rules.Skip {
		return nil, true
	}
	level, covered := p.levelOf(f.Type, rules)
	if isLeaf(f.Type, rules) {
		p.validator.leaves[leaf{f.Type, f.tag}] = &leafPlan{level, covered}
	}
	return level, covered
}

// leaf is the type and the tag of a field whose rules mean the same wherever it stands.
// The same few pairs stand on most fields of a program, so each is audited and compiled
// once: what registering an endpoint costs grows by a quarter without it (row
// "registration").
type leaf struct {
	typ reflect.Type
	tag string
}

type leafPlan struct {
	level   *levelPlan // as levelOf returns it
	covered bool
}

// isLeaf reports whether a field holds nothing but scalars, and its rules neither name
// other fields nor may be worth a warning, which names the field.
func isLeaf(t reflect.Type, rules *Level) bool {
	plain := isScalar(t)
	for t = deref(t); !isScalar(t); t = deref(t.Elem()) {
		if t.Kind() != reflect.Slice && t.Kind() != reflect.Array || t.Name() != "" {
			return false
		}
	}
	for level := rules; level != nil; level = level.Elem {
		for _, rule := range level.All {
			switch builtins[rule.Name].Param {
			case FieldParam, FieldsParam, PairsParam:
				return false
			}
			if rule.Any != nil || plain && t.Kind() != reflect.String && rule.Name == "required" {
				return false
			}
		}
	}
	return true
}

func isScalar(t reflect.Type) bool {
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Float64 || t.Kind() == reflect.String
}

// presentOf compiles the rules of a presence type: they judge the value that was sent, and
// required only whether something was.
func (p *planner) presentOf(value reflect.Type, rules *Level) (_ *levelPlan, covered bool) {
	sent := *rules
	sent.All = nil
	for _, rule := range rules.All {
		switch {
		case rule.Name == "required" || rule.Name == tagOmitEmpty || rule.Name == tagOmitZero || rule.Name == tagOmitNil:
		case strings.HasPrefix(rule.Name, "required") || rule.Name == "isdefault":
			return nil, false // ask more than the value
		default:
			sent.All = append(sent.All, rule)
		}
	}
	level, covered := p.levelOf(value, &sent)
	required := rules.Has("required")
	if !covered || level == nil && !required {
		return nil, covered
	}
	return &levelPlan{below: func(v reflect.Value) bool {
		switch presence.StateOf(v) {
		case presence.Absent:
			return !required
		case presence.Null:
			return true
		}
		return level == nil || v.CanAddr() && level.holds(presence.Value(v))
	}}, true
}

// levelOf compiles the rules of one level; covered is false where only validator can
// judge. The level is nil where nothing has to be tested.
func (p *planner) levelOf(t reflect.Type, rules *Level) (_ *levelPlan, covered bool) {
	if deref(t).Kind() == reflect.Pointer {
		return nil, false // type P *P
	}
	l := &levelPlan{}
	for t.Kind() == reflect.Pointer {
		l.pointers++
		t = t.Elem()
	}
	if value, _, ok := presence.Of(t); ok && l.pointers == 0 {
		return p.presentOf(value, rules)
	}
	if isValuer(t) {
		return nil, false
	}
	l.nilHolds = nilHolds(rules)
	for _, rule := range rules.All {
		if p.validator.registered(rule.Name) || t.Kind() == reflect.Interface {
			return nil, false
		}
		if t.Kind() == reflect.String {
			s, ok := p.textStepOf(rule, l.pointers > 0)
			if !ok {
				return nil, false
			}
			if s.test != nil {
				l.texts = append(l.texts, s)
			}
			continue
		}
		s, ok := p.stepOf(t, rule, l.pointers > 0)
		if !ok {
			return nil, false
		}
		if s.test != nil {
			l.steps = append(l.steps, s)
		}
	}
	var ok bool
	if l.below, ok = p.belowOf(t, rules); !ok {
		return nil, false
	}
	if l.below == nil && len(l.steps)+len(l.texts) == 0 && (l.pointers == 0 || l.nilHolds) {
		return nil, true
	}
	return l, true
}

// nilHolds reports whether validator is content with a nil pointer: if no rule comes
// first, or one of those that it looks at before it gives up.
func nilHolds(rules *Level) bool {
	if len(rules.All) == 0 {
		return rules.Elem == nil
	}
	switch rules.All[0].Name {
	case tagOmitEmpty, tagOmitNil, tagOmitZero, "isdefault":
		return true
	}
	return false
}

// belowOf compiles what comes after the rules of a level.
func (p *planner) belowOf(t reflect.Type, rules *Level) (_ test, covered bool) {
	switch {
	case rules.Elem != nil:
		return p.diveOf(t, rules)
	case t.Kind() == reflect.Interface:
		return plainDynamic, true
	case t.Kind() == reflect.Struct && !isTime(t):
		plan := p.structOf(t)
		if plan.done && !plan.complete() {
			return nil, false
		}
		if plan.done && len(plan.fields) == 0 {
			return nil, true
		}
		return plan.holds, true
	}
	return nil, true
}

// plainDynamic vouches for an interface without rules if it holds what JSON makes of
// itself. Validator would look into a struct.
func plainDynamic(v reflect.Value) bool {
	if v.IsNil() {
		return true
	}
	switch v.Elem().Type() {
	case reflect.TypeFor[string](), reflect.TypeFor[float64](), reflect.TypeFor[bool](),
		reflect.TypeFor[map[string]any](), reflect.TypeFor[[]any]():
		return true
	}
	return false
}

func (p *planner) diveOf(t reflect.Type, rules *Level) (_ test, covered bool) {
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		elem, ok := p.levelOf(t.Elem(), rules.Elem)
		if !ok || rules.Keys != nil {
			return nil, false
		}
		if elem == nil {
			return nil, true
		}
		return func(v reflect.Value) bool {
			for i := range v.Len() {
				if !elem.holds(v.Index(i)) {
					return false
				}
			}
			return true
		}, true
	case reflect.Map:
		elem, ok := p.levelOf(t.Elem(), rules.Elem)
		if !ok {
			return nil, false
		}
		var keys *levelPlan
		if rules.Keys != nil {
			if !KindOf(t.Key()).Has(StringKind|IntKind|UintKind) || t.Key().Kind() == reflect.Pointer {
				return nil, false
			}
			if keys, ok = p.levelOf(t.Key(), rules.Keys); !ok {
				return nil, false
			}
		}
		if elem == nil && keys == nil {
			return nil, true
		}
		return mapTest(t, keys, elem), true
	}
	return nil, false
}

// entry holds one entry of a map; it is reused, so that a walk allocates nothing.
type entry struct {
	iter       reflect.MapIter
	key, value reflect.Value
}

// mapTest tests the entries of a map; a nil level asks nothing.
func mapTest(t reflect.Type, keys, values *levelPlan) test {
	pool := &sync.Pool{New: func() any {
		return &entry{key: reflect.New(t.Key()).Elem(), value: reflect.New(t.Elem()).Elem()}
	}}
	return func(v reflect.Value) bool {
		if v.Len() == 0 {
			return true
		}
		e := pool.Get().(*entry)
		e.iter.Reset(v)
		holds := true
		for holds && e.iter.Next() {
			if keys != nil {
				e.key.SetIterKey(&e.iter)
				holds = keys.holds(e.key)
			}
			if holds && values != nil {
				e.value.SetIterValue(&e.iter)
				holds = values.holds(e.value)
			}
		}
		e.iter.Reset(reflect.Value{}) // keep nothing of the client's in the pool
		e.key.SetZero()
		e.value.SetZero()
		pool.Put(e)
		return holds
	}
}
