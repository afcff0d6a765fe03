package oteladapter

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/apiroutes/apiroutes/typed"
)

// What the API knows and the semantic conventions do not name.
const (
	problemEvent     = "problem"
	problemTypeKey   = attribute.Key("apiroutes.problem.type")
	problemStatusKey = attribute.Key("apiroutes.problem.status")
	ruleKey          = attribute.Key("apiroutes.validation.rule")
	placeKey         = attribute.Key("apiroutes.validation.place")
	pageKey          = attribute.Key("apiroutes.page_cache.state")
)

// The values of error.type beside status codes.
const (
	clientDisconnected = "client_disconnected" // before it got its whole answer
	aborted            = "aborted"             // the connection was cut after an error or a panic
)

// mostFailures bounds the rules and places of one span.
const mostFailures = 16

// instrument is an API that is traced and measured.
type instrument struct {
	config
	metrics *serverMetrics
	address []attribute.KeyValue // of ServerName
}

// request is one request.
type request struct {
	in     *instrument
	o      *typed.Observation
	ctx    context.Context
	span   trace.Span
	outer  bool // the span is another instrumentation's
	active metricOption
	method string
}

func (in *instrument) observe(ctx context.Context, o *typed.Observation) (context.Context, func()) {
	r := &request{in: in, o: o, method: methodOf(o)}
	route := o.Route()
	name := r.method
	if name == methodOther {
		name = "HTTP"
	}
	if route != "" {
		name += " " + route
	}
	if span := trace.SpanFromContext(ctx); isServer(span) {
		r.ctx, r.span, r.outer = ctx, span, true
		if route != "" {
			span.SetName(name)
			span.SetAttributes(semconv.HTTPRoute(route))
		}
		return ctx, r.end
	}
	r.start(ctx, name, route)
	r.active = in.metrics.begin(r.ctx, r.method, scheme(o))
	return r.ctx, r.end
}

// isServer reports whether a span is a server span of this process. One that is not
// sampled does not say its kind: starting another would not be its sampler's will.
func isServer(span trace.Span) bool {
	if sc := span.SpanContext(); !sc.IsValid() || sc.IsRemote() {
		return false
	}
	if !span.IsRecording() {
		return true
	}
	s, ok := span.(interface{ SpanKind() trace.SpanKind })
	return ok && s.SpanKind() == trace.SpanKindServer
}

// start starts the span of the request.
func (r *request) start(ctx context.Context, name, route string) {
	in, o := r.in, r.o
	ctx = in.propagator.Extract(ctx, carrier{o})
	attrs := make([]attribute.KeyValue, 0, 8)
	attrs = append(attrs, semconv.HTTPRequestMethodKey.String(r.method), semconv.URLScheme(scheme(o)), semconv.NetworkProtocolVersion(o.Version))
	if !in.hidePath {
		attrs = append(attrs, semconv.URLPath(o.Path))
	}
	if route != "" {
		attrs = append(attrs, semconv.HTTPRoute(route))
	}
	if in.address != nil {
		attrs = append(attrs, in.address...)
	} else {
		attrs = appendAddress(attrs, o.Host, scheme(o))
	}
	opts := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(o.Start), trace.WithAttributes(attrs...)}
	if in.public {
		opts = append(opts, trace.WithNewRoot())
		if sc := trace.SpanContextFromContext(ctx); sc.IsRemote() {
			opts = append(opts, trace.WithLinks(trace.Link{SpanContext: sc}))
		}
	}
	r.ctx, r.span = in.tracer.Start(ctx, name, opts...)
}

// end records what came of the request.
func (r *request) end() {
	o := r.o
	errorType := r.errorType()
	if r.span.IsRecording() {
		r.describe(errorType)
	}
	if !r.outer {
		r.in.metrics.end(r.ctx, r, errorType)
		r.span.End(trace.WithTimestamp(o.Start.Add(o.Duration)))
	}
	if o.Page != "" {
		r.in.metrics.page(r.ctx, o.Route(), o.Page)
	}
}

// errorType is the attribute error.type; "": none. A refusal, 4xx, is no error of a server.
func (r *request) errorType() string {
	switch o := r.o; {
	case o.Status >= 500:
		return strconv.Itoa(o.Status)
	case o.Aborted && r.ctx.Err() != nil:
		return clientDisconnected
	case o.Aborted:
		return aborted
	}
	return ""
}

// describe gives the span its attributes and events.
func (r *request) describe(errorType string) {
	o := r.o
	attrs := make([]attribute.KeyValue, 0, 8)
	if o.Status != 0 && !r.outer {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(o.Status))
	}
	if !r.outer {
		attrs = append(attrs, semconv.HTTPRequestBodySize(int(o.Received)), semconv.HTTPResponseBodySize(int(o.Sent)))
	}
	if errorType != "" {
		attrs = append(attrs, semconv.ErrorTypeKey.String(errorType))
		if errorType != clientDisconnected {
			r.span.SetStatus(codes.Error, "")
		}
	}
	if o.Page != "" {
		attrs = append(attrs, pageKey.String(strings.ToLower(o.Page)))
	}
	if p := o.Problem; p != nil {
		broken := failures(p.Errors)
		attrs = append(attrs, broken...)
		kind := p.Type
		if kind == "" {
			kind = "about:blank" // RFC 9457, 3.1.1
		}
		r.span.AddEvent(problemEvent, trace.WithAttributes(append(broken, problemTypeKey.String(kind), problemStatusKey.Int(p.Status))...))
	}
	if p := o.Panic; p != nil {
		r.span.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(
			semconv.ExceptionType(fmt.Sprintf("%T", p.Value)), semconv.ExceptionStacktrace(plainStack(p.Stack))))
	}
	r.span.SetAttributes(attrs...)
}

// scheme is the server's own view: what a proxy in front of it says is in a header.
func scheme(o *typed.Observation) string {
	if o.Secure {
		return "https"
	}
	return "http"
}

const methodOther = "_OTHER"

// methodOf is the method, if it is known or an endpoint has it: a client may send any.
func methodOf(o *typed.Observation) string {
	if o.Operation != nil {
		return o.Method
	}
	switch o.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return o.Method
	}
	return methodOther
}

// longestHost is the longest name of a host (RFC 1035, 2.3.4), with a port.
const longestHost = 255 + len(":65535")

// addressOf is the server's name as attributes; nil for none. A port that is the default of
// the scheme is left out.
func addressOf(name, scheme string) []attribute.KeyValue {
	if name == "" {
		return nil
	}
	return appendAddress(nil, name, scheme)
}

func appendAddress(attrs []attribute.KeyValue, name, scheme string) []attribute.KeyValue {
	if name == "" || len(name) > longestHost {
		return attrs
	}
	host, port := name, ""
	if strings.LastIndexByte(name, ':') > strings.LastIndexByte(name, ']') {
		if h, p, err := net.SplitHostPort(name); err == nil {
			host, port = h, p
		}
	}
	attrs = append(attrs, semconv.ServerAddress(strings.Trim(host, "[]")))
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || scheme == "http" && number == 80 || scheme == "https" && number == 443 {
		return attrs
	}
	return append(attrs, semconv.ServerPort(int(number)))
}

// carrier reads the trace of a request.
type carrier struct{ o *typed.Observation }

var (
	_ propagation.TextMapCarrier = carrier{}
	_ propagation.ValuesGetter   = carrier{}
)

func (c carrier) Values(key string) []string {
	return c.o.Header(textproto.CanonicalMIMEHeaderKey(key))
}

func (c carrier) Get(key string) string {
	if values := c.Values(key); len(values) > 0 {
		return values[0]
	}
	return ""
}

func (c carrier) Set(string, string) {} // nothing is written to a request that was received
func (c carrier) Keys() []string     { return nil }

// seconds is the unit of durations.
func seconds(d time.Duration) float64 { return float64(d) / float64(time.Second) }
