package oteladapter

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// LogHandler adds trace_id, span_id and trace_flags to each record that is logged with the
// context of a span, as OpenTelemetry names them in logs that are not its own
// (https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/). They
// stand outside of all groups.
//
//	slog.SetDefault(slog.New(oteladapter.LogHandler(slog.NewJSONHandler(os.Stdout, nil))))
func LogHandler(h slog.Handler) slog.Handler { return &logHandler{next: h, base: h} }

type logHandler struct {
	next slog.Handler

	// Once a group is open, its attributes begin again behind those of the trace.
	base   slog.Handler
	within []func(slog.Handler) slog.Handler
}

// Enabled asks the handler.
func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle adds the trace.
func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	sc := trace.SpanContextFromContext(ctx)
	if !sc.IsValid() {
		return h.next.Handle(ctx, r)
	}
	attrs := []slog.Attr{slog.String("trace_id", sc.TraceID().String()), slog.String("span_id", sc.SpanID().String()), slog.String("trace_flags", sc.TraceFlags().String())}
	if h.within == nil {
		r = r.Clone()
		r.AddAttrs(attrs...)
		return h.next.Handle(ctx, r)
	}
	next := h.base.WithAttrs(attrs)
	for _, again := range h.within {
		next = again(next)
	}
	return next.Handle(ctx, r)
}

// WithAttrs is as of any handler.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(false, func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) })
}

// WithGroup is as of any handler.
func (h *logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(true, func(next slog.Handler) slog.Handler { return next.WithGroup(name) })
}

func (h *logHandler) with(group bool, f func(slog.Handler) slog.Handler) slog.Handler {
	if h.within == nil && !group {
		next := f(h.next)
		return &logHandler{next: next, base: next}
	}
	return &logHandler{next: f(h.next), base: h.base, within: append(h.within[:len(h.within):len(h.within)], f)}
}
