package typed_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/apiroutes/apiroutes/typed"
)

// The endpoints that the cases in testdata/bad_inputs.json are written for.

type address struct {
	City string `json:"city" validate:"required"`
}

type newUser struct {
	Name    string   `json:"name" validate:"required,min=2,max=50"`
	Email   string   `json:"email" validate:"required,email"`
	Age     int      `json:"age" validate:"gte=0,lte=150"`
	Tags    []string `json:"tags" validate:"max=10,dive,max=20"`
	Address address  `json:"address" validate:"required"`
}

type userView struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

type getUser struct {
	ID      int  `path:"id"`
	Limit   int  `query:"limit" validate:"omitempty,min=1,max=100"`
	Verbose bool `query:"verbose"`
}

type form struct {
	Name  string `form:"name" validate:"required"`
	Email string `form:"email" validate:"required,email"`
}

type redirectTo struct {
	To string `query:"to"`
}

type loop struct {
	Next *loop `json:"next"`
}

type secretMarshaler struct{}

func (secretMarshaler) MarshalJSON() ([]byte, error) {
	return nil, errors.New("secret: dsn=postgres://root@db")
}

func (secretMarshaler) JSONSchema() string { return "{}" }

// fixtures is the API of the cases; done waits for what its handlers left behind.
func fixtures(opts *typed.Options) (api *typed.API, done func()) {
	var late sync.WaitGroup
	api = typed.New("Fixtures", "1.0.0", opts)
	typed.Handle(api, "POST /users", func(_ context.Context, in newUser, res *typed.Response[userView]) (typed.Answer, error) {
		return res.JSON(userView{1, in.Name})
	}, typed.Status(http.StatusCreated))
	typed.Handle(api, "GET /users/{id}", func(_ context.Context, in getUser, res *typed.Response[userView]) (typed.Answer, error) {
		return res.JSON(userView{in.ID, "Ada"})
	})
	typed.Handle(api, "POST /form", func(_ context.Context, in form, res *typed.Response[userView]) (typed.Answer, error) {
		return res.JSON(userView{1, in.Name})
	})
	typed.Handle(api, "POST /upload", func(_ context.Context, in form, res *typed.Response[userView]) (typed.Answer, error) {
		return res.JSON(userView{1, in.Name})
	})
	typed.Handle(api, "GET /redir", func(_ context.Context, in redirectTo, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.Redirect(in.To)
	}, typed.Status(307))
	typed.Handle(api, "GET /etag", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return res.Send("hello")
	})
	fault(api, "typednil", func(_ context.Context, res *typed.Response[*userView]) (typed.Answer, error) {
		var u *userView
		return res.JSON(u)
	})
	fault(api, "cycle", func(_ context.Context, res *typed.Response[*loop]) (typed.Answer, error) {
		l := &loop{}
		l.Next = l
		return res.JSON(l)
	})
	fault(api, "marshalerr", func(_ context.Context, res *typed.Response[secretMarshaler]) (typed.Answer, error) {
		return res.JSON(secretMarshaler{})
	})
	fault(api, "badutf8", func(_ context.Context, res *typed.Response[string]) (typed.Answer, error) { return res.JSON("a\xffb") })
	fault(api, "bigint", func(_ context.Context, res *typed.Response[int64]) (typed.Answer, error) {
		return res.JSON(9007199254740993)
	})
	fault(api, "nilslice", func(_ context.Context, res *typed.Response[[]int]) (typed.Answer, error) { return res.JSON(nil) })
	fault(api, "undeclared", func(_ context.Context, _ *typed.Response[userView]) (typed.Answer, error) {
		return new(typed.Response[string]).JSON("another type")
	})
	for status, name := range map[int]string{100: "status100", 101: "status101", 999: "status999", 1000: "status1000", 418: "undeclaredstatus"} {
		fault(api, name, func(_ context.Context, res *typed.Response[string]) (typed.Answer, error) {
			return res.Status(status).JSON("x")
		})
	}
	fault(api, "s204body", func(_ context.Context, res *typed.Response[userView]) (typed.Answer, error) {
		return res.Status(204).JSON(userView{})
	}, typed.Status(200, 204))
	fault(api, "double", func(_ context.Context, res *typed.Response[string]) (typed.Answer, error) {
		_, _ = res.JSON("first")
		return res.JSON("second")
	})
	fault(api, "late", func(_ context.Context, res *typed.Response[string]) (typed.Answer, error) {
		answered := make(chan struct{})
		late.Go(func() {
			<-answered
			_, _ = new(typed.Response[string]).JSON("late")
		})
		defer close(answered)
		return res.JSON("now")
	})
	fault(api, "retain", func(_ context.Context, res *typed.Response[string]) (typed.Answer, error) { return res.JSON("kept") })
	fault(api, "panicbefore", func(context.Context, *typed.Response[string]) (typed.Answer, error) { panic("secret /home/me") })
	fault(api, "panicnil", func(context.Context, *typed.Response[string]) (typed.Answer, error) { panic(nil) })
	fault(api, "goexit", func(context.Context, *typed.Response[string]) (typed.Answer, error) {
		runtime.Goexit()
		return typed.Answer{}, nil
	})
	fault(api, "slow", func(ctx context.Context, res *typed.Response[string]) (typed.Answer, error) {
		<-ctx.Done()
		return typed.Fail(ctx.Err())
	})
	fault(api, "stream", func(_ context.Context, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(io.MultiReader(strings.NewReader("part"), brokenReader{}))
	})
	fault(api, "ctxignored", func(ctx context.Context, res *typed.Response[string]) (typed.Answer, error) {
		select {
		case <-ctx.Done():
			return typed.Fail(ctx.Err())
		case <-time.After(10 * time.Second):
			return res.JSON("the client went away and nobody told")
		}
	})
	return api, late.Wait
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

func fault[T any](api *typed.API, name string, h func(context.Context, *typed.Response[T]) (typed.Answer, error), opts ...typed.Option) {
	typed.Handle(api, "GET /fault/"+name, func(ctx context.Context, _ typed.None, res *typed.Response[T]) (typed.Answer, error) {
		return h(ctx, res)
	}, append(opts, typed.OperationID("fault-"+name))...)
}

// registrations are declarations that must be refused, by the name that the cases give them.
var registrations = map[string]func(*typed.API){
	"tag-badparam": func(api *typed.API) {
		handle[struct {
			V string `json:"v" validate:"omitempty,min=abc"`
		}](api)
	},
	"tag-any": func(api *typed.API) {
		handle[struct {
			V any `json:"v" validate:"min=1"`
		}](api)
	},
	"tag-unexported": func(api *typed.API) {
		handle[struct {
			V string `json:"v"`
			v string `validate:"required"`
		}](api)
	},
	"tag-nodive": func(api *typed.API) {
		handle[struct {
			V []address `json:"v" validate:"max=3"`
		}](api)
	},
	"tag-missing-ref": func(api *typed.API) {
		handle[struct {
			V string `json:"v" validate:"eqfield=Nowhere"`
		}](api)
	},
	"two-bodies": func(api *typed.API) {
		handle[struct {
			A string `form:"a"`
			B string `json:"b"`
		}](api)
	},
}

func handle[Req any](api *typed.API) {
	typed.Handle(api, "POST /x", func(_ context.Context, _ Req, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.End()
	})
}

// mixed takes a value from every source that an endpoint with a JSON body can have.
type mixed struct {
	Name    string         `path:"name" validate:"max=20"`
	IDs     []int8         `query:"ids"`
	At      time.Time      `query:"at"`
	For     time.Duration  `query:"for" default:"1s"`
	Ratio   *float32       `query:"ratio"`
	Tags    []string       `header:"X-Tags"`
	Session string         `cookie:"session"`
	V       map[string]any `json:"v"`
	W       *string        `json:"w" validate:"omitnil,max=5"`
}
