// Package oteladapter traces and measures an API with OpenTelemetry, under every router.
//
//	shutdown := setUpOpenTelemetry() // providers and exporters, as the program needs them
//	defer shutdown()
//	api := typed.New("Users", "1.0.0", nil)
//	oteladapter.Instrument(api, nil)
//
// Each request is one server span, named by method and route: "GET /users/{id}". It has the
// attributes that the stable semantic conventions for HTTP name, and so do the metrics
// (https://opentelemetry.io/docs/specs/semconv/http/). What is the API's own is:
//
//   - the event "problem", with apiroutes.problem.type and apiroutes.problem.status,
//   - apiroutes.validation.rule and apiroutes.validation.place: what was broken, and where,
//   - apiroutes.page_cache.state: hit, stale, miss, revalidated or bypass; the counter
//     apiroutes.page_cache.requests has it as well.
//
// A panic is the event "exception" with its type and stack. No query, header, content or
// detail of a problem is recorded, nor the message of a panic, nor a name that the client
// made up. [Options] says what becomes of path and host.
//
// [Transport] makes spans of the requests that a client sends, and hands the trace on.
// [LogHandler] puts the trace into log lines.
package oteladapter

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/apiroutes/apiroutes/typed"
)

// Options sets up [Instrument] and [Transport]. The zero value and nil are fine.
type Options struct {
	TracerProvider trace.TracerProvider          // nil: that of package otel
	MeterProvider  metric.MeterProvider          // nil: that of package otel
	Propagator     propagation.TextMapPropagator // nil: that of package otel

	// ServerName is what the server is called, "api.example.com" or "api.example.com:8443",
	// for the attributes server.address and server.port of spans and metrics. "": spans have
	// the host that the client names, and metrics none, since a client may name any.
	ServerName string

	// HidePath leaves out the path of a request, the attribute url.path, which the semantic
	// conventions ask for: it holds the values of wildcards. The route stays.
	HidePath bool

	// Public is for a server that strangers reach: a trace that a client sends is linked, and
	// not continued, so that nobody outside decides what is sampled.
	Public bool
}

// scope is the name of the instrumentation.
const scope = "github.com/apiroutes/apiroutes/adapter/oteladapter"

// Instrument traces and measures the requests of api; it is called before the API serves.
// opts may be nil. Observers that are added after it see the span in their context.
//
// A server span of this process that is in the context already, as otelhttp or a router's own
// instrumentation starts one, is not started again: it gets the name and the attributes.
// Such instrumentation measures requests as well, so Instrument then leaves that to it, but
// for the counter of the page cache.
//
// It panics where a metric cannot be made.
func Instrument(api *typed.API, opts *Options) {
	in := &instrument{config: configure(opts)}
	in.metrics = newServerMetrics(in.meter)
	in.address = addressOf(in.serverName, "")
	api.Observe(in.observe)
}

// config is Options with everything filled in.
type config struct {
	tracer     trace.Tracer
	meter      metric.Meter
	propagator propagation.TextMapPropagator
	serverName string
	hidePath   bool
	public     bool
}

func configure(opts *Options) config {
	if opts == nil {
		opts = &Options{}
	}
	c := config{propagator: opts.Propagator, serverName: opts.ServerName, hidePath: opts.HidePath, public: opts.Public}
	tracers, meters := opts.TracerProvider, opts.MeterProvider
	if tracers == nil {
		tracers = otel.GetTracerProvider()
	}
	if meters == nil {
		meters = otel.GetMeterProvider()
	}
	if c.propagator == nil {
		c.propagator = otel.GetTextMapPropagator()
	}
	c.tracer = tracers.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))
	c.meter = meters.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))
	return c
}
