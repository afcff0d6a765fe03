package oteladapter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"testing/slogtest"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/apiroutes/apiroutes/adapter/oteladapter"
)

func TestLogHandler(t *testing.T) {
	var b bytes.Buffer
	parse := func() map[string]any {
		line := map[string]any{}
		require.NoError(t, json.Unmarshal(b.Bytes(), &line))
		return line
	}
	slogtest.Run(t, func(*testing.T) slog.Handler {
		b.Reset()
		return oteladapter.LogHandler(slog.NewJSONHandler(&b, nil))
	}, func(*testing.T) map[string]any { return parse() })

	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled}))
	log := slog.New(oteladapter.LogHandler(slog.NewJSONHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if groups == nil && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})))
	traced := map[string]any{"level": "INFO", "msg": "x", "trace_id": "01000000000000000000000000000000", "span_id": "0200000000000000", "trace_flags": "01"}
	for name, tt := range map[string]struct {
		ctx   context.Context
		log   *slog.Logger
		a     any // of the group g
		plain bool
	}{
		"plain":   {ctx, log, nil, false},
		"none":    {t.Context(), log, nil, true},
		"attrs":   {ctx, log.With("a", 1.0), nil, false},
		"grouped": {ctx, log.WithGroup("g").With("b", 2.0).With().WithGroup(""), map[string]any{"b": 2.0, "c": 3.0}, false},
		"no span": {t.Context(), log.WithGroup("g").With("b", 2.0), map[string]any{"b": 2.0, "c": 3.0}, true},
	} {
		b.Reset()
		tt.log.InfoContext(tt.ctx, "x", "c", 3.0)
		got := parse()
		for key, want := range traced {
			if tt.plain && len(key) > 5 {
				require.NotContains(t, got, key)
				continue
			}
			require.Equal(t, want, got[key], name)
		}
		if tt.a != nil {
			require.Equal(t, tt.a, got["g"], name)
		} else {
			require.Equal(t, 3.0, got["c"], name)
		}
	}
}
