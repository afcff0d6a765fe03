package typed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type row struct {
	Name string   `json:"name" validate:"required,max=20"`
	Age  int      `json:"age" validate:"min=0"`
	Tags []string `json:"tags,omitempty" validate:"max=2,dive,max=3"`
}

type importing struct {
	Dry  bool             `query:"dry"`
	Rows typed.Lines[row] `body:""`
}

// importer counts rows.
func importer(opts *typed.Options, options ...typed.Option) *typed.API {
	api := typed.New("Test", "1", opts)
	typed.Handle(api, "POST /rows", typed.Func(func(_ context.Context, in importing) (string, error) {
		n := 0
		for r, err := range in.Rows {
			if err != nil {
				return "", fmt.Errorf("import: %w", err)
			}
			n += len(r.Name)
		}
		return fmt.Sprint(n), nil
	}), options...)
	return api
}

const ndjson = "application/x-ndjson"

func TestLinesAreRead(t *testing.T) {
	api := importer(nil, typed.Accepts("application/jsonl"))
	for name, tt := range map[string]struct {
		media, body, want string
	}{
		"lines":              {ndjson, "{\"name\":\"a\"}\n{\"name\":\"bc\",\"age\":3}\n", "3"},
		"another media type": {"application/jsonl; charset=utf-8", "{\"name\":\"a\"}\n", "1"},
		"no end":             {ndjson, `{"name":"a"}`, "1"},
		"CR LF":              {ndjson, "{\"name\":\"a\"}\r\n{\"name\":\"b\"}\r\n", "2"},
		"a byte order mark":  {ndjson, "\uFEFF{\"name\":\"a\"}\n", "1"},
		"blank lines":        {ndjson, "\n  \n{\"name\":\"a\"}\n\n", "1"},
		"blanks":             {ndjson, "  { \"name\" : \"a\" }  \n", "1"},
		"nothing":            {ndjson, "", "0"},
		"nothing of no type": {"", "", "0"},
		"line ends only":     {ndjson, "\n\r\n", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			header := []string{"Content-Type", tt.media}
			if tt.media == "" {
				header = nil
			}
			w := do(api, "POST", "/rows", tt.body, header...)
			require.Equal(t, 200, w.Code, "%s", w.Body)
			require.Equal(t, `"`+tt.want+`"`, w.Body.String())
		})
	}
}

// A bad line is a problem that says which one.
func TestBadLines(t *testing.T) {
	good := strings.Repeat(`{"name":"a"}`+"\n", 17)
	for name, tt := range map[string]struct {
		body    string
		options []typed.Option
		status  int
		errors  string // of the problem
	}{
		"a rule":                {good + `{"name":""}` + "\n", nil, 422, `[{"in":"body","pointer":"/17/name","rule":"required","detail":"is required and must not be empty"}]`},
		"two rules":             {good + `{"name":"a","age":-1,"tags":["a","long"]}` + "\n", nil, 422, `[{"in":"body","pointer":"/17/age","rule":"min","param":"0","detail":"must be at least 0"},{"in":"body","pointer":"/17/tags/1","rule":"max","param":"3","detail":"must be at most 3 characters long"}]`},
		"a type":                {good + `{"name":1}` + "\n", nil, 422, `[{"in":"body","pointer":"/17/name","rule":"type","detail":"must be a string"}]`},
		"an unknown member":     {good + `{"name":"a","x":1}` + "\n", nil, 422, `[{"in":"body","pointer":"/17/x","rule":"unknown","detail":"is not a known member"}]`},
		"syntax":                {good + `{"name"` + "\n", nil, 400, `[{"in":"body","pointer":"/17","rule":"syntax","detail":"*"}]`},
		"two values":            {good + `{"name":"a"} {"name":"b"}` + "\n", nil, 400, `[{"in":"body","pointer":"/17","rule":"trailing","detail":"*"}]`},
		"a value on two lines":  {"{\n\"name\":\"a\"}\n", nil, 400, `[{"in":"body","pointer":"/0","rule":"syntax","detail":"*"}]`},
		"UTF-8":                 {good + "{\"name\":\"\xff\"}\n", nil, 400, `[{"in":"body","pointer":"/17/name","rule":"utf8","detail":"*"}]`},
		"the same member twice": {`{"name":"a","name":"b"}`, nil, 400, `[{"in":"body","pointer":"/0/name","rule":"duplicate","detail":"*"}]`},
		"depth":                 {good + strings.Repeat("[", 20000), nil, 400, `[{"in":"body","pointer":"*","rule":"depth","detail":"*"}]`},
		"a list":                {"[]\n", nil, 422, `[{"in":"body","pointer":"/0","rule":"type","detail":"must be an object"}]`},
		"null":                  {"null\n", nil, 422, `[{"in":"body","pointer":"/0","rule":"null","detail":"*"}]`},
		"too long":              {good + `{"name":"` + strings.Repeat("a", 100) + "\"}\n" + good, []typed.Option{typed.MaxLine(100)}, 413, `[{"in":"body","pointer":"/17","rule":"size","param":"100","detail":"must have at most 100 bytes"}]`},
		"10 MB":                 {good + `{"name":"` + strings.Repeat("a", 10<<20) + "\"}\n", []typed.Option{typed.MaxBody(20 << 20)}, 413, `[{"in":"body","pointer":"/17","rule":"size","param":"1048576","detail":"must have at most 1048576 bytes"}]`},
		"10 MB that are wanted": {good + `{"name":"` + strings.Repeat("a", 10<<20) + "\"}\n", []typed.Option{typed.MaxBody(20 << 20), typed.MaxLine(11 << 20)}, 422, `[{"in":"body","pointer":"/17/name","rule":"max","param":"20","detail":"must be at most 20 characters long"}]`},
		"more than the body":    {good, []typed.Option{typed.MaxBody(20)}, 413, `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			var rec recorded
			api := importer(&typed.Options{OnError: rec.on}, tt.options...)
			w := do(api, "POST", "/rows", tt.body, "Content-Type", ndjson)
			require.Equal(t, tt.status, w.Code, "%.500s", w.Body)
			checkProblem(t, tt.status, w.Body.Bytes())
			var p struct{ Errors []map[string]string }
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
			var want []map[string]string
			require.NoError(t, json.Unmarshal([]byte(tt.errors), &want))
			require.Len(t, p.Errors, len(want), "%s", w.Body)
			for i := range want {
				for key, value := range want[i] {
					if value != "*" {
						require.Equal(t, value, p.Errors[i][key], "%s of %s", key, w.Body)
					}
				}
			}
			require.Zero(t, rec.len(), "%v", rec.errs)
		})
	}
}

func TestLinesMediaType(t *testing.T) {
	api := importer(nil)
	for _, media := range []string{"application/json", "application/jsonl", "text/plain", ndjson + "; charset=latin1", ""} {
		header := []string{"Content-Type", media}
		if media == "" {
			header = nil
		}
		w := do(api, "POST", "/rows", "{}", header...)
		require.Equal(t, 415, w.Code, media)
		require.Equal(t, ndjson, w.Header().Get("Accept"))
	}
	require.Equal(t, 415, do(api, "POST", "/rows", "{}", "Content-Type", ndjson, "Content-Encoding", "gzip").Code)
	require.Equal(t, 422, do(api, "POST", "/rows?dry=x", "{}", "Content-Type", ndjson).Code)
}

// What the loop may know of an error, and how it goes on.
func TestLinesInTheLoop(t *testing.T) {
	type seen struct {
		names []string
		errs  []error
	}
	run := func(body string, opts *typed.Options, loops int) (s seen) {
		api := typed.New("Test", "1", opts)
		typed.Handle(api, "POST /rows", typed.Func(func(_ context.Context, in typed.Lines[row]) (typed.None, error) {
			for range loops {
				for r, err := range in {
					if err != nil {
						s.errs = append(s.errs, err)
						require.Zero(t, r)
						continue // there is no more
					}
					s.names = append(s.names, r.Name)
					if r.Name == "stop" {
						break
					}
				}
			}
			return typed.None{}, nil
		}))
		require.Equal(t, 204, do(api, "POST", "/rows", body, "Content-Type", ndjson).Code)
		return s
	}
	s := run(`{"name":"a"}`+"\n\n"+`{"name":""}`+"\n"+`{"name":"c"}`+"\n", nil, 2)
	require.Equal(t, []string{"a"}, s.names)
	require.Len(t, s.errs, 2, "the error stays")
	line, ok := errors.AsType[*typed.LineError](s.errs[0])
	require.True(t, ok)
	require.Equal(t, 1, line.Index)
	p, ok := errors.AsType[*respond.Problem](s.errs[0])
	require.True(t, ok)
	require.Equal(t, 422, p.Status)
	require.Equal(t, "typed: line 1: "+p.Error(), line.Error())

	s = run(`{"name":"stop"}`+"\n"+`{"name":"b"}`+"\n", nil, 3)
	require.Equal(t, []string{"stop", "b"}, s.names, "a second loop goes on")
	require.Empty(t, s.errs)

	s = run(`{"name":"a","age":-1}`, &typed.Options{Message: func(_ context.Context, e respond.FieldError) string { return "zu klein: " + e.Pointer }}, 1)
	p, _ = errors.AsType[*respond.Problem](s.errs[0])
	require.Equal(t, "zu klein: /0/age", p.Errors[0].Detail)
}

// A row is zero before it is read: nothing of one shows in the next.
func TestLinesDoNotShare(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /rows", typed.Func(func(_ context.Context, in importing) ([]row, error) {
		var all []row
		for r, err := range in.Rows {
			if err != nil {
				return nil, err
			}
			all = append(all, r)
		}
		return all, nil
	}))
	w := do(api, "POST", "/rows", `{"name":"a","age":1,"tags":["x","y"]}`+"\n"+`{"name":"b"}`+"\n"+`{"name":"c","tags":["z"]}`+"\n", "Content-Type", ndjson)
	require.Equal(t, `[{"name":"a","age":1,"tags":["x","y"]},{"name":"b","age":0},{"name":"c","age":0,"tags":["z"]}]`, w.Body.String())
}

// A body that breaks off gives no half row, and is the client's doing.
func TestLinesBreakOff(t *testing.T) {
	var rec recorded
	rows := make(chan string, 10)
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	typed.Handle(api, "POST /rows", typed.Func(func(_ context.Context, in importing) (typed.None, error) {
		for r, err := range in.Rows {
			if err != nil {
				rows <- "error"
				return typed.None{}, err
			}
			rows <- r.Name
		}
		rows <- "end"
		return typed.None{}, nil
	}))
	srv := httptest.NewServer(api)
	body, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, `{"name":"a"}`+"\n"+`{"name":"b"}`)
		_ = w.CloseWithError(errors.New("cut"))
	}()
	_, err := http.Post(srv.URL+"/rows", ndjson, body)
	require.Error(t, err)
	require.Equal(t, "a", <-rows)
	require.Equal(t, "error", <-rows)
	srv.Close()
	require.Zero(t, rec.len(), "%v", rec.errs)

	// In one piece that the transport itself finds wrong, the client is told.
	req := httptest.NewRequest("POST", "/rows", io.MultiReader(strings.NewReader(`{"name":"a"}`+"\n"), brokenReader{}))
	req.Header.Set("Content-Type", ndjson)
	answer := httptest.NewRecorder()
	api.ServeHTTP(answer, req)
	require.Equal(t, 400, answer.Code)
	checkProblem(t, 400, answer.Body.Bytes())
}

// Rows may go out while others still come in.
func TestLinesThrough(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /rows", typed.Func(func(_ context.Context, in importing) (typed.Lines[row], error) {
		return func(yield func(row, error) bool) {
			for r, err := range in.Rows {
				r.Age++
				if !yield(r, err) {
					return
				}
			}
		}, nil
	}), typed.Produces("application/jsonl"))
	srv := httptest.NewServer(api)
	defer srv.Close()
	body, w := io.Pipe()
	req, err := http.NewRequest("POST", srv.URL+"/rows", body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", ndjson)
	sent := make(chan struct{})
	go func() {
		_, _ = io.WriteString(w, `{"name":"a"}`+"\n")
		<-sent // the first answer is there before the second row is sent
		_, _ = io.WriteString(w, `{"name":"b"}`+"\n")
		_ = w.Close()
	}()
	res, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, "application/jsonl", res.Header.Get("Content-Type"))
	first := make([]byte, len(`{"name":"a","age":1}`+"\n"))
	_, err = io.ReadFull(res.Body, first)
	require.NoError(t, err)
	require.Equal(t, `{"name":"a","age":1}`+"\n", string(first))
	close(sent)
	rest, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, `{"name":"b","age":1}`+"\n", string(rest))
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

// Decode reads lines as well.
func TestLinesDecode(t *testing.T) {
	req := httptest.NewRequest("POST", "/", strings.NewReader(`{"name":"a"}`))
	req.Header.Set("Content-Type", ndjson)
	in, err := typed.Decode[importing](req)
	require.NoError(t, err)
	for r, err := range in.Rows {
		require.NoError(t, err)
		require.Equal(t, "a", r.Name)
	}
}

func TestLinesRefused(t *testing.T) {
	handle := func(h func(*typed.API)) (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		h(typed.New("Test", "1", nil))
		return ""
	}
	for want, h := range map[string]func(*typed.API){
		"the option MaxLine is not positive": func(api *typed.API) { importerOn(api, typed.MaxLine(0)) },
		"the option MaxLine allows a line of 300 bytes, and the body has at most 200: raise MaxBody, or lower MaxLine": func(api *typed.API) { importerOn(api, typed.MaxLine(300), typed.MaxBody(200)) },
		"the option MaxLine is for a body of typed.Lines": func(api *typed.API) {
			typed.Handle(api, "POST /x", typed.Func(func(context.Context, row) (typed.None, error) { return typed.None{}, nil }), typed.MaxLine(5))
		},
		"a GET request has no body to read this from": func(api *typed.API) {
			typed.Handle(api, "GET /x", typed.Func(func(context.Context, importing) (typed.None, error) { return typed.None{}, nil }))
		},
		"JSON": func(api *typed.API) {
			typed.Handle(api, "POST /x", typed.Func(func(context.Context, struct {
				Rows typed.Lines[chan int] `body:""`
			}) (typed.None, error) {
				return typed.None{}, nil
			}))
		},
		"validator knows no such tag": func(api *typed.API) {
			typed.Handle(api, "POST /x", typed.Func(func(context.Context, struct {
				Rows typed.Lines[struct {
					A string `json:"a" validate:"nosuch"`
				}] `body:""`
			}) (typed.None, error) {
				return typed.None{}, nil
			}))
		},
		"default is for parameters": func(api *typed.API) {
			typed.Handle(api, "POST /x", typed.Func(func(context.Context, struct {
				Rows typed.Lines[struct {
					A string `json:"a" default:"x"`
				}] `body:""`
			}) (typed.None, error) {
				return typed.None{}, nil
			}))
		},
		"the body is a stream in another field": func(api *typed.API) {
			typed.Handle(api, "POST /x", typed.Func(func(context.Context, struct {
				Rows typed.Lines[row] `body:""`
				Raw  []byte           `body:""`
			}) (typed.None, error) {
				return typed.None{}, nil
			}))
		},
		"max does not fit": func(api *typed.API) {
			typed.Handle(api, "POST /x", typed.Func(func(context.Context, struct {
				Rows typed.Lines[row] `body:"" validate:"max=3"`
			}) (typed.None, error) {
				return typed.None{}, nil
			}))
		},
		"holds a url.URL": func(api *typed.API) {
			typed.Handle(api, "POST /x", typed.Func(func(context.Context, struct {
				Rows typed.Lines[withURL] `body:""`
			}) (typed.None, error) {
				return typed.None{}, nil
			}))
		},
	} {
		require.Contains(t, handle(h), want)
	}
}

func importerOn(api *typed.API, options ...typed.Option) {
	typed.Handle(api, "POST /x", typed.Func(func(context.Context, importing) (typed.None, error) { return typed.None{}, nil }), options...)
}

// The lines of a request end with its deadline: a client that sends slowly is told so.
func TestLinesComeSlowly(t *testing.T) {
	api := importer(nil)
	inBubble(t, &typed.Server{Handler: api, ReadTimeout: time.Minute}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
		conn, err := p.Dial(t.Context(), "", "")
		require.NoError(t, err)
		_, err = io.WriteString(conn, "POST /rows HTTP/1.1\r\nHost: x\r\nContent-Type: "+ndjson+"\r\nContent-Length: 1000\r\n\r\n{\"name\":\"a\"}\n{\"na")
		require.NoError(t, err)
		answer, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(answer, []byte("HTTP/1.1 408 ")), "%s", answer)
		require.NoError(t, conn.Close())
		end()
		require.NoError(t, <-served)
	})
}
