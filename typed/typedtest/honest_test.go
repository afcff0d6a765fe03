package typedtest_test

import (
	"context"
	"io"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/typedtest"
)

type Level string

type Money struct {
	Cents    int64  `json:"cents,string"`
	Currency string `json:"currency" validate:"iso4217"`
}

type Point struct {
	X float64  `json:"x" validate:"gte=-1.5,lt=10"`
	Y *float32 `json:"y" validate:"omitempty,gt=0"`
}

// Everything has a member for each kind of value and of rule.
type Everything struct {
	Name   string                 `json:"name" validate:"required,min=2,max=80"`
	Note   *string                `json:"note" validate:"omitempty,max=200"`
	Level  Level                  `json:"level" validate:"oneof=low high"`
	Price  Money                  `json:"price"`
	Small  int8                   `json:"small"`
	Even   uint16                 `json:"even" validate:"max=60000"`
	Large  uint64                 `json:"large"`
	Weight float32                `json:"weight" validate:"gte=0"`
	Size   [3]float64             `json:"size"`
	Tags   []string               `json:"tags" validate:"max=5,unique,dive,required,max=20"`
	Labels map[string]string      `json:"labels" validate:"dive,keys,alphanum,endkeys,max=40"`
	Parts  []*Point               `json:"parts" validate:"max=4,dive"`
	Made   time.Time              `json:"made"`
	Lasts  time.Duration          `json:"lasts"`
	Photo  []byte                 `json:"photo" validate:"max=50"`
	Any    any                    `json:"any"`
	Secret string                 `json:"secret" validate:"omitempty,uuid4"`
	Repeat string                 `json:"repeat" validate:"eqfield=Secret"`
	Reason string                 `json:"reason" validate:"required_if=Level high"`
	Mail   string                 `json:"mail" validate:"omitempty,email"`
	Site   string                 `json:"site" validate:"omitempty,url"`
	Host   string                 `json:"host" validate:"omitempty,hostname"`
	Color  string                 `json:"color" validate:"omitempty,hexcolor"`
	Code   string                 `json:"code" validate:"omitempty,len=4,numeric"`
	Maybe  typed.Optional[int]    `json:"maybe" validate:"min=3"`
	Null   typed.Nullable[string] `json:"null" validate:"max=9"`
	Addr   netip.Addr             `json:"addr"`
}

// Tree holds itself.
type Tree struct {
	Name     string          `json:"name" validate:"max=9"`
	Parent   *Tree           `json:"parent"`
	Children []Tree          `json:"children" validate:"max=2,dive"`
	Named    map[string]Tree `json:"named" validate:"max=2,dive"`
}

type Params struct {
	ID     int64    `path:"id" validate:"min=1"`
	Limit  int      `query:"limit" default:"20" validate:"min=1,max=100"`
	Tags   []string `query:"tag" validate:"max=3,dive,alphanum"`
	IDs    []int    `query:"ids,comma" validate:"max=5"`
	States []string `query:"states,comma" validate:"dive,oneof=open closed"`
	Range  struct {
		From int `query:"from"`
	} `query:"range"`
	Level   Level               `query:"level" validate:"omitempty,oneof=low high"`
	Since   *time.Time          `query:"since"`
	Day     time.Time           `query:"day,format:DateOnly"`
	Within  time.Duration       `query:"within" default:"1h"`
	Deep    bool                `query:"deep"`
	Ratio   float64             `query:"ratio" validate:"gte=0,lte=1"`
	Find    Find                `query:"find"`
	Addr    netip.Addr          `query:"addr"`
	Maybe   typed.Optional[int] `query:"maybe"`
	Trace   string              `header:"X-Trace" validate:"omitempty,uuid"`
	Names   []string            `header:"X-Names"`
	Session string              `cookie:"session" validate:"omitempty,alphanum"`
}

type Find struct {
	Name string `json:"name" validate:"omitempty,max=20"`
	Max  *int   `json:"max"`
}

type Contact struct {
	Name   string   `form:"name" validate:"required,max=50"`
	Email  string   `form:"email" validate:"required,email"`
	Age    int      `form:"age" validate:"omitempty,min=18"`
	Urgent bool     `form:"urgent"`
	Topics []string `form:"topic" validate:"max=3"`
}

type Picture struct {
	Title string       `form:"title" validate:"required,max=40"`
	Where Point        `part:"where"`
	Files []typed.File `form:"file" accept:"image/*" maxsize:"1MB" validate:"min=1,max=3"`
	Text  *typed.File  `form:"text" accept:"text/plain"`
}

type Anyone struct {
	Me *key `auth:"key"`
}

type Someone struct {
	Me key `auth:"key,basic,cookie,query" scopes:"items:read"`
}

func (k key) HasScope(scope string) bool { return k.Name == "admin" }

// newEverything answers what it declares, whatever is sent.
func newEverything(opts *typed.Options) *typed.API {
	keys := typed.Keys(map[string]key{"g": {"guest"}, "a": {"admin"}})
	opts.Schemes = []typed.Scheme{
		typed.Bearer("key", keys),
		typed.Basic("basic", func(_ context.Context, user, password string) (key, error) {
			if user != "ada" || password != "secret" {
				return key{}, respond.Unauthorized("Nobody has this password.")
			}
			return key{"admin"}, nil
		}),
		typed.APIKey("cookie", "cookie", "session_key", keys),
		typed.APIKey("query", "query", "key", keys),
	}
	opts.BasePath = "/api/v1"
	api := typed.New("Everything", "1", opts)
	handle("POST /everything", func(in Everything) (Everything, error) { return in, nil })(api)
	handle("PUT /everything/{id}", func(in struct {
		ID   string      `path:"id"`
		Body *Everything `body:""`
	}) (*Everything, error) {
		return in.Body, nil
	})(api)
	handle("GET /params/{id}", func(in Params) (Params, error) { in.Find.Name = ""; return in, nil }, typed.StrictQuery())(api)
	handle("PATCH /items/{id}", func(in struct {
		ID   uint8                  `path:"id"`
		Name typed.Optional[string] `json:"name" validate:"min=1"`
	}) (typed.None, error) {
		return typed.None{}, nil
	}, typed.AllowUnknownFields())(api)
	handle("POST /list", func(in []Point) ([]Point, error) { return in, nil })(api)
	handle("POST /tree", func(in Tree) (Tree, error) { return in, nil })(api)
	handle("POST /number", func(in struct {
		N float64 `body:"" validate:"gte=0"`
	}) (float64, error) {
		return math.Abs(in.N), nil
	}, typed.Accepts("application/vnd.number+json"))(api)
	handle("POST /contact", func(in Contact) (string, error) { return in.Name, nil })(api)
	handle("POST /pictures", func(in Picture) (int, error) { return len(in.Files), nil })(api)
	handle("PUT /raw/{path...}", func(in struct {
		Path string `path:"path"`
		Data []byte `body:""`
	}) (typed.None, error) {
		return typed.None{}, nil
	}, typed.MaxBody(1<<12), typed.Accepts("image/*"))(api)
	handle("POST /upload", func(in struct {
		Data io.Reader `body:""`
	}) (int64, error) {
		return io.Copy(io.Discard, in.Data)
	})(api)
	handle("POST /lines", func(in struct {
		Lines typed.Lines[Point] `body:""`
	}) (int, error) {
		n := 0
		for _, err := range in.Lines {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	})(api)
	handle("GET /lines", func(typed.None) (typed.Lines[Point], error) {
		return func(yield func(Point, error) bool) { _ = yield(Point{X: 1}, nil) && yield(Point{X: 2}, nil) }, nil
	})(api)
	typed.Handle(api, "GET /events", func(ctx context.Context, _ typed.None, res *typed.Response[typed.Events[Point]]) (typed.Answer, error) {
		return res.Send(func(yield func(typed.Event[Point], error) bool) {
			_ = yield(typed.Event[Point]{Data: Point{X: 1}}, nil)
			<-ctx.Done()
		})
	})
	handle("GET /content", func(typed.None) (typed.Content, error) {
		return typed.Content{Name: "a.txt", Body: strings.NewReader("text")}, nil
	})(api)
	handle("GET /page", func(typed.None) (respond.HTML, error) { return "<p>", nil })(api)
	handle("GET /old", func(typed.None) (string, error) { return "", nil }, typed.Deprecated(), typed.Hidden())(api)
	typed.Handle(api, "GET /moved", func(_ context.Context, _ typed.None, out *struct {
		Moved typed.Redirect `status:"308"`
		Gone  typed.Empty    `status:"410"`
	}) (typed.Answer, error) {
		return out.Moved.To("/api/v1/page")
	})
	handle("GET /anyone", func(in Anyone) (bool, error) { return in.Me != nil, nil })(api)
	handle("GET /someone", func(in Someone) (string, error) { return in.Me.Name, nil })(api)
	handle("GET /outside", func(in struct {
		Key string `header:"X-Outside"`
	}) (string, error) {
		if in.Key != "o" {
			return "", respond.Unauthorized("Who is there?")
		}
		return "yes", nil
	}, typed.Security("outside"), typed.Fails(401))(api)
	busy := false
	handle("GET /busy", func(typed.None) (string, error) {
		if busy {
			return "", respond.TooManyRequests("Later.")
		}
		busy = true
		return "", nil
	})(api)
	docs.Mount(api, &docs.Options{OpenAPI30: true, SecuritySchemes: map[string]*openapi.SecurityScheme{
		"outside": {Type: "apiKey", In: "header", Name: "X-Outside"},
	}})
	return api
}

func credentials() *typedtest.Options {
	return new(typedtest.Options).As("key", "g").As("key", "a").As("basic", "ada:secret").As("cookie", "a").As("query", "a").As("outside", "o")
}

// TestHonest explores APIs that do what they declare.
func TestHonest(t *testing.T) {
	for name, opts := range map[string]*typed.Options{
		"problems": {},
		"errors of their own": {Errors: typed.Errors("application/vnd.failure+json", func(_ context.Context, p *respond.Problem) struct {
			Code int    `json:"code"`
			Text string `json:"text"`
		} {
			return struct {
				Code int    `json:"code"`
				Text string `json:"text"`
			}{p.Status, p.Title}
		})},
		"pages in place of refusals": {OnInvalidType: "text/html", OnInvalid: func(_ context.Context, p *respond.Problem) (typed.Answer, error) {
			return new(typed.Response[respond.HTML]).Status(p.Status).Send("<p>Try again.")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			explore := credentials()
			explore.Count, explore.Time, explore.Seed = cases()/2, time.Minute, seed()
			if name == "problems" {
				explore.Count *= 3
			}
			var r recording
			typedtest.Explore(&r, newEverything(opts), explore)
			for _, fault := range r.errors {
				t.Error(fault)
			}
			require.Len(t, r.logs, 1)
			require.NotContains(t, r.logs[0], "never:")
			t.Log(r.logs[0])
		})
	}
}

// A stream in which nothing comes has a head, and one whose handler is slow ends when the
// client leaves, before there is anything to judge.
func TestQuietStreams(t *testing.T) {
	api := typed.New("Quiet", "1", nil)
	quiet := func(ctx context.Context, _ typed.None, res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
		return res.Send(func(func(typed.Event[int], error) bool) { <-ctx.Done() })
	}
	slow := func(ctx context.Context, _ typed.None, _ *typed.Response[typed.Events[int]]) (typed.Answer, error) {
		<-ctx.Done()
		return typed.Answer{}, ctx.Err()
	}
	typed.Handle(api, "GET /quiet", quiet)
	typed.Handle(api, "GET /slow", slow)
	var r recording
	typedtest.Explore(&r, api, &typedtest.Options{Count: 6})
	require.Empty(t, r.errors)
	require.Contains(t, strings.Join(r.logs, "\n"), "1 of 2 endpoints took a request; never: GET /slow")
}
