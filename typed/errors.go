package typed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"runtime/debug"
	"slices"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// ErrorForm is what the clients of an API get in place of problems; [Errors] makes one.
// The zero value is the problems themselves, application/problem+json. It may serve
// several APIs.
type ErrorForm struct{ form *errorForm }

// errorForm is an ErrorForm whose type is forgotten.
type errorForm struct {
	mediaType   string
	payload     reflect.Type                                    // E
	of          func(context.Context, *respond.Problem) (e any) // *E; nil: none was given
	contentType []string
	encode      jsonx.Encoder // compiled by New
}

// Errors answers every problem of an API as the JSON of an E, with the given media type:
// what a handler or middleware returns or serves, and what the toolkit itself refuses. The
// status and the header fields stay those of the problem, and the document has E in place of
// the problem.
//
// form gets a problem as the client may see it: with its Status and Title, and without the
// Detail, Errors and Extensions of a 5xx that was not exposed. p.Unwrap() is the
// cause, which is not for clients. form must not change p, and is called concurrently. ctx is that of
// the request; [Principal] and [HTTPRequest] know it where an endpoint was found. Where
// form panics, or JSON cannot encode what it returns, the client gets the plain problem,
// and OnError hears of it.
//
// New panics where form is nil, where mediaType is not JSON ("application/json", or one
// that ends in +json), and where JSON cannot encode an E.
func Errors[E any](mediaType string, form func(ctx context.Context, p *respond.Problem) E) ErrorForm {
	f := &errorForm{mediaType: mediaType, payload: reflect.TypeFor[E]()}
	if form != nil {
		f.of = func(ctx context.Context, p *respond.Problem) any {
			e := form(ctx, p)
			return &e
		}
	}
	return ErrorForm{f}
}

// setErrors checks how problems are answered and keeps it; New panics with what is wrong.
func (a *API) setErrors(opts *Options) {
	if text := opts.OnInvalidType; text != "" {
		if _, _, ok := syntax.MediaType(text); !ok {
			panic(fmt.Sprintf("typed: Options.OnInvalidType is %q, which is no media type: write it like %q", text, "text/html"))
		}
		if opts.OnInvalid == nil {
			panic("typed: Options.OnInvalidType says what OnInvalid answers, and there is none: set OnInvalid, or drop OnInvalidType")
		}
	}
	a.onInvalidType, a.message = opts.OnInvalidType, opts.Message
	if opts.Errors.form == nil {
		return
	}
	f := *opts.Errors.form // which several APIs may use
	if f.of == nil {
		panic("typed: Options.Errors has a nil function: give Errors the one that makes the form")
	}
	if mediaType, _, ok := syntax.MediaType(f.mediaType); !ok || !syntax.IsJSON(mediaType) {
		panic(fmt.Sprintf("typed: Options.Errors has the media type %q, which is not JSON: write %q, or one that ends in +json", f.mediaType, "application/json"))
	}
	var err error
	if f.encode, err = jsonx.NewEncoder(f.payload); err != nil {
		panic(fmt.Sprintf("typed: Options.Errors: JSON cannot encode a %s: %v", f.payload, err))
	}
	f.contentType = []string{f.mediaType}
	a.errors = &f
}

// reporter is Options.OnError behind the listener of a test. What a listener is told is not
// logged as well.
func reporter(onError func(context.Context, error)) func(context.Context, error) {
	return func(ctx context.Context, err error) {
		l := listenerOf(ctx)
		if l != nil {
			l.Reported(err)
		}
		switch {
		case onError != nil:
			onError(ctx, err)
		case l == nil:
			logError(ctx, err)
		}
	}
}

// listenerOf is the listener of a request; nil outside of tests.
func listenerOf(ctx context.Context) *hook.Listener {
	l, _ := ctx.Value(hook.ListenerKey{}).(*hook.Listener)
	return l
}

// writeProblem answers with p in the form that the API has for errors: the one place that
// chooses it. ctx is what the form and OnError get. cause is the error that p
// stands for where p does not have it; it may be nil.
func (a *API) writeProblem(ctx context.Context, ex wire.Exchange, buffer *[]byte, p *respond.Problem, cause error) {
	if a.observers != nil {
		a.noteProblem(ctx, p)
	}
	if a.errors != nil {
		err := a.errors.write(ctx, ex, buffer, p, cause)
		if err == nil {
			return
		}
		a.report(ctx, inEndpoint(ctx, err))
	}
	if err := hook.WriteProblem(ex, buffer, p); err != nil {
		a.onError(ctx, inEndpoint(ctx, err))
	}
}

// inEndpoint says where a mistake was made, unless it is a panic, which has a stack.
func inEndpoint(ctx context.Context, err error) error {
	b := baseOf(ctx)
	if b == nil || isPanic(err) {
		return err
	}
	return b.mistake(err)
}

// write writes p in the form f, or nothing with an error that says why.
func (f *errorForm) write(ctx context.Context, ex wire.Exchange, buffer *[]byte, p *respond.Problem, cause error) error {
	head, visible := hook.VisibleProblem(p)
	seen := visible.(*respond.Problem)
	if seen.Unwrap() == nil && cause != nil {
		seen = seen.Because(cause)
	}
	var dst []byte
	if buffer != nil {
		dst = (*buffer)[:0]
	}
	body, err := f.append(ctx, dst, seen)
	if err != nil {
		return err
	}
	var r answer.Rendering
	if err := r.Problem(seen.Status, head, f.contentType, body); err != nil {
		return err
	}
	_ = r.Write(ex, false) // the client has disconnected
	if buffer != nil {
		*buffer = body
	}
	return nil
}

// append calls the user's function, and the methods of what it returns.
func (f *errorForm) append(ctx context.Context, dst []byte, p *respond.Problem) (body []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			body, err = nil, &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	body, err = f.encode(dst, f.of(ctx, p))
	if err != nil {
		err = fmt.Errorf("what Options.Errors made of the problem %d cannot be encoded: %w", p.Status, err)
	}
	return body, err
}

// formed gives a request that goes to middleware the means by which Problem.ServeHTTP
// finds the API's form of errors.
func (a *API) formed(req *http.Request) *http.Request {
	if a.errors == nil || formerOf(req.Context()) == a {
		return req
	}
	return req.WithContext(&former{req.Context(), a})
}

// former is the context of a request below an API with a form of errors.
type former struct {
	context.Context
	api *API
}

type formerKey struct{}

func (f *former) Value(key any) any {
	if _, ok := key.(formerKey); ok {
		return f.api
	}
	return f.Context.Value(key)
}

// formerOf is the API whose form of errors a context asks for; nil: none.
func formerOf(ctx context.Context) *API {
	a, _ := ctx.Value(formerKey{}).(*API)
	return a
}

// worded has Options.Message, which is not nil, word the failures of p.
func (b *base) worded(p *respond.Problem) *respond.Problem {
	message := b.endpoint.api.message
	own := *p
	own.Errors = slices.Clone(p.Errors)
	for i := range own.Errors {
		if text := message(b, own.Errors[i]); text != "" {
			own.Errors[i].Detail = text
		}
	}
	return &own
}

// causeOf is the error that a problem of the pipeline stands for: nil where the error is
// a problem itself.
func causeOf(err error) error {
	if isPanic(err) {
		return err
	}
	if _, is := errors.AsType[*refused](err); is {
		return nil
	}
	if p, is := errors.AsType[*respond.Problem](err); is && p != nil {
		return nil //nolint:nilerr // the problem is told as it is, and stands for nothing else
	}
	return err
}

// refused is the error for a request that does not reach its handler.
type refused struct{ problem *respond.Problem }

func (r *refused) Error() string { return r.problem.Error() }

// invalid makes a refusal of what the validator says. Any other error is ours.
func (b *base) invalid(err error) error {
	e := b.endpoint
	failures, ok := errors.AsType[*rules.Failures](err)
	if !ok {
		return err
	}
	list := make([]respond.FieldError, len(failures.List))
	for i, f := range failures.List {
		in, name, pointer := e.binding.Locate(f.Field, f.Pointer)
		list[i] = respond.FieldError{In: in, Name: name, Pointer: pointer, Rule: f.Rule, Param: f.Param, Detail: f.Message}
	}
	return &refused{bind.Invalid(list, failures.Truncated)}
}

// The problems that the pipeline itself answers.
var (
	internalError = &respond.Problem{Status: http.StatusInternalServerError}
	timeoutError  = &respond.Problem{Status: http.StatusServiceUnavailable}
	tooBusy       = (&respond.Problem{Status: http.StatusServiceUnavailable}).Header("Retry-After", "1")
	tooLarge      = (&respond.Problem{ // for a handler that read a stream beyond the limit
		Status: http.StatusRequestEntityTooLarge,
		Detail: "The request body is too large.",
	}).Header("Connection", "close")
)

var (
	errTimeout    = errors.New("the endpoint's time is over")
	errGoexit     = errors.New("the handler ended its goroutine (runtime.Goexit)")
	errNilProblem = errors.New("the handler returned a nil *respond.Problem as its error, which is not nil: declare the variable as an error")
)

// failure is how an error is answered.
type failure struct {
	problem  *respond.Problem
	reported bool // OnError hears of the error
	unread   bool // the rest of the request's content is not going to be read
}

// failureOf decides how an error is answered. over says that the handler's context has ended.
func failureOf(err error, over bool) failure {
	if isPanic(err) { // whatever it was given: an error that is thrown is no answer
		return failure{problem: internalError, reported: true}
	}
	if r, ok := errors.AsType[*refused](err); ok {
		return failure{problem: r.problem}
	}
	if p, ok := errors.AsType[*respond.Problem](err); ok && p != nil {
		return failure{problem: p, reported: p.Status < 400 || p.Status >= 500, unread: bind.IsTooLarge(err)}
	}
	switch {
	case err == errTimeout, errors.Is(err, context.DeadlineExceeded) && over:
		return failure{problem: timeoutError}
	case bind.IsTooLarge(err):
		return failure{problem: tooLarge, unread: true}
	default:
		return failure{problem: internalError, reported: true}
	}
}

func isPanic(err error) bool {
	_, ok := errors.AsType[*PanicError](err)
	return ok
}

// PanicError is a panic of a handler, as OnError gets it.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // where
}

// Error does not show the stack; log it where stacks belong.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// mistake is a programming error that could only be seen when the request was answered.
func (b *base) mistake(err error) error {
	return fmt.Errorf("typed: %s: %w", b.endpoint.name, err)
}

func (b *base) report(err error) { b.endpoint.api.report(b, err) }

// logError is the OnError of an API that has none.
func logError(ctx context.Context, err error) {
	attrs := []any{slog.Any("error", err)}
	if b := baseOf(ctx); b != nil {
		attrs = append(attrs, slog.String("endpoint", b.endpoint.name))
	}
	if p, ok := err.(*PanicError); ok {
		attrs = append(attrs, slog.String("stack", string(p.Stack)))
	}
	slog.ErrorContext(ctx, "typed: request failed", attrs...)
}
