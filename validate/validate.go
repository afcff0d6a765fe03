package validate

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/go-playground/validator/v10"
)

// Options configures a Validator. The zero value, and a nil *Options, give
// validator/v10 with its built-in tags and the compiled fast path.
type Options struct {
	// Validate is a validator/v10 of the program's, with whatever was registered on it. It
	// must be complete before New and is not changed. What was registered on it cannot
	// be seen from outside, so every value goes through it: the compiled fast path is
	// off. Prefer Register, RegisterAlias and RegisterStruct, which keep it on.
	// nil: a new one, made with validator.WithRequiredStructEnabled.
	Validate *validator.Validate
	// TagName is the struct tag that holds the rules. With Options.Validate it
	// must repeat what its SetTagName was given. Empty: "validate".
	TagName string
	// Message writes the sentence of a failure, which comes with its default sentence
	// in Message; ctx is that of the request (of Struct: context.Background). It must be
	// safe for concurrent use. An empty answer keeps the default. nil: the default
	// sentences. An API words the failures of its decoder too, by typed.Options.Message,
	// which sees what Message answered.
	Message func(ctx context.Context, f Failure) string
	// Report hears of panics inside validator that a client's value set off. The client
	// gets a Failure. nil: Logger, at level error.
	Report func(ctx context.Context, err error)
	// Logger takes warnings about declarations, once per field, and what Report does not
	// take. nil: slog.Default.
	Logger *slog.Logger
}

// Validator judges values by their validate tags. Registering is for set-up, from
// one goroutine; after the first endpoint of its API, or the first Struct, it panics.
// From then on a Validator may be used from any number of goroutines.
type Validator struct {
	rules *rules.Validator
}

func init() {
	hook.Rules = func(public any) any { return public.(*Validator).rules }
}

// New makes a Validator. opts may be nil. It panics if Options.Validate reads another
// struct tag than Options.TagName.
func New(opts *Options) *Validator {
	if opts == nil {
		opts = &Options{}
	}
	inner := &rules.Options{
		Validate: opts.Validate,
		TagName:  opts.TagName,
		Report:   opts.Report,
		Logger:   opts.Logger,
		Failures: failuresOf,
	}
	if opts.Message != nil {
		inner.Message = func(ctx context.Context, f rules.Failure) string { return opts.Message(ctx, Failure(f)) }
	}
	return &Validator{rules.New(inner)}
}

// Register adds a tag of the user's. schema is the JSON Schema fragment that says the
// same (`{"pattern":"^[A-Z]{3}$"}`), for the document; empty where none can. fn must
// be safe for concurrent use. A panic in fn is a mistake of the server's: a request is
// answered with 500. Under the name of a built-in tag, fn takes that tag's place, and
// with it the fast path of the fields that use it.
//
// Register panics after the first endpoint, and on a name that validator refuses.
func (v *Validator) Register(tag string, fn validator.FuncCtx, schema string) {
	v.rules.Register(tag, fn, schema)
}

// RegisterAlias lets one name stand for several rules: RegisterAlias("slug",
// "min=3,max=40,lowercase"). It panics after the first endpoint.
func (v *Validator) RegisterAlias(alias, tags string) { v.rules.RegisterAlias(alias, tags) }

// RegisterStruct adds a function that judges whole structs of the given types, after
// the rules of their fields. It reports by sl.ReportError, with the Go name of the
// field as structFieldName. It panics after the first endpoint.
func (v *Validator) RegisterStruct(fn validator.StructLevelFuncCtx, types ...any) {
	v.rules.RegisterStruct(fn, types...)
}

// Struct judges a struct, or what a pointer, slice or map of structs leads to, and
// returns nil, *Failures, or an error for which the value is not to blame: a panic in a
// registered function, or what a Validate method returned that is no Failure. It suits
// plain code; package typed judges requests by itself. Mistakes in the declaration make
// it panic.
func (v *Validator) Struct(value any) error {
	err := v.rules.Struct(value)
	found, ok := errors.AsType[*rules.Failures](err)
	if !ok {
		return err
	}
	list := make([]Failure, len(found.List))
	for i, f := range found.List {
		list[i] = Failure(f)
	}
	return &Failures{List: list, Truncated: found.Truncated, cause: found.Unwrap()}
}

var standard = sync.OnceValue(func() *Validator { return New(nil) })

// Struct judges a value with a Validator without options, shared by all callers. See
// Validator.Struct.
func Struct(value any) error { return standard().Struct(value) }
