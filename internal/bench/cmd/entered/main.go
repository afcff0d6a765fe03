// Command entered counts what one warm request enters: functions, files and packages of
// the project, and how often package respond is called into. It is the measure of how
// much a reader of one request has to read; docs/design.md has what it printed.
//
// It has to be built with counters, which it checks:
//
//	GOWORK=off go -C internal/bench run -cover -covermode=atomic -coverpkg=github.com/apiroutes/apiroutes/... ./cmd/entered
//
// With -list it prints every function as well. It fails where a request enters more than
// it did: then make the way shorter, or change the number here and in docs/design.md.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"regexp"
	"runtime/coverage"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/internal/bench/work"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

const module = "github.com/apiroutes/apiroutes/"

// request is one case: send is called until all is warm, then once more.
type request struct {
	name string
	send func() (status int)
	want int

	functions, files int // at most
}

func main() {
	list := flag.Bool("list", false, "print every function")
	flag.Parse()
	if err := count(*list); err != nil {
		fmt.Fprintln(os.Stderr, "entered:", err)
		os.Exit(1)
	}
}

func count(list bool) error {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "request\tfunctions\tfiles\tpackages")
	var long []error
	for _, r := range requests() {
		for range 5 {
			if got := r.send(); got != r.want {
				return fmt.Errorf("%s: %d, want %d", r.name, got, r.want)
			}
		}
		time.Sleep(50 * time.Millisecond) // what a render leaves to a goroutine is done
		entered, err := enteredBy(r.send)
		if err != nil {
			return err
		}
		var functions, files, packages []string
		for _, f := range entered {
			functions = append(functions, f.file+" "+f.name)
			files = append(files, f.file)
			packages = append(packages, path.Dir(f.file))
		}
		_, _ = fmt.Fprintf(out, "%s\t%d\t%d\t%d\n", r.name, distinct(functions), distinct(files), distinct(packages))
		if distinct(functions) > r.functions || distinct(files) > r.files {
			long = append(long, fmt.Errorf("%s: %d functions in %d files, at most %d in %d", r.name, distinct(functions), distinct(files), r.functions, r.files))
		}
		if list {
			_, _ = fmt.Fprintln(out, "  "+strings.Join(functions, "\n  "))
		}
	}
	return errors.Join(append(long, out.Flush())...)
}

func distinct(all []string) int {
	all = slices.Clone(all)
	slices.Sort(all)
	return len(slices.Compact(all))
}

type function struct{ file, name string }

var line = regexp.MustCompile(`^(\S+\.go):\d+:\s+(\S+)\s+([0-9.]+)%`)

// enteredBy counts with the counters of the compiler, cleared before the request.
func enteredBy(send func() int) ([]function, error) {
	dir, err := os.MkdirTemp("", "entered")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := coverage.WriteMetaDir(dir); err != nil {
		return nil, errors.Join(errors.New("build with -cover -covermode=atomic, as the comment of this command says"), err)
	}
	if err := coverage.ClearCounters(); err != nil {
		return nil, err
	}
	send()
	if err := coverage.WriteCountersDir(dir); err != nil {
		return nil, err
	}
	text, err := exec.Command("go", "tool", "covdata", "func", "-i="+dir).Output()
	if err != nil {
		return nil, err
	}
	var entered []function
	for l := range bytes.Lines(text) {
		m := line.FindSubmatch(l)
		if m == nil || string(m[3]) == "0.0" {
			continue
		}
		file := strings.TrimPrefix(string(m[1]), module)
		if file == string(m[1]) || strings.HasPrefix(file, "internal/bench/") {
			continue
		}
		entered = append(entered, function{file, string(m[2])})
	}
	return entered, nil
}

type lookup struct {
	ID    int    `path:"id" validate:"min=1"`
	Limit int    `query:"limit" default:"20" validate:"min=1,max=100"`
	Trace string `header:"X-Trace" validate:"max=64"`
}

type page struct {
	ID int `path:"id"`
}

func requests() []request {
	pages := pagecache.New(pagecache.Memory(1<<20), nil)
	cached := typed.New("entered", "1", &typed.Options{Pages: pages})
	typed.Handle(cached, "GET /pages/{id}", typed.Func(func(_ context.Context, in page) (work.Lookup, error) {
		return work.Lookup{ID: in.ID}, nil
	}), typed.Cache(pagecache.Policy{TTL: time.Hour}))

	app := fiber.New()
	fiberadapter.Mount(app, api())
	fast := new(fasthttp.RequestCtx)
	fast.Request.Header.SetMethod(http.MethodGet)
	fast.Request.Header.Set("X-Trace", "f00dfeed")
	h := app.Handler()

	refused := work.Named("W6")
	return []request{
		{"GET with path, query and header", over(api(), http.MethodGet, "/users/42?limit=10", ""), http.StatusOK, 45, 16},
		{"422 of a JSON body", over(api(), refused.Method, refused.Target, refused.Body), http.StatusUnprocessableEntity, 88, 22},
		{"page hit", over(cached, http.MethodGet, "/pages/7", ""), http.StatusOK, 30, 12},
		{"the GET under fiber", func() int {
			fast.Request.SetRequestURI("/users/42?limit=10")
			fast.Response.Reset()
			fast.ResetUserValues()
			h(fast)
			return fast.Response.StatusCode()
		}, http.StatusOK, 59, 20},
	}
}

func api() *typed.API {
	api := typed.New("entered", "1", nil)
	typed.Handle(api, work.UserRoute, func(_ context.Context, in lookup, res *typed.Response[work.Lookup]) (typed.Answer, error) {
		return res.JSON(work.Lookup{ID: in.ID, Limit: in.Limit, Trace: in.Trace})
	})
	typed.Handle(api, work.CreateRoute, func(_ context.Context, in work.NewUser, res *typed.Response[work.User]) (typed.Answer, error) {
		return res.JSON(work.Echo(in))
	}, typed.Status(http.StatusCreated))
	return api
}

func over(h http.Handler, method, target, body string) func() int {
	return func() int {
		req := httptest.NewRequest(method, target, strings.NewReader(body))
		req.Header.Set("X-Trace", "f00dfeed")
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		return rec.Code
	}
}
