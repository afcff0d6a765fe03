package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collectmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collecttrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/apiroutes/apiroutes/examples/internal/smoke"
)

func TestMain(m *testing.M) { smoke.Main(m, main) }

// collector takes what programs send by OTLP over HTTP
// (https://opentelemetry.io/docs/specs/otlp/#otlphttp), uncompressed.
type collector struct {
	mu      sync.Mutex
	spans   []*otlp.Span
	metrics []string // names
	faults  []error
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch r.URL.Path {
	case "/v1/traces":
		var sent collecttrace.ExportTraceServiceRequest
		err = proto.Unmarshal(body, &sent)
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	case "/v1/metrics":
		var sent collectmetrics.ExportMetricsServiceRequest
		err = proto.Unmarshal(body, &sent)
		for _, resource := range sent.ResourceMetrics {
			for _, scope := range resource.ScopeMetrics {
				for _, m := range scope.Metrics {
					c.metrics = append(c.metrics, m.Name)
				}
			}
		}
	}
	if err != nil {
		c.faults = append(c.faults, err)
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func TestCollector(t *testing.T) {
	c := &collector{}
	srv := httptest.NewServer(c)
	defer srv.Close()
	t.Run("program", func(t *testing.T) { // sends what is left when it ends, which is with this test
		p := smoke.Start(t, "-otlp", srv.URL)
		require.Equal(t, 200, p.Do(t, "GET", "/friends/1", "").Status)
		require.Equal(t, 404, p.Do(t, "GET", "/friends/7", "").Status)
		require.Equal(t, 422, p.Do(t, "GET", "/users?limit=1000", "").Status)
		require.Equal(t, 200, p.Do(t, "GET", "/users/1/card", "").Status)
		require.Equal(t, 404, p.Do(t, "GET", "/unknown", "").Status)
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	require.Empty(t, c.faults)
	var names []string
	spans := map[string]*otlp.Span{}
	for _, s := range c.spans {
		names = append(names, s.Kind.String()[len("SPAN_KIND_"):]+" "+s.Name)
		spans[s.Name] = s
	}
	slices.Sort(names)
	require.Equal(t, []string{
		"CLIENT GET", "CLIENT GET", "SERVER GET", "SERVER GET /friends/{id}", "SERVER GET /friends/{id}",
		"SERVER GET /users", "SERVER GET /users/{id}", "SERVER GET /users/{id}", "SERVER GET /users/{id}/card",
	}, names)
	require.Equal(t, spans["GET /friends/{id}"].TraceId, spans["GET /users/{id}"].TraceId, "one trace goes through both requests")
	for _, name := range []string{"http.server.request.duration", "http.server.active_requests", "http.client.request.duration", "apiroutes.page_cache.requests"} {
		require.Contains(t, c.metrics, name)
	}
}

func TestPrinted(t *testing.T) {
	p := smoke.Start(t)
	require.Equal(t, 200, p.Do(t, "GET", "/users/1", "").Status)
}
