package bind_test

import (
	"math/rand/v2"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/wire"
)

func pathOf(t testing.TB, s string) (*pattern.Pattern, bind.Options) {
	t.Helper()
	p, err := pattern.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return p, bind.Options{Method: p.Method, PathNames: p.Names()}
}

func TestAppendURL(t *testing.T) {
	type in struct {
		Rest  string        `path:"rest"`
		ID    int           `path:"id"`
		Limit int           `query:"limit" default:"020"`
		Q     string        `query:"q"`
		Sort  *string       `query:"sort" default:"name"`
		Tags  []string      `query:"tag"`
		Kinds []string      `query:"kind" default:"a,b"`
		At    time.Time     `query:"at"`
		Wait  time.Duration `query:"wait"`
		Ratio float32       `query:"ratio"`
		Big   bool          `query:"big"`
		Size  uint8         `query:"size"`
		Color color         `query:"color"`
		Addr  netip.Addr    `query:"a/b"`
		Other string        `header:"X-Other"`
		*Trace
	}
	p, o := pathOf(t, "GET /x/{id}/{rest...}")
	plan := compile[in](t, o)
	name, other := "name", "other"
	kinds := []string{"a", "b"}
	for _, tt := range []struct {
		in   any
		want string
	}{
		{in{ID: 7, Limit: 20, Sort: &name, Kinds: kinds}, "/x/7/"},
		{&in{ID: -7, Limit: 20, Rest: "a b/c", Kinds: kinds}, "/x/-7/a%20b/c"},
		{in{Kinds: kinds}, "/x/0/?limit=0"},
		{in{Limit: 20, Sort: &other, Q: "a b&c=d+é%", Tags: []string{"", "x"}, Kinds: []string{"c"}}, "/x/0/?q=a+b%26c%3Dd%2B%C3%A9%25&sort=other&tag=&tag=x&kind=c"},
		{in{Limit: 20, Kinds: kinds, At: time.Date(2024, 1, 2, 3, 4, 5, 6000, time.UTC), Wait: 90 * time.Minute, Ratio: 0.1, Big: true, Size: 255}, "/x/0/?at=2024-01-02T03%3A04%3A05.000006Z&wait=1h30m0s&ratio=0.1&big=true&size=255"},
		{in{Limit: 20, Kinds: kinds, Color: color{R: 255}, Addr: netip.IPv6Loopback()}, "/x/0/?color=%23ff0000&a%2Fb=%3A%3A1"},
	} {
		if got := string(plan.AppendURL(nil, p, tt.in)); got != tt.want {
			t.Errorf("%+v:\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

// Types that read text need not write it.
type (
	readOnly struct{ S string }
	stringer struct{ S string }
	readText string
	failing  struct{ S string }
)

func (r *readOnly) UnmarshalText(b []byte) error { r.S = string(b); return nil }
func (r *stringer) UnmarshalText(b []byte) error { r.S = string(b); return nil }
func (r *stringer) String() string               { return r.S }
func (r *readText) UnmarshalText(b []byte) error { *r = readText(b); return nil }
func (r *failing) UnmarshalText(b []byte) error  { r.S = string(b); return nil }
func (r *failing) MarshalText() ([]byte, error)  { return nil, os.ErrInvalid }

func TestAppendURLOfTypesThatOnlyRead(t *testing.T) {
	type in struct {
		A readOnly `query:"a"`
		B stringer `query:"b"`
		C readText `query:"c"`
		D failing  `query:"d"`
	}
	p, o := pathOf(t, "GET /")
	got := string(compile[in](t, o).AppendURL(nil, p, in{readOnly{"x"}, stringer{"y"}, "z", failing{"w"}}))
	if want := "/?a=%7Bx%7D&b=y&c=z&d=%7Bw%7D"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// An embedded pointer that the caller left nil says nothing.
func TestAppendURLOfNilEmbedded(t *testing.T) {
	type in struct {
		*Paged
	}
	p, o := pathOf(t, "GET /")
	plan := compile[in](t, o)
	for want, value := range map[string]in{"/": {}, "/?page=0": {&Paged{}}, "/?page=3": {&Paged{3}}} {
		if got := string(plan.AppendURL(nil, p, value)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Paged is embedded by pointer.
type Paged struct {
	Page int `query:"page" default:"1"`
}

// Whatever a request has in path and query, its URL binds to.
func TestURLRoundTrip(t *testing.T) {
	type in struct {
		ID    string         `path:"id"`
		Rest  string         `path:"rest"`
		Text  string         `query:"text"`
		Def   string         `query:"def" default:"x"`
		Opt   *string        `query:"opt"`
		List  []string       `query:"list"`
		Int   int8           `query:"int" default:"7"`
		Float float64        `query:"float"`
		Wait  *time.Duration `query:"wait"`
	}
	p, o := pathOf(t, "GET /{id}/{rest...}")
	plan := compile[in](t, o)
	var router pattern.Router
	if err := router.Add(p, 0); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	text := func() string {
		var s string
		for range rnd.IntN(4) {
			s += []string{"a", "/", "%", "+", " ", "&", "=", ";", "é", "\x00", "x", "?"}[rnd.IntN(12)]
		}
		return s
	}
	rounds := 2000
	if os.Getenv("APIROUTES_PROOF") == "1" {
		rounds *= 100
	}
	for range rounds {
		want := in{ID: "i" + text(), Rest: text(), Text: text(), Def: text(), Int: int8(rnd.Uint32()), Float: rnd.NormFloat64()}
		if rnd.IntN(2) == 0 {
			s, d := text(), time.Duration(rnd.Int64())
			want.Opt, want.Wait = &s, &d
			want.List = []string{text(), text()}
		}
		link := string(plan.AppendURL(nil, p, &want))
		u, err := url.Parse(link)
		if err != nil {
			t.Fatalf("%s: %v", link, err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.URL = u
		_, values, verdict := router.Match("GET", u.EscapedPath(), nil)
		if verdict != pattern.Found {
			t.Fatalf("%s: %v", link, verdict)
		}
		var got in
		accepted(t, plan.Bind(&wire.NetHTTP{R: r}, values, &got))
		equal(t, want, got)
		if t.Failed() {
			t.Fatal(link)
		}
	}
	t.Logf("%d round trips", rounds)
}

func TestLocate(t *testing.T) {
	type in struct {
		page
		ID    int      `path:"id"`
		IDs   []string `query:"ids"`
		IDs2  []string `query:"ids2"`
		Token string   `cookie:"token"`
		Body  []user   `body:""`
	}
	type members struct {
		Q    int  `query:"q"`
		Deep user `json:"deep"`
	}
	whole := compile[in](t, bind.Options{PathNames: []string{"id"}})
	mixed := compile[members](t, bind.Options{})
	for _, tt := range []struct {
		plan           *bind.Plan
		path, pointer  string
		in, name, want string
	}{
		{whole, "page.Limit", "/limit", "query", "limit", ""},
		{whole, "ID", "/ID", "path", "id", ""},
		{whole, "IDs[2]", "/IDs/2", "query", "ids", ""},
		{whole, "IDs2[0]", "/IDs2/0", "query", "ids2", ""},
		{whole, "Token", "/Token", "cookie", "token", ""},
		{whole, "Body", "/Body", "body", "", ""},
		{whole, "Body[3]", "/Body/3", "body", "", "/3"},
		{whole, "Body[3].City", "/Body/3/ci~1ty", "body", "", "/3/ci~1ty"},
		{whole, "Body.X", "", "body", "", ""},
		{whole, "IDsX", "/IDsX", "body", "", "/IDsX"},
		{whole, "", "", "body", "", ""},
		{mixed, "Q", "/Q", "query", "q", ""},
		{mixed, "Deep.City", "/deep/city", "body", "", "/deep/city"},
		{compile[user](t, bind.Options{}), "Name", "/name", "body", "", "/name"},
	} {
		in, name, pointer := tt.plan.Locate(tt.path, tt.pointer)
		if in != tt.in || name != tt.name || pointer != tt.want {
			t.Errorf("%s: %q %q %q", tt.path, in, name, pointer)
		}
	}
}
