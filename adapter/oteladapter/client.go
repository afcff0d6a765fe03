package oteladapter

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
	"go.opentelemetry.io/otel/trace"
)

// Transport makes a client span of each request that is sent through base, and hands the
// trace on in the request's header. base may be nil: http.DefaultTransport. The span ends
// when the content of the answer has been read or is closed. Like a server's, it has no
// query, header or content; 4xx and 5xx are errors, as they are of clients. A request with a
// Pattern, as package typed/client makes them, gives the span its name: "GET /users/{id}".
//
// It is safe for concurrent use where base is. It panics where a metric cannot be made. Of
// opts, which may be nil, ServerName and Public do nothing.
func Transport(base http.RoundTripper, opts *Options) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	t := &transport{base: base, config: configure(opts)}
	var err error
	if t.duration, err = httpconv.NewClientRequestDuration(t.meter, metric.WithExplicitBucketBoundaries(buckets...)); err != nil {
		panic("oteladapter: the meter provider makes no metric: " + err.Error())
	}
	return t
}

type transport struct {
	config
	base     http.RoundTripper
	duration httpconv.ClientRequestDuration
}

// RoundTrip sends one request.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	name := method
	attrs := appendAddress([]attribute.KeyValue{semconv.HTTPRequestMethodKey.String(method)}, req.URL.Host, req.URL.Scheme)
	if _, template, ok := strings.Cut(req.Pattern, " "); ok {
		name += " " + template
		attrs = append(attrs, semconv.URLTemplate(template))
	}
	c := &call{t: t, start: time.Now(), measured: attrs}
	if !t.hidePath {
		full := url.URL{Scheme: req.URL.Scheme, Host: req.URL.Host, Path: req.URL.Path, RawPath: req.URL.RawPath}
		attrs = append(attrs[:len(attrs):len(attrs)], semconv.URLFull(full.String()))
	}
	c.ctx, c.span = t.tracer.Start(req.Context(), name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	req = req.Clone(c.ctx) // a RoundTripper must not change its request
	t.propagator.Inject(c.ctx, propagation.HeaderCarrier(req.Header))
	res, err := t.base.RoundTrip(req)
	if err != nil {
		c.end(err)
		return res, err
	}
	c.status(res.StatusCode)
	if res.StatusCode == http.StatusSwitchingProtocols || res.Body == nil || res.Body == http.NoBody {
		c.end(nil)
		return res, nil
	}
	res.Body = &answerBody{res.Body, c}
	return res, nil
}

// call is a request that was sent.
type call struct {
	t        *transport
	ctx      context.Context
	span     trace.Span
	start    time.Time
	measured []attribute.KeyValue // of the metric
	once     sync.Once
}

func (c *call) note(attr attribute.KeyValue) {
	c.span.SetAttributes(attr)
	c.measured = append(c.measured[:len(c.measured):len(c.measured)], attr)
}

func (c *call) status(status int) {
	c.note(semconv.HTTPResponseStatusCode(status))
	if status >= 400 {
		c.note(semconv.ErrorTypeKey.String(strconv.Itoa(status)))
		c.span.SetStatus(codes.Error, "")
	}
}

// end ends the span, once. Of an error only the type is told: its text holds the URL.
func (c *call) end(err error) {
	c.once.Do(func() {
		if err != nil {
			c.note(semconv.ErrorTypeKey.String(fmt.Sprintf("%T", err)))
			c.span.SetStatus(codes.Error, "")
		}
		c.t.duration.Inst().Record(c.ctx, seconds(time.Since(c.start)), metric.WithAttributeSet(attribute.NewSet(c.measured...)))
		c.span.End()
	})
}

// answerBody ends the call with the content.
type answerBody struct {
	io.ReadCloser
	call *call
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch err {
	case nil:
	case io.EOF:
		b.call.end(nil)
	default:
		b.call.end(err)
	}
	return n, err
}

func (b *answerBody) Close() error {
	err := b.ReadCloser.Close()
	b.call.end(nil)
	return err
}
