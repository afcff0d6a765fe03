package adaptertest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// contexts is what a handler can reach beside its input.
func contexts() []rule {
	return []rule{
		ask("context/value", "A value that the router's middleware put into the context reaches the handler.", get("/value"), wish{200, nil, `"from the router"`}),
		ask("context/middleware", "The router's middleware runs, and its header is on the answer.", get("/u/42"), wish{200, []string{Header + ": seen"}, ""}),
		ask("context/middleware on refusals", "The router's middleware runs for requests that the API refuses.", get("/n/x"), wish{422, []string{Header + ": seen"}, ""}),
		ask("context/middleware on 405", "The router's middleware runs for methods that the API does not have.", send("POST", "/u/42", ""), wish{405, []string{Header + ": seen"}, ""}),
		ask("context/URL", "URL works from a handler.", get("/url/a%2Fb"), wish{200, nil, `"/url/a%2Fb"`}),
		{"context/ends with the request", "The context ends when the request has been answered.", func(b *bench) error {
			if _, err := b.compare(get("/keep")); err != nil {
				return err
			}
			ctx := <-b.site.contexts
			if _, err := await("the end of the context", ctx.Done()); err != nil {
				return err
			}
			if ctx.Err() == nil {
				return errors.New("the context is done and its Err is nil")
			}
			return same("the value in an ended context", valueOf(ctx), "from the router")
		}},
		{"context/derived", "A context derived from the handler's ends with it.", func(b *bench) error {
			if _, err := b.router.send(get("/keep")); err != nil {
				return err
			}
			ctx, cancel := context.WithCancel(<-b.site.contexts)
			defer cancel()
			_, err := await("the end of the derived context", ctx.Done())
			return err
		}},
		{"context/client leaves", "The context ends when the client leaves.", func(b *bench) error {
			conn, err := b.router.dial()
			if err != nil {
				return err
			}
			if _, err := conn.Write(get("/wait").bytes()); err != nil {
				return err
			}
			if _, err := await("the handler", b.site.contexts); err != nil {
				return err
			}
			_ = conn.Close() // the point of the case
			select {
			case err := <-b.site.ended:
				if err != context.Canceled {
					return fmt.Errorf("the context ended with %w", err)
				}
				return nil
			case <-time.After(2 * time.Second):
				b.site.release <- struct{}{}
				return errors.New("the context did not end within 2 s")
			}
		}},
		ask("request/facts", "HTTPRequest is the request as net/http has it, with decoded path values.", get("/request/a%2Fb?x=1&y=%20", "X-Trace: 1", "X-Trace: 2"),
			wish{200, nil, `~"id":"a/b"`}),
		ask("request/body", "The body of HTTPRequest has been read.", send("POST", "/request/7?quiet=true", `{"name":"Ada"}`, asJSON), wish{200, nil, `~"left":"0 <nil>"`}),
		ask("middleware/endpoint", "An endpoint's middleware of net/http sees path values, and its context reaches the handler.", get("/wrapped/a%2Fb"),
			wish{200, []string{"X-Wrapped: GET /wrapped/a/b a/b"}, `~"wrapped":"by middleware"`}),
		ask("middleware/matched", "Matched is known in the middleware of a group and of an endpoint, and in the handler.", get("/matched/7"),
			wish{200, []string{"X-Group: getMatchedById", "X-Endpoint: getMatchedById"}, `{"matched":"getMatchedById"}`}),
		{"middleware/matched by the API", "Matched is known in the middleware of the API, where an endpoint answers.", func(b *bench) error {
			router, reference := b.start(func() *typed.API {
				api := newSite(nil).api
				api.Use(matched("X-Api"))
				return api
			})
			known, err := compare(router, reference, get("/u/42"))
			if err != nil {
				return err
			}
			unknown, err := compare(router, reference, send("POST", "/u/42", ""))
			return errors.Join(err, wish{200, []string{"X-Api: getUById"}, ""}.check(get("/u/42"), known), wish{405, []string{"X-Api: none"}, ""}.check(get("/u/42"), unknown))
		}},
		ask("middleware/body", "A body passes middleware.", send("POST", "/wrapped/7", `{"name":"Ada"}`, asJSON), wish{200, nil, `~Name:Ada`}),
		ask("middleware/refusal", "What is refused inside middleware is refused alike.", send("POST", "/wrapped/7", `{"name":`, asJSON), wish{400, []string{errorType, "X-Wrapped: POST /wrapped/7 7"}, ""}),
		ask("middleware/HEAD", "HEAD passes middleware.", send("HEAD", "/wrapped/7", ""), wish{200, nil, ""}),
		ask("middleware/answers", "Middleware may answer by itself.", get("/stopped"), wish{418, nil, "stopped"}),
		{"concurrent use", "Requests at the same time do not see each other.", concurrent},
		{"kept memory", "Strings and bytes of a request may be kept: nothing that a handler was given is used again.", kept},
	}
}

func concurrent(b *bench) error {
	var wg sync.WaitGroup
	faults := make(chan error, 16)
	for worker := range 16 {
		wg.Go(func() {
			for i := range 25 {
				value := fmt.Sprintf("w%d-%d", worker, i)
				q, want := get("/u/"+value), said("id", value)
				if i%2 == 1 {
					q = send("PUT", "/mixed/7", `{"name":"`+value+`"}`, asJSON)
					want = fmt.Sprintf("%q", "{ID:7 Quiet:false Name:"+value+" Notes:[]}")
				}
				got, err := b.router.send(q)
				if err == nil && got.body != want {
					err = fmt.Errorf("%v: %q, want %q", q, got.body, want)
				}
				if err != nil {
					faults <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(faults)
	return <-faults
}

type (
	// keep is all that a handler gets of a request with raw bytes, and keepJSON of one with JSON.
	keep struct {
		ID      string   `path:"id"`
		Query   string   `query:"q"`
		Tags    []string `query:"tag"`
		Trace   string   `header:"X-Trace"`
		Session string   `cookie:"session"`
		Body    []byte   `body:""`
	}
	keepJSON struct {
		ID    string         `path:"id"`
		Name  string         `json:"name"`
		Notes []string       `json:"notes"`
		More  map[string]any `json:"more"`
	}
)

// kept sends many requests on few connections, whose buffers servers use again,
// and looks at all that the handler kept when the last was answered.
func kept(b *bench) error {
	const connections, each = 4, 250
	var mu sync.Mutex
	kept := map[string]keep{}
	keptJSON := map[string]keepJSON{}
	requests := map[string]*http.Request{}
	api := typed.New("Kept", "1", nil)
	typed.Handle(api, "POST /keep/{id}", typed.Func(func(ctx context.Context, in keep) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		kept[strings.Clone(in.ID)] = in
		if len(requests) < each {
			requests[strings.Clone(in.ID)] = typed.HTTPRequest(ctx)
		}
		return in.ID, nil
	}))
	typed.Handle(api, "PUT /keep/{id}", typed.Func(func(_ context.Context, in keepJSON) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		keptJSON[strings.Clone(in.ID)] = in
		return in.ID, nil
	}))
	server := b.suite.start(api)
	defer server.Close()
	var wg sync.WaitGroup
	faults := make([]error, connections)
	for c := range connections {
		wg.Go(func() { faults[c] = keepOn(server, c, each) })
	}
	wg.Wait()
	if err := errors.Join(faults...); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	if err := same("requests", len(kept)+len(keptJSON), 2*connections*each); err != nil {
		return err
	}
	for id, in := range kept {
		want := keep{id, "q" + id, []string{"1" + id, "2" + id}, "t" + id, "s" + id, []byte(strings.Repeat(id, 7))}
		if fmt.Sprintf("%+v", in) != fmt.Sprintf("%+v", want) {
			return fmt.Errorf("kept %+v, want %+v", in, want)
		}
	}
	for id, in := range keptJSON {
		want := keepJSON{id, "n" + id, []string{"a" + id, "é" + id}, map[string]any{"k" + id: "v" + id}}
		if fmt.Sprintf("%+v", in) != fmt.Sprintf("%+v", want) {
			return fmt.Errorf("kept %+v, want %+v", in, want)
		}
	}
	for id, r := range requests {
		got := []string{r.Method, r.URL.Path, r.URL.Query().Get("q"), r.Header.Get("X-Trace"), r.Host, r.RequestURI, r.PathValue("id")}
		want := []string{"POST", "/keep/" + id, "q" + id, "t" + id, "example.com", "/keep/" + id + "?q=q" + id + "&tag=1" + id + "&tag=2" + id, id}
		if !slices.Equal(got, want) {
			return fmt.Errorf("the kept HTTPRequest is %q, want %q", got, want)
		}
	}
	return nil
}

func keepOn(server Server, connection, requests int) error {
	conn, err := server.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	for i := range requests {
		id := fmt.Sprintf("c%d-%d", connection, i)
		body := strings.Repeat(id, 7)
		raw := fmt.Sprintf("POST /keep/%[1]s?q=q%[1]s&tag=1%[1]s&tag=2%[1]s HTTP/1.1\r\nHost: example.com\r\nX-Trace: t%[1]s\r\nCookie: session=s%[1]s\r\n"+
			"Content-Type: application/octet-stream\r\nContent-Length: %[2]d\r\n\r\n%[3]s", id, len(body), body)
		body = fmt.Sprintf(`{"name":"n%[1]s","notes":["a%[1]s","\u00e9%[1]s"],"more":{"k%[1]s":"v%[1]s"}}`, id)
		asJSON := fmt.Sprintf("PUT /keep/%[1]s HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/json\r\nContent-Length: %[2]d\r\n\r\n%[3]s", id, len(body), body)
		for _, request := range []string{raw, asJSON} {
			if _, err := io.WriteString(conn, request); err != nil {
				return err
			}
			got, err := receive(r, false)
			if err != nil || got.body != `"`+id+`"` {
				return fmt.Errorf("%s: %d %q, %w", id, got.status, got.body, err)
			}
		}
	}
	return nil
}

// htmlProblem is an OnInvalid.
func htmlProblem(_ context.Context, p *respond.Problem) (typed.Answer, error) {
	var res typed.Response[respond.HTML]
	return res.Status(p.Status).Send(respond.HTML("<h1>" + p.Title + "</h1>"))
}
