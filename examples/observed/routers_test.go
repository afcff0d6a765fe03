package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v5"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/chiadapter"
	"github.com/apiroutes/apiroutes/adapter/echoadapter"
	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/adapter/ginadapter"
	"github.com/apiroutes/apiroutes/adapter/oteladapter"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

var routers = map[string]func(api *typed.API) adaptertest.Server{
	"net/http": func(api *typed.API) adaptertest.Server { return adaptertest.Serve(api) },
	"chi": func(api *typed.API) adaptertest.Server {
		r := chi.NewRouter()
		chiadapter.Mount(r, api)
		return adaptertest.Serve(r)
	},
	"gin": func(api *typed.API) adaptertest.Server {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		ginadapter.Mount(r, api)
		return adaptertest.Serve(r)
	},
	"echo": func(api *typed.API) adaptertest.Server {
		r := echo.New()
		echoadapter.Mount(r, api)
		return adaptertest.Serve(r)
	},
	"fiber": func(api *typed.API) adaptertest.Server {
		app := fiber.New()
		fiberadapter.Mount(app, api)
		return adaptertest.Listen(func(l net.Listener) error {
			return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
		}, func() error { return app.ShutdownWithTimeout(time.Second) })
	},
}

// answering answers in all ways; entered gets a value when a handler waits for its client to leave.
func answering(entered chan<- struct{}) *typed.API {
	api := typed.New("Routers", "1", &typed.Options{OnError: func(context.Context, error) {}})
	typed.Handle(api, "GET /users/{id}", typed.Func(func(ctx context.Context, in struct {
		ID string `path:"id"`
	}) (string, error) {
		switch in.ID {
		case "gone":
			return "", respond.Gone("")
		case "error":
			return "", errors.New("x")
		case "panic":
			panic("x")
		case "abort":
			panic(http.ErrAbortHandler)
		case "wait":
			entered <- struct{}{}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second): // fasthttp does not see a client leave
			}
			return "", ctx.Err()
		}
		return "", nil
	}))
	typed.Handle(api, "POST /users", typed.Func(func(_ context.Context, in struct {
		Name string `json:"name" validate:"max=3"`
	}) (string, error) {
		return "", nil
	}))
	typed.Handle(api, "GET /stream", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(io.MultiReader(strings.NewReader("one"), strings.NewReader("two")))
	})
	typed.Handle(api, "GET /wrapped", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }),
		typed.Use(func(next http.Handler) http.Handler { return next }))
	return api
}

// Under each router every request is one span, those that fail and those whose client leaves included.
func TestOneSpanForEachRequest(t *testing.T) {
	for name, start := range routers {
		t.Run(strings.ReplaceAll(name, "/", " "), func(t *testing.T) {
			spans := tracetest.NewInMemoryExporter()
			entered := make(chan struct{}, 1)
			api := answering(entered)
			oteladapter.Instrument(api, &oteladapter.Options{
				TracerProvider: trace.NewTracerProvider(trace.WithSyncer(spans)), MeterProvider: metric.NewMeterProvider(), Propagator: propagation.TraceContext{},
			})
			srv := start(api)
			var want []string
			for _, q := range []struct{ request, want string }{
				{"GET /users/7", "GET /users/{id} 200"},
				{"HEAD /users/7", "HEAD /users/{id} 200"},
				{"GET /users/gone", "GET /users/{id} 410"},
				{"GET /users/error", "GET /users/{id} 500"},
				{"GET /users/panic", "GET /users/{id} 500"},
				{"GET /users/abort", "GET /users/{id} 0"},
				{"DELETE /users/7", "DELETE 405"},
				{"POST /users", "POST /users 422"},
				{"GET /stream", "GET /stream 200"},
				{"GET /wrapped", "GET /wrapped 200"},
			} {
				ask(t, srv.URL, q.request)
				want = append(want, q.want)
			}
			conn := dial(t, srv.URL, "GET /users/wait")
			<-entered
			require.NoError(t, conn.Close())
			if name == "fiber" {
				want = append(want, "GET /users/{id} 200")
			} else {
				want = append(want, "GET /users/{id} 0")
			}
			for end := time.Now().Add(5 * time.Second); len(spans.GetSpans()) < len(want) && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
			srv.Close()
			var got []string
			for _, s := range spans.GetSpans() {
				status := int64(0)
				for _, a := range s.Attributes {
					if a.Key == semconv.HTTPResponseStatusCodeKey {
						status = a.Value.AsInt64()
					}
					require.False(t, a.Key == semconv.HTTPRouteKey && a.Value == attribute.StringValue(""), "no route is none")
				}
				got = append(got, fmt.Sprint(s.Name, " ", status))
			}
			slices.Sort(want)
			slices.Sort(got)
			require.Equal(t, want, got)
		})
	}
}

func dial(t *testing.T, url, request string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	body := ""
	if strings.HasPrefix(request, "POST") {
		body = `{"name":"too long"}`
	}
	_, err = fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", request, len(body), body)
	require.NoError(t, err)
	return conn
}

func ask(t *testing.T, url, request string) {
	t.Helper()
	conn := dial(t, url, request)
	_, _ = io.Copy(io.Discard, conn) // some are cut
	require.NoError(t, conn.Close())
}
