package typed_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// contrast is a request to two APIs, of which the first may cost so many times the second.
type contrast struct {
	name        string
	ours, plain *typed.API
	request     adaptertest.Workload
	most        float64
	allocations float64 // that the first may have more
}

type reader struct{ Name string }

func readerOf(token string) (reader, error) {
	if token != "a-token-of-thirty-two-characters" {
		return reader{}, respond.Unauthorized("The token is not valid.")
	}
	return reader{"ada"}, nil
}

// lookup is the answer of both: the four things that the workload W2 of the performance
// guide asks for.
type lookup struct {
	ID      int    `json:"id"`
	Verbose bool   `json:"verbose"`
	Limit   int    `json:"limit"`
	Name    string `json:"name"`
}

// withBearer asks who is asking by a scheme, withHeader by a parameter.
func withBearer() *typed.API {
	api := typed.New("Test", "1", &typed.Options{Schemes: []typed.Scheme{
		typed.Bearer("token", func(_ context.Context, token string) (reader, error) { return readerOf(token) })}})
	typed.Handle(api, "GET /users/{id}", typed.Func(func(_ context.Context, in struct {
		Me      reader `auth:"token"`
		ID      int    `path:"id" validate:"min=1"`
		Verbose bool   `query:"verbose"`
		Limit   int    `query:"limit" default:"20" validate:"min=1,max=100"`
	}) (lookup, error) {
		return lookup{in.ID, in.Verbose, in.Limit, in.Me.Name}, nil
	}))
	return api
}

func withHeader() *typed.API {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /users/{id}", typed.Func(func(_ context.Context, in struct {
		Authorization string `header:"Authorization" validate:"required"`
		ID            int    `path:"id" validate:"min=1"`
		Verbose       bool   `query:"verbose"`
		Limit         int    `query:"limit" default:"20" validate:"min=1,max=100"`
	}) (lookup, error) {
		token, found := strings.CutPrefix(in.Authorization, "Bearer ")
		if !found {
			return lookup{}, respond.Unauthorized("A token is needed.")
		}
		me, err := readerOf(token)
		return lookup{in.ID, in.Verbose, in.Limit, me.Name}, err
	}))
	return api
}

type (
	costAddress struct {
		Street  string `json:"street" validate:"required,max=80"`
		City    string `json:"city" validate:"required,max=60"`
		Zip     string `json:"zip" validate:"required,min=4,max=10"`
		Country string `json:"country" validate:"required,len=2"`
	}
	costOptionals struct {
		Name       typed.Optional[string]      `json:"name" validate:"min=2,max=64"`
		Email      typed.Optional[string]      `json:"email" validate:"email"`
		Age        typed.Optional[int]         `json:"age" validate:"min=18,max=120"`
		Role       typed.Optional[string]      `json:"role" validate:"oneof=admin member guest"`
		Bio        typed.Optional[string]      `json:"bio" validate:"max=500"`
		Newsletter typed.Optional[bool]        `json:"newsletter"`
		Address    typed.Optional[costAddress] `json:"address"`
		Tags       typed.Optional[[]string]    `json:"tags" validate:"min=1,max=10,dive,required,max=20"`
	}
	costPointers struct {
		Name       *string      `json:"name,omitempty" validate:"omitnil,min=2,max=64"`
		Email      *string      `json:"email,omitempty" validate:"omitnil,email"`
		Age        *int         `json:"age,omitempty" validate:"omitnil,min=18,max=120"`
		Role       *string      `json:"role,omitempty" validate:"omitnil,oneof=admin member guest"`
		Bio        *string      `json:"bio,omitempty" validate:"omitnil,max=500"`
		Newsletter *bool        `json:"newsletter,omitempty"`
		Address    *costAddress `json:"address,omitempty"`
		Tags       *[]string    `json:"tags,omitempty" validate:"omitnil,min=1,max=10,dive,required,max=20"`
	}
)

// echoing answers what it gets.
func echoing[T any]() *typed.API {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /users", func(_ context.Context, in T, res *typed.Response[T]) (typed.Answer, error) {
		return res.JSON(in)
	}, typed.Status(http.StatusCreated))
	return api
}

// grouped has its endpoint in groups, with options from outside in; ungrouped says the same at once.
func grouped() *typed.API {
	api := typed.New("Test", "1", &typed.Options{Endpoint: []typed.Option{typed.Fails(404)}})
	typed.Handle(api.Group("/a", typed.Tags("x")).Group("/b/{id}", typed.MaxBody(1<<10)), "GET /c", typed.Func(byID))
	return api
}

func ungrouped() *typed.API {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /a/b/{id}/c", typed.Func(byID), typed.Fails(404), typed.Tags("x"), typed.MaxBody(1<<10))
	return api
}

func byID(_ context.Context, in struct {
	ID int `path:"id"`
}) (int, error) {
	return in.ID, nil
}

// contrasts are what docs/design.md says of signing in, presence and groups.
func contrasts() []contrast {
	signedIn := map[string]string{"Authorization": "Bearer a-token-of-thirty-two-characters"}
	body := `{"name":"Ada Lovelace","email":"ada@example.com","age":36,"role":"admin","bio":"Wrote the first program.","newsletter":true,` +
		`"address":{"street":"12 St James Square","city":"London","zip":"SW1Y 4JH","country":"GB"},"tags":["math","engines","poetry"]}`
	return []contrast{
		{"Bearer to a header parameter", withBearer(), withHeader(),
			adaptertest.Workload{Method: "GET", Target: "/users/42?verbose=true&limit=10", Header: signedIn, Want: 200}, 1.10, 0},
		{"Optional to pointers", echoing[costOptionals](), echoing[costPointers](),
			adaptertest.Workload{Method: "POST", Target: "/users", Header: map[string]string{"Content-Type": "application/json"}, Body: body, Want: 201}, 1.10, 0},
		{"a group to none", grouped(), ungrouped(), adaptertest.Workload{Method: "GET", Target: "/a/b/7/c", Want: 200}, 1.05, 0},
	}
}

// Under APIROUTES_PROOF=1 the bounds on time count; those on allocations always do.
func TestCostOfSurroundings(t *testing.T) {
	proof := os.Getenv("APIROUTES_PROOF") == "1"
	for _, c := range contrasts() {
		require.Equal(t, c.request.Want, c.request.Status(c.ours), c.name)
		require.Equal(t, c.request.Want, c.request.Status(c.plain), c.name)
		if !proof {
			ours, plain := testing.AllocsPerRun(100, c.request.Run(c.ours)), testing.AllocsPerRun(100, c.request.Run(c.plain))
			if !raceDetector {
				require.LessOrEqual(t, ours, plain+c.allocations, c.name)
			}
			continue
		}
		// A machine that does other things makes nothing faster: the least of some turns counts.
		times, allocs := adaptertest.Compare(c.request.Run(c.ours), c.request.Run(c.plain))
		ratio := func() float64 { return float64(times[0]) / float64(times[1]) }
		for turn := 1; turn < 60 && ratio() > c.most; turn++ {
			more, _ := adaptertest.Compare(c.request.Run(c.ours), c.request.Run(c.plain))
			times = []time.Duration{min(times[0], more[0]), min(times[1], more[1])}
		}
		t.Logf("%s: %v to %v, %.2f; %.0f to %.0f allocations", c.name, times[0], times[1], ratio(), allocs[0], allocs[1])
		require.LessOrEqual(t, ratio(), c.most, c.name)
	}
}

func BenchmarkSurroundings(b *testing.B) {
	for _, c := range contrasts() {
		for kind, api := range map[string]*typed.API{"first": c.ours, "second": c.plain} {
			run := c.request.Run(api)
			b.Run(c.name+"/"+kind, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					run()
				}
			})
		}
	}
}
