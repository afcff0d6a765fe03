package oteladapter_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/apiroutes/apiroutes/adapter/oteladapter"
	"github.com/apiroutes/apiroutes/typed"
)

type ListUsers struct {
	Limit int `query:"limit" validate:"max=100"`
}

func listUsers(ctx context.Context, in ListUsers) ([]string, error) {
	slog.InfoContext(ctx, "listing")
	return []string{"Ada"}, nil
}

// Every request is a span, whose attributes are those of the semantic conventions.
func ExampleInstrument() {
	exporter := tracetest.NewInMemoryExporter() // a program has one that sends
	api := typed.New("Users", "1.0.0", nil)
	oteladapter.Instrument(api, &oteladapter.Options{
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter)),
		MeterProvider:  sdkmetric.NewMeterProvider(),
		ServerName:     "api.example.com",
	})
	typed.Handle(api, "GET /users", typed.Func(listUsers))

	api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/users?limit=1000", nil))
	for _, span := range exporter.GetSpans() {
		fmt.Println(span.Name)
		for _, a := range span.Attributes {
			fmt.Println(" ", a.Key, a.Value.String())
		}
	}
	// Output:
	// GET /users
	//   http.request.method GET
	//   url.scheme http
	//   network.protocol.version 1.1
	//   url.path /users
	//   http.route /users
	//   server.address api.example.com
	//   http.response.status_code 422
	//   http.request.body.size 0
	//   http.response.body.size 204
	//   apiroutes.validation.rule ["max"]
	//   apiroutes.validation.place ["query limit"]
}

// What a client sends is a span as well, and the server continues its trace.
func ExampleTransport() {
	exporter := tracetest.NewInMemoryExporter()
	opts := &oteladapter.Options{
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter)),
		MeterProvider:  sdkmetric.NewMeterProvider(),
		Propagator:     propagation.TraceContext{},
		Public:         false, // the clients are our own
		HidePath:       true,  // the route is enough
	}
	api := typed.New("Users", "1.0.0", nil)
	oteladapter.Instrument(api, opts)
	typed.Handle(api, "GET /users", typed.Func(listUsers))
	srv := httptest.NewServer(api)
	defer srv.Close()

	client := &http.Client{Transport: oteladapter.Transport(nil, opts)}
	res, err := client.Get(srv.URL + "/users")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	srv.Close() // both spans have ended

	spans := exporter.GetSpans()
	fmt.Println(len(spans), spans[0].SpanContext.TraceID() == spans[1].SpanContext.TraceID())
	for _, span := range spans {
		for _, a := range span.Attributes {
			if a.Key == "url.path" || a.Key == "http.route" {
				fmt.Println(a.Key, a.Value.String())
			}
		}
	}
	// Output:
	// 2 true
	// http.route /users
}

// Lines that are logged with a request's context say which trace they belong to.
func ExampleLogHandler() {
	log := slog.New(oteladapter.LogHandler(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})))
	log.InfoContext(context.Background(), "outside of any request")
	// Output: level=INFO msg="outside of any request"
}
