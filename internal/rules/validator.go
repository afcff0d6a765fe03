package rules

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/go-playground/validator/v10"
)

// Options are those of validate.Options, whose comments say what they mean.
type Options struct {
	Validate *validator.Validate
	TagName  string
	Message  func(ctx context.Context, f Failure) string
	Report   func(ctx context.Context, err error)
	Logger   *slog.Logger
	// Failures reads what a Validate method returned: the failures that err itself is,
	// whatever it wraps. nil: those of a *Failures.
	Failures func(err error) (list []Failure, truncated, ok bool)
}

// Validator judges values by their validate tags. Registering is for set-up, from
// one goroutine; after the first Compile or Struct it panics. From then on a
// Validator may be used from any number of goroutines.
type Validator struct {
	engine   *validator.Validate
	foreign  bool // engine is the user's: what is registered on it is not known
	tagName  string
	message  func(ctx context.Context, f Failure) string
	report   func(ctx context.Context, err error)
	failures func(err error) (list []Failure, truncated, ok bool)
	logger   *slog.Logger
	aliases  map[string]string
	custom   map[string]string                             // tags registered here, with their schema fragments
	structs  map[reflect.Type]validator.StructLevelFuncCtx // of types that have one
	changes  []func(*validator.Validate)                   // all that was registered, in order

	mu       sync.Mutex
	sealed   bool
	generic  bool // a type was met that implies dive
	checkers map[reflect.Type]*Checker
	plans    map[reflect.Type]*structPlan // of structs whose rules are in order
	parsed   map[string]*Level            // by tag
	leaves   map[leaf]*leafPlan
	selves   map[reflect.Type]*selfPlan // nil: no SelfChecker is in values of the type
	warned   map[string]bool
}

// New makes a Validator; opts may be nil. It panics if Options.Validate reads another
// struct tag than Options.TagName.
func New(opts *Options) *Validator {
	if opts == nil {
		opts = &Options{}
	}
	v := &Validator{
		engine:   opts.Validate,
		foreign:  opts.Validate != nil,
		tagName:  opts.TagName,
		message:  opts.Message,
		failures: opts.Failures,
		report:   opts.Report,
		logger:   opts.Logger,
		aliases:  builtinAliases(),
		custom:   make(map[string]string),
		structs:  make(map[reflect.Type]validator.StructLevelFuncCtx),
		checkers: make(map[reflect.Type]*Checker),
		selves:   make(map[reflect.Type]*selfPlan),
		plans:    make(map[reflect.Type]*structPlan),
		parsed:   make(map[string]*Level),
		leaves:   make(map[leaf]*leafPlan),
		warned:   make(map[string]bool),
	}
	if v.tagName == "" {
		v.tagName = "validate"
	}
	if !v.foreign {
		v.engine = v.newEngine()
	} else if !readsTag(v.engine, v.tagName) {
		panic(fmt.Sprintf("validate: Options.Validate does not read the struct tag %q: "+
			"set Options.TagName to what its SetTagName was given", v.tagName))
	}
	return v
}

// longest are the characters beyond which a tag refuses a text without looking at it: validator
// takes quadratic time for language tags, for which RFC 5646, section 4.4.1, asks for 35
// characters, and a tenth of a second for a megabyte of a connection string or of a color. It is never
// written after the package is initialised.
var longest = map[string]int{
	"bcp47_language_tag": 255, "bcp47_strict_language_tag": 255, "mongodb_connection_string": 64 << 10,
	"hexcolor": 1024, "rgb": 1024, "rgba": 1024, "hsl": 1024, "hsla": 1024, "cmyk": 1024,
}

// Longest is the number of characters beyond which a built-in tag refuses every text; 0 is
// no limit of the tag's.
func Longest(tag string) int { return longest[tag] }

var plain = sync.OnceValue(func() *validator.Validate { return validator.New() })

// newEngine makes an engine with all that was registered.
func (v *Validator) newEngine() *validator.Validate {
	engine := validator.New(validator.WithRequiredStructEnabled())
	engine.SetTagName(v.tagName)
	boundCosts(engine)
	for _, change := range v.changes {
		change(engine)
	}
	return engine
}

// change registers something, with the engine and those that are made later.
func (v *Validator) change(register func(*validator.Validate)) {
	register(v.engine)
	v.changes = append(v.changes, register)
}

// boundCosts puts a bound before the tags in longest.
func boundCosts(engine *validator.Validate) {
	for tag, most := range longest {
		bounded := func(ctx context.Context, fl validator.FieldLevel) bool {
			text := fl.Field().String()
			return len(text) <= utf8.UTFMax*most && utf8.RuneCountInString(text) <= most && plain().VarCtx(ctx, text, tag) == nil
		}
		if err := engine.RegisterValidationCtx(tag, bounded); err != nil {
			panic("validate: " + tag + ": " + err.Error())
		}
	}
}

// readsTag asks the engine about an empty value that the tag forbids.
func readsTag(engine *validator.Validate, tagName string) bool {
	probe := reflect.New(reflect.StructOf([]reflect.StructField{{
		Name: "Probe",
		Type: reflect.TypeFor[string](),
		Tag:  reflect.StructTag(tagName + `:"required"`),
	}}))
	return engine.Struct(probe.Interface()) != nil
}

// Register is validate.Validator.Register.
func (v *Validator) Register(tag string, fn validator.FuncCtx, schema string) {
	if fn == nil {
		panic("validate: Register " + tag + ": the function is nil")
	}
	v.setUp("Register", func() {
		guarded := func(ctx context.Context, fl validator.FieldLevel) bool {
			defer blame("tag " + tag)
			return fn(ctx, fl)
		}
		if _, alias := v.aliases[tag]; alias {
			panic("validate: Register " + tag + ": there is an alias of this name: choose another")
		}
		v.change(func(engine *validator.Validate) {
			if err := engine.RegisterValidationCtx(tag, guarded); err != nil {
				panic("validate: Register " + tag + ": " + err.Error())
			}
		})
		v.custom[tag] = schema
	})
}

// RegisterAlias is validate.Validator.RegisterAlias.
func (v *Validator) RegisterAlias(alias, tags string) {
	v.setUp("RegisterAlias", func() {
		if _, builtin := Builtin(alias); builtin || v.registered(alias) {
			panic("validate: RegisterAlias " + alias + ": there is a tag of this name: choose another")
		}
		v.change(func(engine *validator.Validate) { engine.RegisterAlias(alias, tags) })
		v.aliases[alias] = tags
	})
}

// RegisterStruct is validate.Validator.RegisterStruct.
func (v *Validator) RegisterStruct(fn validator.StructLevelFuncCtx, types ...any) {
	v.setUp("RegisterStruct", func() {
		guarded := func(ctx context.Context, sl validator.StructLevel) {
			defer blame("struct-level function")
			fn(ctx, sl)
		}
		v.change(func(engine *validator.Validate) { engine.RegisterStructValidationCtx(guarded, types...) })
		for _, t := range types {
			v.structs[deref(reflect.TypeOf(t))] = guarded
		}
	})
}

func (v *Validator) setUp(what string, change func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.sealed {
		panic("validate: " + what + " after the first Compile: register everything before the first endpoint")
	}
	if v.foreign {
		panic("validate: " + what + " with Options.Validate set: register it there, before New")
	}
	change()
}

// Schema is the JSON Schema fragment that Register was given for a tag; ok is false
// for tags that were not registered. A registered tag shadows a built-in one.
func (v *Validator) Schema(tag string) (schema string, ok bool) {
	schema, ok = v.custom[tag]
	return schema, ok
}

func (v *Validator) log() *slog.Logger {
	if v.logger != nil {
		return v.logger
	}
	return slog.Default()
}

func (v *Validator) registered(tag string) bool {
	_, ok := v.custom[tag]
	return ok
}

// TagName is the struct tag that holds the rules.
func (v *Validator) TagName() string { return v.tagName }

// Aliases are the aliases known to v: validator's own and those of RegisterAlias.
func (v *Validator) Aliases() map[string]string { return maps.Clone(v.aliases) }

// RulesOf reads the rules of one struct field, aliases written out. A field without
// rules gives empty Rules, never nil. Fields with one tag have the same Rules by address,
// which nobody may change. The error says what validator could not run; names that do not
// exist are left to Compile.
func (v *Validator) RulesOf(f reflect.StructField) (*Level, error) {
	tag, _ := syntax.LookupTag(f.Tag, v.tagName)
	v.mu.Lock()
	defer v.mu.Unlock()
	rules, bad := v.rules(tag)
	if bad != nil {
		return nil, bad
	}
	return rules, nil
}

// rules is [parseTag], once for each tag: the same tags stand on many fields. Nobody
// may change what it returns. The caller holds v.mu.
func (v *Validator) rules(tag string) (*Level, *badTag) {
	if rules, ok := v.parsed[tag]; ok {
		return rules, nil
	}
	rules, bad := parseTag(tag, v.aliases)
	if bad == nil {
		v.parsed[tag] = rules
	}
	return rules, bad
}

// Required reports whether a field's zero value breaks its rules, with all other
// fields of t zero: whether a client has to send it. t is the struct that declares
// the field called name.
func (v *Validator) Required(t reflect.Type, name string) (required bool) {
	defer func() {
		if recover() != nil {
			required = true // the rules cannot even be run on the zero value
		}
	}()
	path := name
	if t.Name() != "" {
		path = t.Name() + "." + name
	}
	err := v.engine.StructFiltered(reflect.New(t).Interface(), onlyField(path))
	found, _ := errors.AsType[validator.ValidationErrors](err)
	return slices.ContainsFunc(found, func(fe validator.FieldError) bool { return isBelow(fe.StructNamespace(), path) })
}

// MayRefuseZero is Required, or that it depends on other fields.
func (v *Validator) MayRefuseZero(t reflect.Type, name string) bool {
	f, _ := t.FieldByName(name)
	level, err := v.RulesOf(f)
	return err == nil && !level.Skip && (slices.ContainsFunc(level.All, mayAsk) || v.Required(t, name))
}

// mayAsk reports whether a rule refuses a zero value for what another field holds.
func mayAsk(rule Rule) bool {
	tag, _ := Builtin(rule.Name)
	return tag.Param == FieldParam || (tag.Param == FieldsParam || tag.Param == PairsParam) && !strings.HasPrefix(rule.Name, "excluded")
}

// onlyField makes validator skip all fields but one and what that one holds.
func onlyField(path string) validator.FilterFunc {
	return func(visited []byte) bool { return !isBelow(visited, path) }
}

// isBelow reports whether a namespace of validator's is the path or lies below it.
func isBelow[S string | []byte](namespace S, path string) bool {
	if len(namespace) < len(path) || string(namespace[:len(path)]) != path {
		return false
	}
	return len(namespace) == len(path) || namespace[len(path)] == '.' || namespace[len(path)] == '['
}

// Struct judges a struct, or what a pointer, slice or map of structs leads to, and
// returns nil or *Failures. It suits plain code; see Compile for types known beforehand.
// Mistakes in the declaration, which Compile would return, make it panic.
func (v *Validator) Struct(value any) error {
	rv := reflect.ValueOf(value)
	for rv.Kind() == reflect.Pointer && rv.Elem().Kind() == reflect.Pointer {
		rv = rv.Elem()
	}
	if !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil() {
		return nil
	}
	if rv.Kind() != reflect.Pointer {
		addressable := reflect.New(rv.Type())
		addressable.Elem().Set(rv)
		rv = addressable
	}
	checker, faults := v.Compile(rv.Type().Elem())
	if len(faults) > 0 {
		lines := make([]string, len(faults))
		for i, fault := range faults {
			lines[i] = "validate: " + rv.Type().Elem().String() + ": " + fault.String()
		}
		panic(strings.Join(lines, "\n"))
	}
	return checker.Check(context.Background(), rv.Interface())
}

// Of is the Validator behind a *validate.Validator, which public code hands around.
func Of(public any) *Validator { return hook.Rules(public).(*Validator) }

// ZeroFails reports whether the zero value of t breaks rules, if that follows from
// built-in rules which look at nothing else; known is false where only Required can tell.
//
// It is for callers with many types: validator remembers each type that it is asked
// about, and copies all that it remembers before it adds the next.
func (v *Validator) ZeroFails(t reflect.Type, rules *Level) (fails, known bool) {
	if v.foreign || isValuer(t) {
		return false, false
	}
	if rules.Skip {
		return false, true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface:
		known = len(rules.All) > 0 && v.stopsAtNil(rules.All[0])
		return known && !nilHolds(rules), known
	case reflect.Struct, reflect.Array:
		return false, false // a time may be zero, and elements have rules of their own
	}
	// A nil slice or map has no elements that could be judged.
	l, known := (&planner{validator: v}).levelOf(t, &Level{All: rules.All})
	return known && l != nil && !l.holds(reflect.Zero(t)), known
}

// stopsAtNil reports whether a rule in the first place lets a nil pointer pass or
// refuses it, whatever other fields hold.
func (v *Validator) stopsAtNil(rule Rule) bool {
	_, ok := builtins[rule.Name]
	return ok && !rule.looksElsewhere() && !v.registered(rule.Name)
}
