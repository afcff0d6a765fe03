package oteladapter

import (
	"context"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
)

// buckets are those that the semantic conventions recommend for durations in seconds.
var buckets = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// pageCounter counts requests that the page cache was asked for.
const pageCounter = "apiroutes.page_cache.requests"

// serverMetrics are the instruments of an API.
type serverMetrics struct {
	duration httpconv.ServerRequestDuration
	active   httpconv.ServerActiveRequests
	received httpconv.ServerRequestBodySize
	sent     httpconv.ServerResponseBodySize
	pages    metric.Int64Counter

	// What a measurement is made with, made once for each set of attributes. Their number is
	// bounded: a client cannot choose but among what is declared and known.
	options sync.Map // series or activeSeries or pageSeries -> metricOption
}

// metricOption is a set of attributes as the instruments take it.
type metricOption struct {
	add    []metric.AddOption
	record []metric.RecordOption
}

type (
	// series is one line of the metrics of requests that are over.
	series struct {
		method, scheme, route, version, errorType string
		status                                    int
	}
	// activeSeries is one of those that run.
	activeSeries struct{ method, scheme string }
	// pageSeries is one of the page cache.
	pageSeries struct{ route, state string }
)

func newServerMetrics(meter metric.Meter) *serverMetrics {
	m := &serverMetrics{}
	var err error
	check := func(err error) {
		if err != nil {
			panic("oteladapter: the meter provider makes no metric: " + err.Error())
		}
	}
	m.duration, err = httpconv.NewServerRequestDuration(meter, metric.WithExplicitBucketBoundaries(buckets...))
	check(err)
	m.active, err = httpconv.NewServerActiveRequests(meter)
	check(err)
	m.received, err = httpconv.NewServerRequestBodySize(meter)
	check(err)
	m.sent, err = httpconv.NewServerResponseBodySize(meter)
	check(err)
	m.pages, err = meter.Int64Counter(pageCounter, metric.WithUnit("{request}"), metric.WithDescription("Requests that were answered by the page cache, or past it."))
	check(err)
	return m
}

// option is the one of a key, made by attrs if it is new.
func (m *serverMetrics) option(key any, attrs func() []attribute.KeyValue) metricOption {
	if v, ok := m.options.Load(key); ok {
		return v.(metricOption)
	}
	set := metric.WithAttributeSet(attribute.NewSet(attrs()...))
	v, _ := m.options.LoadOrStore(key, metricOption{[]metric.AddOption{set}, []metric.RecordOption{set}})
	return v.(metricOption)
}

// begin counts a request that begins.
func (m *serverMetrics) begin(ctx context.Context, method, scheme string) metricOption {
	o := m.option(activeSeries{method, scheme}, func() []attribute.KeyValue {
		return []attribute.KeyValue{semconv.HTTPRequestMethodKey.String(method), semconv.URLScheme(scheme)}
	})
	m.active.Inst().Add(ctx, 1, o.add...)
	return o
}

// end measures a request that is over.
func (m *serverMetrics) end(ctx context.Context, r *request, errorType string) {
	o := r.o
	m.active.Inst().Add(ctx, -1, r.active.add...)
	s := series{r.method, scheme(o), o.Route(), o.Version, errorType, o.Status}
	opt := m.option(s, func() []attribute.KeyValue { return append(s.attributes(), r.in.address...) })
	m.duration.Inst().Record(ctx, seconds(o.Duration), opt.record...)
	m.received.Inst().Record(ctx, o.Received, opt.record...)
	m.sent.Inst().Record(ctx, o.Sent, opt.record...)
}

func (s series) attributes() []attribute.KeyValue {
	attrs := []attribute.KeyValue{
		semconv.HTTPRequestMethodKey.String(s.method), semconv.URLScheme(s.scheme), semconv.NetworkProtocolVersion(s.version),
	}
	if s.route != "" {
		attrs = append(attrs, semconv.HTTPRoute(s.route))
	}
	if s.status != 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(s.status))
	}
	if s.errorType != "" {
		attrs = append(attrs, semconv.ErrorTypeKey.String(s.errorType))
	}
	return attrs
}

// page counts a request for a page.
func (m *serverMetrics) page(ctx context.Context, route, state string) {
	o := m.option(pageSeries{route, state}, func() []attribute.KeyValue {
		return []attribute.KeyValue{semconv.HTTPRoute(route), pageKey.String(strings.ToLower(state))}
	})
	m.pages.Add(ctx, 1, o.add...)
}
