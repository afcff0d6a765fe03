package typed_test

import (
	"context"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

// shade reads and writes text of its own.
type shade [2]byte

func (s shade) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(s[:])), nil }

func (s *shade) UnmarshalText(text []byte) error {
	_, err := hex.Decode(s[:], text)
	return err
}

type kind string

type window struct {
	From  time.Time      `query:"from"`
	For   *time.Duration `query:"for"`
	Shade shade          `query:"shade"`
}

// everything has a parameter of each type, from path and query.
type everything struct {
	Name string `path:"name"`
	N    int8   `path:"n"`
	Rest string `path:"rest"`

	window
	Kind    kind          `query:"kind"`
	Limit   int           `query:"limit" default:"20"`
	Sort    *string       `query:"sort"`
	On      bool          `query:"on" default:"true"`
	U       uint64        `query:"ü[&=]"`
	F       float64       `query:"f"`
	F32     float32       `query:"f32" default:"0.5"`
	Wait    time.Duration `query:"wait" default:"1s"`
	Addr    netip.Addr    `query:"addr"`
	Texts   []string      `query:"texts"`
	Shorts  []int16       `query:"shorts"`
	Shades  []shade       `query:"shades"`
	Maybe   *bool         `query:"maybe"`
	Instant *time.Time    `query:"instant"`
}

const somePieces = "aé中😀 %+&=?#/;,.~-_\\\"'<>[]{}|^`\x00\t\n"

func someText(r *rand.Rand, least int) string {
	pieces := []rune(somePieces)
	var b strings.Builder
	for range least + r.IntN(6) {
		b.WriteRune(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func maybe[T any](r *rand.Rand, v T) *T {
	if r.IntN(2) == 0 {
		return nil
	}
	return &v
}

func some[T any](r *rand.Rand, f func() T) (list []T) {
	for range r.IntN(4) {
		list = append(list, f())
	}
	return list
}

func someEverything(r *rand.Rand) everything {
	text := func() string { return someText(r, 0) }
	instant := time.Unix(r.Int64N(1<<34)-1<<33, r.Int64N(1e9)).In(time.FixedZone("", 60*(r.IntN(1200)-600)))
	in := everything{
		Name: someText(r, 1), N: int8(r.Uint32()), Rest: text(),
		window: window{For: maybe(r, time.Duration(r.Int64())), Shade: shade{byte(r.IntN(2)), byte(r.IntN(256))}},
		Kind:   kind(text()), Limit: r.IntN(3) * 10, Sort: maybe(r, text()), On: r.IntN(2) == 0, U: r.Uint64() >> r.IntN(64),
		F: math.Float64frombits(r.Uint64()), F32: float32(r.IntN(3)) / 2, Wait: time.Duration(r.IntN(3)) * time.Second,
		Texts: some(r, text), Shorts: some(r, func() int16 { return int16(r.Uint32()) }), Shades: some(r, func() shade { return shade{1, byte(r.Uint32())} }),
		Maybe: maybe(r, r.IntN(2) == 0), Instant: maybe(r, instant),
	}
	if r.IntN(2) == 0 {
		in.From, in.Addr = instant.UTC(), netip.AddrFrom4([4]byte{byte(r.Uint32()), 0, 0, 1})
	}
	if math.IsNaN(in.F) || math.IsInf(in.F, 0) {
		in.F = 0 // refused, and so cannot be asked for
	}
	// What no URL can say: dot segments.
	for in.Name == "." || in.Name == ".." {
		in.Name = someText(r, 1)
	}
	for hasDots(in.Rest) {
		in.Rest = text()
	}
	return in
}

func hasDots(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// A path that an endpoint makes leads back to it, and to the request that it was made of.
func TestPathLeadsBack(t *testing.T) {
	for _, base := range []string{"", "/api/v1"} {
		api := typed.New("Test", "1", &typed.Options{BasePath: base})
		var got everything
		var url string
		var want everything
		e := typed.Get[everything, typed.None]("/é/{name}/{n}/{rest...}")
		e.Handle(api, func(ctx context.Context, in everything, res *typed.Response[typed.None]) (typed.Answer, error) {
			got, url = in, typed.URL(ctx, e, in)
			return res.End()
		})
		rounds := 2000
		if os.Getenv("APIROUTES_PROOF") != "" {
			rounds *= 100
		}
		equal := cmp.Options{
			cmp.AllowUnexported(everything{}), cmpopts.EquateComparable(netip.Addr{}),
			cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) }),
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range rounds {
			want = someEverything(r)
			target := base + e.Path(want)
			w := httptest.NewRecorder()
			req := httptest.NewRequest("GET", target, nil)
			api.ServeHTTP(w, req)
			require.Equal(t, 204, w.Code, "%q: %s", target, w.Body)
			if !reflect.DeepEqual(want, got) { // most are equal: cmp takes ten times as long
				if diff := cmp.Diff(want, got, equal); diff != "" {
					t.Fatalf("%q (-want +got):\n%s", target, diff)
				}
			}
			require.Equal(t, target, url)
		}
		t.Logf("%d requests came back", rounds)
	}
}
