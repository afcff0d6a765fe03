package judges

import (
	"context"
	"math/big"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

// TestSpansAreHonest sends numbers around the bounds of the formats of times and durations,
// in a body and as a parameter: what the server takes the schema has, the other way round
// too, and the handler can answer what it was sent.
func TestSpansAreHonest(t *testing.T) {
	holdSpan[struct {
		V time.Time `json:"v,format:unix"`
	}, struct {
		V time.Time `query:"v,format:unix"`
	}](t, "-62167219200", "253402300799.999999999")
	holdSpan[struct {
		V time.Time `json:"v,format:unixmilli"`
	}, struct {
		V time.Time `query:"v,format:unixmilli"`
	}](t, "-62167219200000", "253402300799999.999999")
	holdSpan[struct {
		V *time.Time `json:"v,format:unixmicro"`
	}, struct {
		V *time.Time `query:"v,format:unixmicro"`
	}](t, "-62167219200000000", "253402300799999999.999")
	holdSpan[struct {
		V typed.Nullable[time.Time] `json:"v,omitzero,format:unixnano"`
	}, struct {
		V typed.Optional[time.Time] `query:"v,format:unixnano"`
	}](t, "-62167219200000000000", "253402300799999999999")
	holdSpan[struct {
		V time.Duration `json:"v,format:sec"`
	}, struct {
		V time.Duration `query:"v,format:sec"`
	}](t, "-9223372036.854775808", "9223372036.854775807")
	holdSpan[struct {
		V *time.Duration `json:"v,format:milli"`
	}, struct {
		V *time.Duration `header:"v,format:milli"`
	}](t, "-9223372036854.775808", "9223372036854.775807")
	holdSpan[struct {
		V typed.Optional[time.Duration] `json:"v,omitzero,format:micro"`
	}, struct {
		V typed.Optional[time.Duration] `query:"v,format:micro"`
	}](t, "-9223372036854775.808", "9223372036854775.807")
	holdSpan[struct {
		V time.Duration `json:"v,format:nano"`
	}, struct {
		V time.Duration `cookie:"v,format:nano"`
	}](t, "-9223372036854775808", "9223372036854775807")
}

// spanned is what a handler answers that was sent V: a time as RFC 3339 writes it.
type spanned struct {
	At   time.Time     `json:"at"`
	Wait time.Duration `json:"wait"`
}

func answered(in any) (out spanned) {
	switch v := reflect.ValueOf(in).FieldByName("V").Interface().(type) {
	case time.Time:
		out.At = v
	case *time.Time:
		out.At = *v
	case typed.Optional[time.Time]:
		out.At, _ = v.Get()
	case typed.Nullable[time.Time]:
		out.At = *v.Or(new(time.Time))
	case time.Duration:
		out.Wait = v
	case *time.Duration:
		out.Wait = *v
	case typed.Optional[time.Duration]:
		out.Wait, _ = v.Get()
	}
	return out
}

func holdSpan[Body, Param any](t *testing.T, least, most string) {
	t.Helper()
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /body", typed.Func(func(_ context.Context, in Body) (spanned, error) { return answered(in), nil }))
	typed.Handle(api, "GET /param", typed.Func(func(_ context.Context, in Param) (spanned, error) { return answered(in), nil }))
	doc := document(t, api)
	body := compile(t, doc, bodyPointer("/body"))
	param := compile(t, doc, "/paths/~1param/get/parameters/0/schema")
	unit := new(big.Rat).SetFrac64(1, 1_000_000_000_000)
	for i, bound := range []string{least, most} {
		outwards := unit
		if i == 0 {
			outwards = new(big.Rat).Neg(unit)
		}
		at, ok := new(big.Rat).SetString(bound)
		require.True(t, ok)
		for number, within := range map[string]bool{
			"1": true, "-1": true, "0": true, bound: true,
			new(big.Rat).Sub(at, outwards).FloatString(12): true,
			at.FloatString(12): true,
			new(big.Rat).Add(at, outwards).FloatString(12): false,
			"-" + strings.Repeat("9", 30):                  false,
			strings.Repeat("9", 30):                        false,
		} {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("POST", "/body", strings.NewReader(`{"v":`+number+`}`))
			r.Header.Set("Content-Type", "application/json")
			api.ServeHTTP(w, r)
			judgeSpan(t, body, `{"v":`+number+`}`, within, w)

			w = httptest.NewRecorder()
			r = httptest.NewRequest("GET", "/param?v="+number, nil)
			r.Header.Set("V", number)
			r.Header.Set("Cookie", "v="+number)
			api.ServeHTTP(w, r)
			judgeSpan(t, param, number, within, w)
		}
	}
}

// TestQuotedSpansAreHonest sends times and durations as numbers within strings, whose range
// no pattern says: what cannot be one at all has none.
func TestQuotedSpansAreHonest(t *testing.T) {
	type quoted struct {
		//lint:ignore SA5008 a time that is a number takes the option as well
		T time.Time     `json:"t,string,format:unix"`
		D time.Duration `json:"d,string,format:milli"`
	}
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /body", typed.Func(func(context.Context, quoted) (typed.None, error) { return typed.None{}, nil }))
	schema := compile(t, document(t, api), bodyPointer("/body"))
	for text, taken := range map[string]bool{
		"0": true, "1": true, "-1": true, "-1.5": true, "0.25": true, "10.000000000000": true,
		"": false, "1e3": false, "2E+1": false, "1.": false, ".5": false, "+1": false, "01": false, "-": false, "x": false, `1\n`: false,
		" 1": false, //nolint:gocritic // the space is meant
	} {
		for _, name := range []string{"t", "d"} {
			body := `{"` + name + `":"` + text + `"}`
			w := httptest.NewRecorder()
			r := httptest.NewRequest("POST", "/body", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			api.ServeHTTP(w, r)
			require.Equal(t, taken, w.Code == 204, "%s: %d %s", body, w.Code, w.Body)
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
			require.NoError(t, err)
			refused := schema.Validate(value)
			require.Equal(t, taken, refused == nil, "%s: %v", body, refused)
		}
	}
}

// judgeSpan holds an answer against the schema of what was sent.
func judgeSpan(t *testing.T, schema *jsonschema.Schema, sent string, within bool, got *httptest.ResponseRecorder) {
	t.Helper()
	if within {
		require.Equal(t, 200, got.Code, "%s: %s", sent, got.Body)
	} else {
		require.Equal(t, 422, got.Code, "%s: %s", sent, got.Body)
		require.Contains(t, got.Body.String(), `"rule":"range"`, sent)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(sent))
	require.NoError(t, err)
	refused := schema.Validate(value)
	require.Equal(t, within, refused == nil, "%s: %v", sent, refused)
}
