package main

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// setUp makes the providers of the process, which print or send to a collector. shutdown
// sends what is left.
func setUp(ctx context.Context, collector string) (shutdown func(context.Context) error, err error) {
	spans, samples, err := exporters(ctx, collector)
	if err != nil {
		return nil, err
	}
	service := resource.NewWithAttributes(semconv.SchemaURL, semconv.ServiceName("observed"))
	tracing := trace.NewTracerProvider(trace.WithBatcher(spans), trace.WithResource(service))
	measuring := metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(samples)), metric.WithResource(service))
	otel.SetTracerProvider(tracing)
	otel.SetMeterProvider(measuring)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return func(ctx context.Context) error {
		return errors.Join(tracing.Shutdown(ctx), measuring.Shutdown(ctx))
	}, nil
}

func exporters(ctx context.Context, collector string) (trace.SpanExporter, metric.Exporter, error) {
	if collector == "" {
		spans, err1 := stdouttrace.New(stdouttrace.WithPrettyPrint())
		samples, err2 := stdoutmetric.New(stdoutmetric.WithPrettyPrint())
		return spans, samples, errors.Join(err1, err2)
	}
	spans, err1 := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(collector+"/v1/traces"))
	samples, err2 := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(collector+"/v1/metrics"))
	return spans, samples, errors.Join(err1, err2)
}
