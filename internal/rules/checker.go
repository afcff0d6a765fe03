package rules

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/go-playground/validator/v10"
)

// Checker judges values of one type. It is immutable and safe for concurrent use. A nil
// Checker accepts everything.
type Checker struct {
	validator *Validator
	engine    *validator.Validate // the validator's, or one that knows more of this type
	typ       reflect.Type
	dive      string      // for roots other than structs: the tag that leads to their structs
	ruled     bool        // something below the root has rules
	split     *structPlan // the fast path of a struct, field by field; nil without one
	whole     bool        // split vouches for all that validator would look at
	plan      *levelPlan  // the fast path of anything else
	selves    *selfPlan   // where SelfCheckers are in a value; nil: nowhere
	piece     int         // how many elements validator is given at once
	slowOnce  sync.Once
	slowState slowPath
}

// Compile audits the rules of everything that t reaches and prepares a Checker for
// values of t: structs, but also slices and maps of structs; other types have nothing
// to check. With faults the Checker is nil.
func (v *Validator) Compile(t reflect.Type) (*Checker, []fault.Fault) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sealed = true
	if c, ok := v.checkers[t]; ok {
		return c, nil
	}
	if t.Kind() == reflect.Interface {
		return nil, nil // nothing is known before a value is there
	}
	a := &auditor{validator: v, structs: make(ruledStructs)}
	a.fields(innermost(t), "")
	selves := a.selves(t, "")
	if len(a.faults) > 0 {
		clear(v.selves) // they have a fault that would not be found again
		return nil, a.faults
	}
	v.warnForeign(t, a.structs)
	c := &Checker{
		validator: v,
		typ:       t,
		dive:      divePath(t),
		selves:    selves,
		piece:     piece,
	}
	c.ruled = v.foreign || t.Kind() == reflect.Struct || v.mayMeetRules(innermost(t))
	if c.ruled && !v.foreign {
		c.compile(a.structs)
	}
	c.engine = v.engineFor(t)
	v.checkers[t] = c
	return c, nil
}

// divePath is the tag that makes validator visit the structs inside a root that is no
// struct itself, as the elements of a field with dive.
func divePath(t reflect.Type) string {
	var path []byte
	for range maxLevels {
		t = deref(t)
		switch t.Kind() {
		case reflect.Slice, reflect.Array, reflect.Map:
			if len(path) > 0 {
				path = append(path, ',')
			}
			path = append(path, "omitempty,dive"...)
			t = t.Elem()
		default:
			return string(path)
		}
	}
	return "" // it holds no struct, only itself
}

// Check judges the value that ptr points to; ptr is a non-nil *T of the compiled type.
// It returns nil, *Failures, or another error for which the client is not to blame: a
// *PanicError, or the context's error out of a Validate method.
func (c *Checker) Check(ctx context.Context, ptr any) error {
	if c == nil {
		return nil
	}
	var err error
	root := reflect.ValueOf(ptr).Elem()
	switch { // the fast path is asked, and validator where that does not vouch
	case !c.ruled:
	case c.split != nil:
		// The fields that the plan does not vouch for, by their bits. Beyond 64 fields several
		// share a bit: then validator looks at some that are in order as well.
		var undecided uint64
		for i := range c.split.fields {
			if f := &c.split.fields[i]; !f.level.holds(root.Field(f.index)) {
				undecided |= 1 << (i % 64)
			}
		}
		if undecided != 0 || !c.whole {
			skip := c.rest(undecided)
			err = c.verdict(ctx, ptr, root, skip, func() error { return c.engine.StructFilteredCtx(ctx, ptr, skip) })
		}
	case c.plan == nil || !c.plan.holds(root):
		err = c.verdict(ctx, ptr, root, nil, func() error { return c.ask(ctx, ptr, root) })
	}
	if err == nil && c.selves != nil {
		return c.askSelves(ctx, root)
	}
	return err
}

// Idle reports whether there is nothing to check: Check returns nil for every value.
func (c *Checker) Idle() bool {
	if c == nil {
		return true
	}
	empty := c.whole && len(c.split.fields) == 0
	return c.selves == nil && (!c.ruled || empty)
}

// verdict turns what validator answers into ours. It is asked at once by call, or piece by
// piece about a large value: then about the fields of a struct that skip does not name.
func (c *Checker) verdict(ctx context.Context, ptr any, root reflect.Value, skip validator.FilterFunc, call func() error) error {
	var p *pieces
	var done bool
	var err error
	if c.weigh(root, 0) > c.piece {
		p = c.pieces(ctx, root)
		var f *frame
		if c.typ.Kind() == reflect.Struct {
			f = c.frame(ptr, skip)
		}
		done, err = p.split(root, elements(c.typ), strings.Split(c.dive, ","), "", f)
	}
	if !done {
		if err = c.run(call); err == nil {
			return nil
		}
		p = c.pieces(ctx, root)
		_, err = p.tell(origin{name: c.slow().name}, err)
	}
	if panicked, ok := errors.AsType[*enginePanic](err); ok {
		c.validator.reportPanic(ctx, c.typ, panicked)
		return c.salvage(ctx, ptr, root)
	}
	if err == nil && len(p.out.List) > 0 {
		return &p.out
	}
	return err
}

// frame is that of a root which is a struct.
func (c *Checker) frame(ptr any, skip validator.FilterFunc) *frame {
	return &frame{ptr, origin{name: c.slow().name}, c.slow().name, skip}
}

// weigh adds the elements and entries in v to n, but goes not far beyond a piece: lists
// may lead back to themselves where validator does not follow them.
func (c *Checker) weigh(v reflect.Value, n int) int {
	t, lists := v.Type(), c.slow().lists
	switch t.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return c.weigh(v.Elem(), n)
		}
	case reflect.Struct:
		for _, i := range lists[t] {
			n = c.weigh(v.Field(i), n)
		}
	case reflect.Slice, reflect.Array, reflect.Map:
		n += v.Len()
		switch elem := t.Elem(); {
		case !mayHoldList(elem), deref(elem).Kind() == reflect.Struct && len(lists[deref(elem)]) == 0:
		case t.Kind() == reflect.Map:
			for iter := v.MapRange(); n <= c.piece && iter.Next(); {
				n = c.weigh(iter.Value(), n)
			}
		default:
			for i := 0; i < v.Len() && n <= c.piece; i++ {
				n = c.weigh(v.Index(i), n)
			}
		}
	}
	return n
}

// mayHoldList reports whether validator may come to a list within a value of t.
func mayHoldList(t reflect.Type) bool {
	if k := t.Kind(); k == reflect.String || k < reflect.Array {
		return false
	}
	t = deref(t)
	return t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Struct && !isTime(t) ||
		t.Kind() == reflect.Array && mayHoldList(t.Elem())
}

// ask has validator judge a whole root.
func (c *Checker) ask(ctx context.Context, ptr any, root reflect.Value) error {
	switch {
	case c.dive != "":
		return c.engine.VarCtx(ctx, ptr, c.dive)
	case KindOf(c.typ).Has(StructKind):
		for root.Kind() == reflect.Pointer {
			if root.IsNil() {
				return nil
			}
			ptr, root = root.Interface(), root.Elem()
		}
		return c.engine.StructCtx(ctx, ptr)
	}
	return nil
}

// compile prepares the fast path: field by field for a struct, as a whole for a slice
// or a map.
func (c *Checker) compile(structs ruledStructs) {
	p := &planner{c.validator, structs}
	if c.typ.Kind() != reflect.Struct || isTime(c.typ) {
		if l, covered := p.levelOf(c.typ, elements(c.typ)); covered {
			c.plan = l
			c.ruled = l != nil
		}
	} else if plan := p.structOf(c.typ); len(plan.fields) > 0 || len(unruled(c.typ, "")) > 0 && !plan.complete() {
		c.split, c.whole = plan, plan.complete()
	} else {
		c.ruled = !plan.complete()
	}
	for t, read := range structs { // once all of them are whole
		if read.plan != nil {
			c.validator.plans[t] = read.plan
		}
	}
}

// elements are the rules that make validator visit the structs inside a slice or map.
func elements(t reflect.Type) *Level {
	switch t = deref(t); t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return &Level{All: []Rule{{Name: tagOmitEmpty}}, Elem: elements(t.Elem())}
	}
	return &Level{}
}

// test reports whether a value certainly keeps a rule. "No" only means that validator
// has to be asked: a wrong "yes" would let a value through that validator refuses, so
// every test must be at least as strict as validator is.
type test func(v reflect.Value) bool

// structPlan holds what has to be tested in a struct. Fields without rules are not in it.
type structPlan struct {
	fields []fieldPlan
	// uncovered are the fields that only validator can judge.
	uncovered []int
	// judged tells that a struct-level function follows the fields.
	judged bool
	done   bool // false while the plan is being compiled, further up
}

type fieldPlan struct {
	index int
	level *levelPlan
}

// complete tells that the plan vouches for all that validator would look at. It is
// asked when a value comes, as the plan of a recursive type refers to itself before
// it is complete.
func (p *structPlan) complete() bool { return len(p.uncovered) == 0 && !p.judged }

// holds tests the fields of a struct below the root, which is covered entirely or not at all.
func (p *structPlan) holds(v reflect.Value) bool {
	if !p.complete() {
		return false
	}
	for i := range p.fields {
		if f := &p.fields[i]; !f.level.holds(v.Field(f.index)) {
			return false
		}
	}
	return true
}

// levelPlan is what one level of a tag asks: rules in order, then what lies below.
type levelPlan struct {
	pointers int        // to look through first
	nilHolds bool       // a nil pointer needs nothing more
	texts    []textStep // the rules of a string, which is read once for all of them
	steps    []step     // the rules of anything else
	below    test       // the struct's fields or the elements; nil for none
}

// step is one rule, or an omit word: if its test holds, nothing more is asked.
type step struct {
	omit bool
	test test
}

type textStep struct {
	omit bool
	test func(string) bool
}

func (l *levelPlan) holds(v reflect.Value) bool {
	for range l.pointers {
		if v.IsNil() {
			return l.nilHolds
		}
		v = v.Elem()
	}
	if len(l.texts) > 0 {
		text := v.String()
		for i := range l.texts {
			if s := &l.texts[i]; s.test(text) == s.omit {
				return s.omit
			}
		}
		return true
	}
	for i := range l.steps {
		if s := &l.steps[i]; s.test(v) == s.omit {
			return s.omit
		}
	}
	return l.below == nil || l.below(v)
}

// slowPath is what values need that validator has to judge. It is made for the first of
// them, as most types never meet one.
type slowPath struct {
	name    string                 // the prefix of validator's namespaces
	members memberTable            // the names of the fields that failures may be about
	lists   map[reflect.Type][]int // the fields of each struct that may hold lists
	bits    map[string]int         // of the fields that the plan of the root covers, by validator's namespace
	known   failureCache
}

func (c *Checker) slow() *slowPath {
	c.slowOnce.Do(func() {
		s, v := &c.slowState, c.validator
		s.known.off = v.foreign || len(v.structs) > 0
		s.name = prefixOf(deref(c.typ))
		s.members = make(memberTable)
		s.members.collect(c.typ)
		s.lists = make(map[reflect.Type][]int, len(s.members))
		for t := range s.members {
			s.lists[t] = v.listsOf(t)
		}
		if c.split != nil {
			s.bits = make(map[string]int, len(c.split.fields))
			for i, f := range c.split.fields {
				s.bits[s.name+c.typ.Field(f.index).Name] = i % 64
			}
			for _, name := range unruled(c.typ, s.name) {
				s.bits[name] = unruledBit
			}
		}
	})
	return &c.slowState
}

// rest makes validator skip the covered fields that the plan vouches for. It sees the
// whole struct all the same, so that rules about other fields work.
func (c *Checker) rest(undecided uint64) validator.FilterFunc {
	bits := c.slow().bits
	return func(path []byte) bool {
		bit, covered := bits[string(path)]
		return covered && (bit == unruledBit || undecided&(1<<bit) == 0)
	}
}

// unruledBit is the bit of a field that validator does not look at.
const unruledBit = -1

// hasNoRules reports whether a field is an auth field.
func hasNoRules(f *reflect.StructField) bool {
	if !strings.Contains(string(f.Tag), `auth:"`) {
		return false // most fields, in fewer steps
	}
	_, auth := f.Tag.Lookup("auth")
	return auth
}

// unruled are the fields without rules, by validator's namespace, also in structs that
// open embeds.
func unruled(t reflect.Type, prefix string, open ...reflect.Type) (names []string) {
	if t = deref(t); t.Kind() != reflect.Struct || slices.Contains(open, t) {
		return nil
	}
	open = append(open, t)
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case hasNoRules(&f):
			names = append(names, prefix+f.Name)
		case f.Anonymous:
			names = append(names, unruled(f.Type, prefix+f.Name+".", open...)...)
		}
	}
	return names
}

// PanicError is a panic in the program's code: a registered function or a Validate
// method. It is no fault of the client's; an HTTP server answers 500.
type PanicError struct {
	// Where names the code that panicked: "tag isbn", "Validate method".
	Where string
	// Value is what was given to panic, Stack the stack at that moment.
	Value any
	Stack []byte
}

func (p *PanicError) Error() string {
	return fmt.Sprintf("validate: panic in %s: %v\n%s", p.Where, p.Value, p.Stack)
}

// Unwrap is the panic's value where that is an error, such as http.ErrAbortHandler.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// blame marks a panic as one of the program's code. Deferred.
func blame(where string) {
	if r := recover(); r != nil {
		if marked, ok := r.(*PanicError); ok {
			panic(marked)
		}
		panic(&PanicError{Where: where, Value: r, Stack: debug.Stack()})
	}
}

// enginePanic is a panic of validator itself, which a value set off that its
// function for the tag does not expect.
type enginePanic struct {
	value any
	stack []byte
}

func (p *enginePanic) Error() string { return fmt.Sprintf("validator panicked: %v", p.value) }

// run calls validator and turns panics into errors.
func (c *Checker) run(call func() error) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *PanicError:
			err = r
		default:
			err = &enginePanic{value: r, stack: debug.Stack()}
		}
	}()
	return call()
}

func (v *Validator) reportPanic(ctx context.Context, t reflect.Type, p *enginePanic) {
	err := fmt.Errorf("validate: %v: %w\n%s", t, p, p.stack)
	if v.report != nil {
		v.report(ctx, err)
		return
	}
	v.log().ErrorContext(ctx, "validator panicked on a client's value", "error", err)
}

// salvage runs after a panic: each field of the root alone, so that the client learns
// which one holds the value that cannot be judged, and what else is wrong.
func (c *Checker) salvage(ctx context.Context, ptr any, root reflect.Value) error {
	out := &Failures{}
	unjudged := func(name string) Failure {
		where := (&locator{root: root, members: c.slow().members}).locate(name)
		return c.validator.worded(ctx, Failure{
			Field:   string(where.field),
			Pointer: string(where.pointer),
			Rule:    "kind",
			Message: "has a type that its rules cannot check",
		})
	}
	if c.typ.Kind() != reflect.Struct {
		out.add(unjudged(""))
		return out
	}
	for i := range c.typ.NumField() {
		p := c.pieces(ctx, root)
		if err := p.field(*c.frame(ptr, nil), root.Field(i), c.typ.Field(i)); err != nil {
			out.add(unjudged(c.typ.Field(i).Name))
			continue
		}
		for _, failure := range p.out.List {
			if failure.Field == "" || !out.add(failure) {
				break
			}
		}
	}
	if len(out.List) == 0 {
		out.add(unjudged(""))
	}
	return out
}
