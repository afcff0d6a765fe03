package typed_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

type quote struct {
	Symbol string  `json:"symbol"`
	Market string  `json:"market"`
	Bid    float64 `json:"bid"`
	Ask    float64 `json:"ask"`
	Volume int64   `json:"volume"`
	At     string  `json:"at"`
}

func someQuote() quote {
	return quote{"APIR", "XETR", 101.25, 101.5, 1200, "2026-01-31T12:00:00.123Z"}
}

// flushed is a writer of which flushing costs nothing.
type flushed struct{ *discard }

func (flushed) FlushError() error { return nil }

// An event of 100 bytes costs two allocations at most.
func TestAllocationBudgetOfEvents(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget, so that allocations cannot be counted")
	}
	const events = 1000
	api := watching(nil, func(_ context.Context, yield yield[quote]) {
		q := someQuote()
		for range events {
			if !yield(typed.Event[quote]{ID: "17", Data: q}, nil) {
				return
			}
		}
	})
	req := httptest.NewRequest("GET", "/events", nil)
	w := flushed{&discard{header: http.Header{}}}
	total := testing.AllocsPerRun(10, func() {
		clear(w.header)
		api.ServeHTTP(w, req)
	})
	size := len(do(api, "GET", "/events", "").Body.String()) / events
	t.Logf("an event of %d bytes: %.3f allocations, the stream's own included", size, total/events)
	require.GreaterOrEqual(t, size, 100)
	require.LessOrEqual(t, total/events, 2.0)
}

// idleStreams opens streams that nothing comes on, and returns what each takes of the heap and of
// stacks.
func idleStreams(t *testing.T, h http.Handler, streams int) (each float64) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	conns := make([]net.Conn, 0, streams)
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	open := func(n int) {
		for range n {
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			require.NoError(t, err)
			conns = append(conns, conn)
			_, err = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
			require.NoError(t, err)
		}
		for _, c := range conns[len(conns)-n:] {
			_, err := http.ReadResponse(bufio.NewReaderSize(c, 16), nil) // the stream is open
			require.NoError(t, err)
		}
	}
	open(10) // what the first ones take for all
	before := memory()
	open(streams)
	return float64(memory()-before) / float64(streams)
}

func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// An idle stream takes at most 20 KB beyond what net/http takes for one.
func TestIdleStreams(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	streams := 200
	if os.Getenv("APIROUTES_PROOF") == "1" {
		streams = 1000
	}
	api := watching(nil, func(ctx context.Context, _ yield[quote]) { <-ctx.Done() })
	plain := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	theirs, ours := idleStreams(t, plain, streams), idleStreams(t, api, streams)
	t.Logf("%d idle streams: %.1f KB each, of net/http alone %.1f KB", streams, ours/1e3, theirs/1e3)
	require.Less(t, ours-theirs, 20e3)
}

// Draining ends a thousand streams within a second.
func TestDrainManyStreams(t *testing.T) {
	const streams = 1000
	api := watching(nil, func(ctx context.Context, _ yield[quote]) { <-ctx.Done() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- typed.ServeListener(ctx, l, api) }()
	conns := make([]*bufio.Reader, streams)
	for i := range conns {
		conn, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		conns[i] = bufio.NewReaderSize(conn, 16)
	}
	bodies := make([]io.Reader, streams)
	for i, r := range conns {
		res, err := http.ReadResponse(r, nil)
		require.NoError(t, err)
		bodies[i] = res.Body
	}
	began := time.Now()
	end()
	for _, body := range bodies {
		_, err := io.ReadAll(body) // its end, not a cut
		require.NoError(t, err)
	}
	took := time.Since(began)
	require.NoError(t, <-served)
	t.Logf("%d streams ended within %v", streams, took)
	require.Less(t, took, 5*time.Second, "a second on a machine that does nothing else")
}

type person struct {
	ID    int      `json:"id" validate:"min=1"`
	Name  string   `json:"name" validate:"required,max=50"`
	Email string   `json:"email" validate:"required,email"`
	Tags  []string `json:"tags" validate:"max=5,dive,max=20"`
}

// importers read the same people as lines, and as one array.
func importers() *typed.API {
	api := typed.New("Test", "1", &typed.Options{MaxBody: 64 << 20})
	typed.Handle(api, "POST /lines", typed.Func(func(_ context.Context, in struct {
		Rows typed.Lines[person] `body:""`
	}) (int, error) {
		n := 0
		for p, err := range in.Rows {
			if err != nil {
				return 0, err
			}
			n += p.ID
		}
		return n, nil
	}))
	typed.Handle(api, "POST /array", typed.Func(func(_ context.Context, in struct {
		Rows []person `body:"" validate:"dive"`
	}) (int, error) {
		n := 0
		for _, p := range in.Rows {
			n += p.ID
		}
		return n, nil
	}))
	return api
}

func manyPeople(n int) (lines, array string) {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"id":%d,"name":"Somebody %d","email":"somebody.%d@example.com","tags":["a","bc"]}`, i+1, i, i)
	}
	return strings.Join(rows, "\n") + "\n", "[" + strings.Join(rows, ",") + "]"
}

func importPeople(tb testing.TB, api *typed.API, path, media, body string) {
	req := httptest.NewRequest("POST", path, strings.NewReader(body))
	req.Header.Set("Content-Type", media)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, req)
	if w.Code != 200 {
		tb.Fatal(w.Body)
	}
}

// A row costs no more allocations as a line than as an element of one array.
func TestAllocationsOfLines(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates, too")
	}
	const rows = 1000
	api := importers()
	lines, array := manyPeople(rows)
	each := func(path, media, body string) float64 {
		return testing.AllocsPerRun(10, func() { importPeople(t, api, path, media, body) }) / rows
	}
	asArray, asLines := each("/array", "application/json", array), each("/lines", ndjson, lines)
	t.Logf("a row takes %.2f allocations in an array, and %.2f in a line", asArray, asLines)
	require.Less(t, asLines, asArray+0.05)
}

// Lines are read at nine tenths of the speed of one array of the same rows, at least. Times
// are compared in turns, and only where the machine does nothing else.
func TestCostOfLines(t *testing.T) {
	if os.Getenv("APIROUTES_PROOF") != "1" || raceDetector {
		t.Skip("measured with APIROUTES_PROOF=1 alone")
	}
	const rows, turns = 5000, 31
	api := importers()
	lines, array := manyPeople(rows)
	var ratios []float64
	for range turns {
		began := time.Now()
		importPeople(t, api, "/array", "application/json", array)
		middle := time.Now()
		importPeople(t, api, "/lines", ndjson, lines)
		ratios = append(ratios, float64(middle.Sub(began))/float64(time.Since(middle)))
	}
	speed := medianOf(ratios)
	t.Logf("lines are read at %.2f of the speed of one array", speed)
	require.GreaterOrEqual(t, speed, 0.9)
}

func medianOf(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func BenchmarkImport(b *testing.B) {
	api := importers()
	lines, array := manyPeople(1000)
	for name, body := range map[string]string{"array": array, "lines": lines} {
		media := map[string]string{"array": "application/json", "lines": ndjson}[name]
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				importPeople(b, api, "/"+name, media, body)
			}
		})
	}
}

func BenchmarkEvents(b *testing.B) {
	srv := httptest.NewServer(watching(nil, func(_ context.Context, yield yield[quote]) {
		q := someQuote()
		for yield(typed.Event[quote]{Data: q}, nil) {
		}
	}))
	defer srv.Close()
	res, err := http.Get(srv.URL + "/events")
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	r := bufio.NewReader(res.Body)
	b.ReportAllocs()
	for b.Loop() {
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				b.Fatal(err)
			}
			if bytes.Equal(line, []byte("\n")) {
				break
			}
		}
	}
}
