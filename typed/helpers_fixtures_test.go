package typed_test

import (
	"context"
	"strings"

	"github.com/apiroutes/apiroutes/typed"
)

type raw struct {
	Body []byte `body:""`
}

type message struct {
	Message string `json:"message"`
}

func send[T any](body T, opts ...func(*typed.Response[T])) func(*typed.API) {
	return answer(func(res *typed.Response[T]) (typed.Answer, error) {
		for _, o := range opts {
			o(res)
		}
		return res.Send(body)
	})
}

func sendJSON[T any](body T) func(*typed.API) {
	return answer(func(res *typed.Response[T]) (typed.Answer, error) { return res.JSON(body) })
}

func header[T any](name, value string) func(*typed.Response[T]) {
	return func(res *typed.Response[T]) { res.Header(name, value) }
}

// answer handles GET /api with a handler that declares every status that the cases use.
func answer[T any](h func(*typed.Response[T]) (typed.Answer, error)) func(*typed.API) {
	return func(api *typed.API) {
		typed.Handle(api, "GET /api", func(_ context.Context, _ typed.None, res *typed.Response[T]) (typed.Answer, error) { return h(res) },
			typed.Status(200, 201, 204, 301, 304, 307, 308, 404, 418, 500, 599))
	}
}

func status(code int) func(*typed.API) {
	return answer(func(res *typed.Response[string]) (typed.Answer, error) {
		switch code {
		case 418:
			return res.Status(code).Send("teapot")
		case 599:
			return res.Status(code).Send("x")
		}
		return res.Status(code).JSON("x")
	})
}

func redirect(code int, target string) func(*typed.API) {
	return answer(func(res *typed.Response[string]) (typed.Answer, error) {
		if strings.HasPrefix(target, "https:") {
			return res.RedirectExternal(target)
		}
		if code != 0 {
			res.Status(code)
		}
		return res.Redirect(target)
	})
}

// echo answers with the decoded body.
func echo[T any](pattern string) func(*typed.API) {
	return func(api *typed.API) {
		typed.Handle(api, pattern, func(_ context.Context, in T, res *typed.Response[T]) (typed.Answer, error) { return res.JSON(in) })
	}
}

func count(max int64) func(*typed.API) {
	return func(api *typed.API) {
		typed.Handle(api, "POST /api", func(_ context.Context, in raw, res *typed.Response[int]) (typed.Answer, error) {
			return res.JSON(len(in.Body))
		}, typed.MaxBody(max))
	}
}

func cookie(header, want string) helperTest {
	return helperTest{header: map[string]string{"Cookie": header}, body: want, handle: func(api *typed.API) {
		typed.Handle(api, "GET /api", func(_ context.Context, in struct {
			A      *string `cookie:"a"`
			Nextjs *string `cookie:"nextjs"`
		}, res *typed.Response[string]) (typed.Answer, error) {
			switch {
			case in.A != nil:
				return res.Send(*in.A)
			case in.Nextjs != nil:
				return res.Send(*in.Nextjs)
			}
			return res.Send("none")
		})
	}}
}
