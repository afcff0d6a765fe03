package oteladapter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
	"go.opentelemetry.io/otel/trace"

	"github.com/apiroutes/apiroutes/adapter/oteladapter"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// telemetry keeps in memory what is exported.
type telemetry struct {
	t       *testing.T
	spans   *tracetest.InMemoryExporter
	reader  *sdkmetric.ManualReader
	options oteladapter.Options
}

func newTelemetry(t *testing.T) *telemetry {
	spans, reader := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	return &telemetry{t, spans, reader, oteladapter.Options{
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)),
		MeterProvider:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)),
		Propagator:     propagation.TraceContext{},
	}}
}

// one is the one span that was exported since the last call.
func (m *telemetry) one() tracetest.SpanStub {
	m.t.Helper()
	spans := m.spans.GetSpans()
	require.Len(m.t, spans, 1)
	m.spans.Reset()
	return spans[0]
}

func (m *telemetry) metrics() map[string]metricdata.Metrics {
	var got metricdata.ResourceMetrics
	require.NoError(m.t, m.reader.Collect(context.Background(), &got))
	all := map[string]metricdata.Metrics{}
	for _, scope := range got.ScopeMetrics {
		for _, metric := range scope.Metrics {
			require.NotContains(m.t, all, metric.Name)
			all[metric.Name] = metric
		}
	}
	return all
}

// text is attributes, sorted by their keys.
func text(attrs []attribute.KeyValue) string {
	lines := make([]string, len(attrs))
	for i, a := range attrs {
		lines[i] = string(a.Key) + "=" + a.Value.String()
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}

type (
	getUser struct {
		ID    string `path:"id"`
		Limit int    `query:"limit" validate:"max=9"`
	}
	item struct {
		Count  int            `json:"count" validate:"max=9"`
		Labels map[string]int `json:"labels" validate:"dive,max=9"`
	}
	newOrder struct {
		Items []item `json:"items" validate:"dive"`
	}
)

// newAPI answers in every way that is told apart.
func newAPI(t *testing.T) *typed.API {
	pages := pagecache.New(pagecache.Memory(1<<20), nil)
	t.Cleanup(func() { require.NoError(t, pages.Close()) })
	api := typed.New("Test", "1", &typed.Options{BasePath: "/v1", Pages: pages, OnError: func(context.Context, error) {}})
	typed.Handle(api, "GET /users/{id}", typed.Func(func(ctx context.Context, in getUser) (string, error) {
		switch in.ID {
		case "panic":
			panic(errors.New("secret"))
		case "error":
			return "", errors.New("secret")
		case "taken":
			return "", (&respond.Problem{Type: "https://example.com/taken", Title: "secret", Status: 409, Detail: "secret", Extensions: map[string]any{"secret": "secret"}}).Header("X-Secret", "secret")
		case "abort":
			panic(http.ErrAbortHandler)
		case "wait":
			<-ctx.Done()
			return "", ctx.Err()
		}
		return "ok", nil
	}))
	typed.Handle(api, "POST /orders", typed.Func(func(context.Context, newOrder) (string, error) { return "ok", nil }), typed.StrictQuery())
	typed.Handle(api, "GET /pages/{id}", typed.Func(func(_ context.Context, in struct {
		ID string `path:"id"`
	}) (string, error) {
		return "page", nil
	}), typed.Cache(pagecache.Policy{TTL: time.Minute}))
	typed.Handle(api, "GET /cut", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(io.MultiReader(strings.NewReader("one"), broken{}))
	})
	typed.Handle(api, "PURGE /cut", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }))
	return api
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("secret") }

// plainClient tries nothing again.
var plainClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func send(t *testing.T, method, url, body string, header ...string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := plainClient.Do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body) // it may be cut
	return res.StatusCode
}

// Every request is one span, with the attributes of the conventions and ours, and a sample of each metric.
func TestInstrument(t *testing.T) {
	for _, wrapped := range []bool{false, true} {
		m := newTelemetry(t)
		api := newAPI(t)
		oteladapter.Instrument(api, &m.options)
		if wrapped {
			api.Use(func(next http.Handler) http.Handler { return next })
		}
		srv := httptest.NewServer(api)
		defer srv.Close()
		_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
		require.NoError(t, err)
		const rules, places = "apiroutes.validation.rule", "apiroutes.validation.place"
		for _, tt := range []struct {
			method, target, body string
			status               int
			name, attrs, events  string
			code                 codes.Code
		}{
			{"GET", "/v1/users/7?limit=1", "", 200, "GET /v1/users/{id}", "http.response.status_code=200 http.route=/v1/users/{id}", "", codes.Unset},
			{"HEAD", "/v1/users/7", "", 200, "HEAD /v1/users/{id}", "http.response.status_code=200 http.route=/v1/users/{id}", "", codes.Unset},
			{"PURGE", "/v1/cut", "", 200, "PURGE /v1/cut", "http.response.status_code=200 http.route=/v1/cut", "", codes.Unset},
			{"GET", "/v1/unknown", "", 404, "GET", "http.response.status_code=404", "problem apiroutes.problem.status=404 apiroutes.problem.type=about:blank", codes.Unset},
			{"DELETE", "/v1/users/7", "", 405, "DELETE", "http.response.status_code=405", "problem apiroutes.problem.status=405 apiroutes.problem.type=about:blank", codes.Unset},
			{"SECRET", "/v1/users/7", "", 405, "HTTP", "http.response.status_code=405", "problem apiroutes.problem.status=405 apiroutes.problem.type=about:blank", codes.Unset},
			{"GET", "/v1/users/taken", "", 409, "GET /v1/users/{id}", "http.response.status_code=409 http.route=/v1/users/{id}", "problem apiroutes.problem.status=409 apiroutes.problem.type=https://example.com/taken", codes.Unset},
			{"GET", "/v1/users/7?limit=10", "", 422, "GET /v1/users/{id}", rules + `=["max"] ` + places + `=["query limit"] http.response.status_code=422 http.route=/v1/users/{id}`,
				"problem apiroutes.problem.status=422 apiroutes.problem.type=about:blank " + places + `=["query limit"] ` + rules + `=["max"]`, codes.Unset},
			{"POST", "/v1/orders", `{"items":[{"count":10,"labels":{"secret":10}}]}`, 422, "POST /v1/orders",
				rules + `=["max","max"] ` + places + `=["body /items/0/count","body /items/0/labels/*"] http.response.status_code=422 http.route=/v1/orders`,
				"problem apiroutes.problem.status=422 apiroutes.problem.type=about:blank " + places + `=["body /items/0/count","body /items/0/labels/*"] ` + rules + `=["max","max"]`, codes.Unset},
			{"GET", "/v1/users/error", "", 500, "GET /v1/users/{id}", "error.type=500 http.response.status_code=500 http.route=/v1/users/{id}", "problem apiroutes.problem.status=500 apiroutes.problem.type=about:blank", codes.Error},
			{"GET", "/v1/users/panic", "", 500, "GET /v1/users/{id}", "error.type=500 http.response.status_code=500 http.route=/v1/users/{id}",
				"problem apiroutes.problem.status=500 apiroutes.problem.type=about:blank; exception exception.type=*errors.errorString", codes.Error},
			{"GET", "/v1/users/abort", "", 0, "GET /v1/users/{id}", "error.type=aborted http.route=/v1/users/{id}", "", codes.Error},
			{"GET", "/v1/cut", "", 200, "GET /v1/cut", "error.type=aborted http.response.status_code=200 http.route=/v1/cut", "", codes.Error},
			{"GET", "/v1/pages/7", "", 200, "GET /v1/pages/{id}", "apiroutes.page_cache.state=miss http.response.status_code=200 http.route=/v1/pages/{id}", "", codes.Unset},
			{"GET", "/v1/pages/7", "", 200, "GET /v1/pages/{id}", "apiroutes.page_cache.state=hit http.response.status_code=200 http.route=/v1/pages/{id}", "", codes.Unset},
		} {
			require.Equal(t, tt.status, send(t, tt.method, srv.URL+tt.target, tt.body, "Content-Type", "application/json"), tt.target)
			awaitSpan(m)
			span := m.one()
			require.Equal(t, tt.name, span.Name)
			require.Equal(t, trace.SpanKindServer, span.SpanKind)
			require.Equal(t, tt.code, span.Status.Code, tt.target)
			require.Empty(t, span.Status.Description)
			method, _, _ := strings.Cut(tt.name, " ")
			if method == "HTTP" {
				method = "_OTHER"
			}
			attrs := sortedFields(tt.attrs, "http.request.method="+method, "http.request.body.size="+strconv.Itoa(len(tt.body)), "network.protocol.version=1.1",
				"server.address=127.0.0.1", "server.port="+port, "url.path="+strings.Split(tt.target, "?")[0], "url.scheme=http")
			require.Equal(t, attrs, text(slices.DeleteFunc(slices.Clone(span.Attributes), func(a attribute.KeyValue) bool { return a.Key == semconv.HTTPResponseBodySizeKey })), tt.target)
			var events []string
			for _, e := range span.Events {
				plain := slices.DeleteFunc(slices.Clone(e.Attributes), func(a attribute.KeyValue) bool { return a.Key == semconv.ExceptionStacktraceKey })
				events = append(events, e.Name+" "+text(plain))
			}
			require.Equal(t, tt.events, strings.Join(events, "; "), tt.target)
		}

		all := m.metrics()
		active := all[httpconv.ServerActiveRequests{}.Name()].Data.(metricdata.Sum[int64])
		for _, p := range active.DataPoints {
			require.Zero(t, p.Value, text(p.Attributes.ToSlice()))
		}
		var count uint64
		durations := all[httpconv.ServerRequestDuration{}.Name()].Data.(metricdata.Histogram[float64])
		for _, p := range durations.DataPoints {
			count += p.Count
			require.NotContains(t, text(p.Attributes.ToSlice()), "server.address", "a client names any")
		}
		require.EqualValues(t, 15, count)
		require.Contains(t, series(durations), "http.request.method=GET http.response.status_code=422 http.route=/v1/users/{id} network.protocol.version=1.1 url.scheme=http: 1")
		require.Contains(t, series(durations), "http.request.method=_OTHER http.response.status_code=405 network.protocol.version=1.1 url.scheme=http: 1")
		var pages []string
		for _, p := range all["apiroutes.page_cache.requests"].Data.(metricdata.Sum[int64]).DataPoints {
			pages = append(pages, fmt.Sprint(text(p.Attributes.ToSlice()), ": ", p.Value))
		}
		require.ElementsMatch(t, []string{
			"apiroutes.page_cache.state=miss http.route=/v1/pages/{id}: 1",
			"apiroutes.page_cache.state=hit http.route=/v1/pages/{id}: 1",
		}, pages)
	}
}

func series(h metricdata.Histogram[float64]) []string {
	var all []string
	for _, p := range h.DataPoints {
		all = append(all, fmt.Sprint(text(p.Attributes.ToSlice()), ": ", p.Count))
	}
	return all
}

func sortedFields(fields string, more ...string) string {
	// A value may have a blank: an attribute begins with a letter and has an equals sign.
	var all []string
	for f := range strings.SplitSeq(fields, " ") {
		if strings.Contains(f, "=") {
			all = append(all, f)
		} else {
			all[len(all)-1] += " " + f
		}
	}
	all = append(all, more...)
	slices.Sort(all)
	return strings.Join(all, " ")
}

// awaitSpan waits for the span of a request whose answer has come, which may be before its end.
func awaitSpan(m *telemetry) {
	for end := time.Now().Add(5 * time.Second); len(m.spans.GetSpans()) == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

// A client that leaves is no fault of the server's.
func TestClientLeaves(t *testing.T) {
	m := newTelemetry(t)
	api := newAPI(t)
	oteladapter.Instrument(api, &m.options)
	entered := make(chan struct{}, 1)
	api.Observe(func(ctx context.Context, _ *typed.Observation) (context.Context, func()) {
		entered <- struct{}{}
		return ctx, nil
	})
	srv := httptest.NewServer(api)
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	_, err = io.WriteString(conn, "GET /v1/users/wait HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	<-entered
	require.NoError(t, conn.Close())
	awaitSpan(m)
	span := m.one()
	require.Equal(t, "GET /v1/users/{id}", span.Name)
	require.Equal(t, codes.Unset, span.Status.Code)
	require.Contains(t, text(span.Attributes), "error.type=client_disconnected")
	require.NotContains(t, text(span.Attributes), string(semconv.HTTPResponseStatusCodeKey))
}

// Nothing of what a client sends leaves the process, but for the path and the host that Options can leave out.
func TestNothingOfTheClient(t *testing.T) {
	m := newTelemetry(t)
	m.options.HidePath, m.options.ServerName = true, "api.example.com:8443"
	api := newAPI(t)
	oteladapter.Instrument(api, &m.options)
	srv := httptest.NewServer(api)
	defer srv.Close()
	for _, q := range [][3]string{
		{"GET", "/v1/users/secret?limit=secret&secret=secret", ""},
		{"GET", "/v1/users/panic", ""},
		{"GET", "/v1/users/taken", ""},
		{"GET", "/v1/users/error", ""},
		{"GET", "/v1/secret", ""},
		{"SECRET", "/v1/users/secret", ""},
		{"GET", "/v1/pages/secret", ""},
		{"GET", "/v1/cut?secret", ""},
		{"POST", "/v1/orders?secret=1", `{}`},
		{"POST", "/v1/orders", `{"items":[{"count":1,"labels":{"secret":10}}]}`},
		{"POST", "/v1/orders", `{"items":[{"secret":10}]}`},
		{"POST", "/v1/orders", `{"secret":10}`},
		{"POST", "/v1/orders", `{"items":"secret`},
	} {
		send(t, q[0], srv.URL+q[1], q[2], "Content-Type", "application/json", "Cookie", "secret=secret", "Authorization", "Bearer secret",
			"X-Secret", "secret", "User-Agent", "secret", "Host", "secret", "Tracestate", "secret=secret", "Traceparent", "00-secret")
		awaitSpan(m)
		dump, err := json.Marshal(m.spans.GetSpans())
		require.NoError(t, err)
		require.Len(t, m.spans.GetSpans(), 1)
		require.Contains(t, string(dump), "api.example.com")
		require.NotContains(t, strings.ToLower(string(dump)), "secret", q[1])
		m.spans.Reset()
	}
	var b bytes.Buffer
	for name, metric := range m.metrics() {
		fmt.Fprintf(&b, "%s %+v\n", name, metric)
	}
	require.Contains(t, b.String(), "api.example.com")
	require.NotContains(t, strings.ToLower(b.String()), "secret")
}

// Attributes and metrics are those of the newest semantic conventions that the module has.
func TestConventions(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "go.opentelemetry.io/otel").Output()
	require.NoError(t, err)
	versions, err := os.ReadDir(filepath.Join(strings.TrimSpace(string(out)), "semconv"))
	require.NoError(t, err)
	newest, best := "", 0
	for _, v := range versions {
		var minor int
		if n, err := fmt.Sscanf(v.Name(), "v1.%d.", &minor); n == 1 && err == nil && minor > best {
			newest, best = strings.TrimPrefix(v.Name(), "v"), minor
		}
	}
	require.Equal(t, newest, path.Base(semconv.SchemaURL), "use the newest package semconv in every file")

	m := newTelemetry(t)
	api := newAPI(t)
	oteladapter.Instrument(api, &m.options)
	srv := httptest.NewServer(api)
	defer srv.Close()
	for _, path := range []string{"/v1/users/7", "/v1/users/error", "/v1/users/panic", "/v1/pages/1"} {
		send(t, "GET", srv.URL+path, "")
	}
	known := map[attribute.Key]bool{
		semconv.HTTPRequestMethodKey: true, semconv.HTTPRouteKey: true, semconv.HTTPResponseStatusCodeKey: true, semconv.ErrorTypeKey: true, semconv.URLSchemeKey: true,
		semconv.URLPathKey: true, semconv.ServerAddressKey: true, semconv.ServerPortKey: true, semconv.NetworkProtocolVersionKey: true,
		semconv.HTTPRequestBodySizeKey: true, semconv.HTTPResponseBodySizeKey: true, semconv.ExceptionTypeKey: true, semconv.ExceptionStacktraceKey: true,
	}
	seen := map[attribute.Key]bool{}
	check := func(attrs []attribute.KeyValue) {
		for _, a := range attrs {
			seen[a.Key] = true
			require.True(t, known[a.Key] || strings.HasPrefix(string(a.Key), "apiroutes."), "%s is none of the conventions", a.Key)
		}
	}
	require.Len(t, m.spans.GetSpans(), 4)
	for _, span := range m.spans.GetSpans() {
		require.Equal(t, semconv.SchemaURL, span.InstrumentationScope.SchemaURL)
		check(span.Attributes)
		for _, e := range span.Events {
			require.Contains(t, []string{"problem", semconv.ExceptionEventName}, e.Name)
			check(e.Attributes)
		}
	}
	for key := range known {
		require.True(t, seen[key], "%s is missing", key)
	}
	type described interface {
		Name() string
		Unit() string
		Description() string
	}
	all := m.metrics()
	for _, want := range []described{httpconv.ServerRequestDuration{}, httpconv.ServerActiveRequests{}, httpconv.ServerRequestBodySize{}, httpconv.ServerResponseBodySize{}} {
		got := all[want.Name()]
		require.Equal(t, []string{want.Name(), want.Unit(), want.Description()}, []string{got.Name, got.Unit, got.Description})
	}
	require.Len(t, all, 5, "and the counter of the page cache")
	buckets := all[httpconv.ServerRequestDuration{}.Name()].Data.(metricdata.Histogram[float64]).DataPoints[0].Bounds
	require.Equal(t, []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}, buckets)
}

// A server span that is there already gets the name and the attributes; no second one is made, nor a second sample.
func TestOuterSpan(t *testing.T) {
	for name, sampler := range map[string]sdktrace.Sampler{"sampled": sdktrace.AlwaysSample(), "not sampled": sdktrace.NeverSample()} {
		t.Run(name, func(t *testing.T) {
			m := newTelemetry(t)
			outer := sdktrace.NewTracerProvider(sdktrace.WithSyncer(m.spans), sdktrace.WithSampler(sampler))
			api := newAPI(t)
			oteladapter.Instrument(api, &m.options)
			h := otelhttp.NewHandler(api, "server", otelhttp.WithTracerProvider(outer), otelhttp.WithMeterProvider(m.options.MeterProvider), otelhttp.WithPropagators(m.options.Propagator))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/v1/users/7?limit=10", nil))
			require.Equal(t, 422, w.Code)
			count := uint64(0)
			for _, p := range m.metrics()[httpconv.ServerRequestDuration{}.Name()].Data.(metricdata.Histogram[float64]).DataPoints {
				count += p.Count
			}
			require.EqualValues(t, 1, count)
			if name == "not sampled" {
				require.Empty(t, m.spans.GetSpans())
				return
			}
			span := m.one()
			require.Equal(t, "GET /v1/users/{id}", span.Name)
			require.Contains(t, text(span.Attributes), `apiroutes.validation.place=["query limit"]`)
			require.Contains(t, text(span.Attributes), "http.route=/v1/users/{id}")
			require.Len(t, span.Events, 1)
		})
	}
}

// A trace goes from a client's span to the server's, the handler's and its log lines; a public server begins a new one.
func TestPropagation(t *testing.T) {
	for _, public := range []bool{false, true} {
		m := newTelemetry(t)
		m.options.Public = public
		api := typed.New("Test", "1", nil)
		oteladapter.Instrument(api, &m.options)
		tracer := m.options.TracerProvider.Tracer("test")
		typed.Handle(api, "GET /users/{id}", typed.Func(func(ctx context.Context, in getUser) (string, error) {
			_, span := tracer.Start(ctx, "inside")
			span.End()
			return "", nil
		}))
		srv := httptest.NewServer(api)
		defer srv.Close()
		ctx, root := tracer.Start(t.Context(), "root")
		r, err := http.NewRequestWithContext(ctx, "GET", srv.URL+"/users/7?limit=1", nil)
		require.NoError(t, err)
		res, err := (&http.Client{Transport: oteladapter.Transport(nil, &m.options)}).Do(r)
		require.NoError(t, err)
		_, err = io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Empty(t, r.Header, "the request is the caller's")
		root.End()
		spans := map[string]tracetest.SpanStub{}
		for _, s := range m.spans.GetSpans() {
			spans[s.Name] = s
		}
		require.Len(t, spans, 4)
		sent, got, inside := spans["GET"], spans["GET /users/{id}"], spans["inside"]
		require.Equal(t, trace.SpanKindClient, sent.SpanKind)
		require.Equal(t, root.SpanContext().SpanID(), sent.Parent.SpanID())
		require.Equal(t, got.SpanContext.SpanID(), inside.Parent.SpanID())
		if public {
			require.NotEqual(t, sent.SpanContext.TraceID(), got.SpanContext.TraceID())
			require.Equal(t, sent.SpanContext.SpanID(), got.Links[0].SpanContext.SpanID())
			continue
		}
		require.Equal(t, sent.SpanContext.SpanID(), got.Parent.SpanID())
		require.True(t, got.Parent.IsRemote())
	}
}

// What package typed/client sends is named by its endpoint, below the base path.
func TestTypedClient(t *testing.T) {
	m := newTelemetry(t)
	srv := httptest.NewServer(newAPI(t))
	defer srv.Close()
	getUserAt := typed.Get[getUser, string]("/users/{id}")
	c := client.New(srv.URL+"/v1", &client.Options{HTTP: &http.Client{Transport: oteladapter.Transport(nil, &m.options)}})
	for id, ok := range map[string]bool{"7": true, "secret": true, "error": false} {
		_, err := client.Call(t.Context(), c, getUserAt, getUser{ID: id})
		require.Equal(t, ok, err == nil, err)
		span := m.one()
		require.Equal(t, "GET /v1/users/{id}", span.Name)
		require.Equal(t, trace.SpanKindClient, span.SpanKind)
		require.Contains(t, text(span.Attributes), "url.template=/v1/users/{id}")
		require.Equal(t, !ok, span.Status.Code == codes.Error)
	}
}

// A client's span has no query; what fails is an error by its type.
func TestTransport(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/missing":
			w.WriteHeader(404)
		case "/cut":
			_, _ = io.WriteString(w, "one")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	}))
	srv.Config.ErrorLog = nil
	defer srv.Close()
	m := newTelemetry(t)
	c := &http.Client{Transport: oteladapter.Transport(plainClient.Transport, &m.options)}
	for path, want := range map[string]string{
		"/found":   "http.request.method=GET http.response.status_code=200",
		"/missing": "error.type=404 http.request.method=GET http.response.status_code=404",
		"/cut":     "error.type=*errors.errorString http.request.method=GET http.response.status_code=200",
	} {
		res, err := c.Get(strings.Replace(srv.URL, "//", "//user:secret@", 1) + path + "?secret=secret#secret")
		require.NoError(t, err)
		_, _ = io.ReadAll(res.Body)
		require.NoError(t, res.Body.Close())
		span := m.one()
		require.Equal(t, "GET", span.Name)
		attrs := text(span.Attributes)
		require.NotContains(t, attrs, "secret")
		require.True(t, strings.HasPrefix(attrs, want), attrs)
		require.Contains(t, attrs, "url.full="+srv.URL+path)
		require.Equal(t, path != "/found", span.Status.Code == codes.Error)
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/users/7", nil)
	require.NoError(t, err)
	r.Pattern = "GET /users/{id}"
	res, err := c.Do(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	span := m.one()
	require.Equal(t, "GET /users/{id}", span.Name)
	require.Contains(t, text(span.Attributes), string(semconv.URLTemplateKey)+"=/users/{id}")
	srv.Close()
	_, err = c.Get(srv.URL + "/?secret")
	require.Error(t, err)
	require.Contains(t, text(m.one().Attributes), "error.type=*net.OpError")
	duration := m.metrics()[httpconv.ClientRequestDuration{}.Name()].Data.(metricdata.Histogram[float64])
	require.Len(t, duration.DataPoints, 5)
}

// An API that is traced and measured allocates at most 2 objects more than otelhttp around it, on the smallest request.
func TestAllocations(t *testing.T) {
	hello := func(opts *oteladapter.Options) *typed.API {
		api := typed.New("Test", "1", nil)
		if opts != nil {
			oteladapter.Instrument(api, opts)
		}
		typed.Handle(api, "GET /hello", typed.Func(func(context.Context, typed.None) (string, error) { return "hello", nil }), typed.NoETag())
		return api
	}
	cost := func(h http.Handler) float64 {
		r, w := httptest.NewRequest("GET", "/hello", nil), &discard{header: http.Header{}}
		return testing.AllocsPerRun(500, func() {
			clear(w.header)
			h.ServeHTTP(w, r)
		})
	}
	options := func() *oteladapter.Options {
		return &oteladapter.Options{
			TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(dropped{})),
			MeterProvider:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())),
			Propagator:     propagation.TraceContext{},
		}
	}
	theirs := options()
	by := otelhttp.NewHandler(hello(nil), "server", otelhttp.WithTracerProvider(theirs.TracerProvider), otelhttp.WithMeterProvider(theirs.MeterProvider), otelhttp.WithPropagators(theirs.Propagator))
	plain, other, ours := cost(hello(nil)), cost(by), cost(hello(options()))
	t.Logf("%.0f allocations, with otelhttp %.0f, with Instrument %.0f", plain, other, ours)
	require.LessOrEqual(t, ours, other+2)
}

// dropped is a span processor that does nothing.
type dropped struct{}

func (dropped) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (dropped) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (dropped) Shutdown(context.Context) error                  { return nil }
func (dropped) ForceFlush(context.Context) error                { return nil }

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
