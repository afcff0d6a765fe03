package typed_test

import (
	"context"
	"errors"
	"net/http"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// The samples of the page "API Routes" of the Next.js documentation, in its order.

// res.status(200).json({ message: 'Hello from Next.js!' })
func Example_status() {
	type Message struct {
		Message string `json:"message"`
	}
	hello := func(_ context.Context, _ typed.None, res *typed.Response[Message]) (typed.Answer, error) {
		return res.Status(http.StatusOK).JSON(Message{"Hello from Go!"})
	}

	api := typed.New("Hello", "1.0.0", nil)
	typed.Handle(api, "GET /api/hello", hello)

	show(api, "GET", "/api/hello", "")
	// Output:
	// 200 application/json; charset=utf-8
	// {"message":"Hello from Go!"}
}

// try { res.status(200).json({ result }) } catch { res.status(500).json({ error: '...' }) }
func Example_json() {
	type Loaded struct {
		Result int `json:"result"`
	}
	type Failed struct {
		Error string `json:"error"`
	}
	type LoadOut struct { // two payloads: two outcomes
		OK     typed.Reply[Loaded] `status:"200"`
		Failed typed.Reply[Failed] `status:"500"`
	}
	someOperation := func(context.Context) (int, error) { return 0, errors.New("no connection") }
	load := func(ctx context.Context, _ typed.None, out *LoadOut) (typed.Answer, error) {
		result, err := someOperation(ctx)
		if err != nil {
			return out.Failed.JSON(Failed{Error: "failed to load data"})
		}
		return out.OK.JSON(Loaded{Result: result})
	}

	api := typed.New("Data", "1.0.0", nil)
	typed.Handle(api, "GET /api/data", load)

	show(api, "GET", "/api/data", "")
	// Output:
	// 500 application/json; charset=utf-8
	// {"error":"failed to load data"}
}

// res.status(200).send({ result })
func Example_send() {
	type Loaded struct {
		Result int `json:"result"`
	}
	api := typed.New("Data", "1.0.0", nil)
	typed.Handle(api, "GET /object",
		func(_ context.Context, _ typed.None, res *typed.Response[Loaded]) (typed.Answer, error) {
			return res.Status(http.StatusOK).Send(Loaded{Result: 42})
		})
	typed.Handle(api, "GET /text",
		func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
			return res.Send("42")
		})
	typed.Handle(api, "GET /page",
		func(_ context.Context, _ typed.None, res *typed.Response[respond.HTML]) (typed.Answer, error) {
			return res.Send("<p>42</p>")
		})

	show(api, "GET", "/object", "")
	show(api, "GET", "/text", "")
	show(api, "GET", "/page", "")
	// Output:
	// 200 application/json; charset=utf-8
	// {"result":42}
	// 200 text/plain; charset=utf-8
	// 42
	// 200 text/html; charset=utf-8
	// <p>42</p>
}

// const { name, message } = req.body; ...; res.redirect(307, '/')
//
// After a form the status is 303: a browser that is sent 307 posts the form again.
func Example_redirect() {
	type Contact struct {
		Name    string `form:"name" validate:"required,max=50"`
		Message string `form:"message" validate:"required,max=1000"`
	}
	keep := func(context.Context, Contact) error { return nil }

	api := typed.New("Contact", "1.0.0", nil)
	typed.Handle(api, "POST /api/contact",
		func(ctx context.Context, in Contact, res *typed.Response[typed.None]) (typed.Answer, error) {
			if err := keep(ctx, in); err != nil {
				return typed.Fail(respond.Unavailable("The message could not be kept; try again later.").Expose())
			}
			return res.Status(http.StatusSeeOther).Redirect("/")
		}, typed.Status(http.StatusSeeOther))

	show(api, "POST", "/api/contact", "name=Ada&message=Hello", "Content-Type", "application/x-www-form-urlencoded")
	// Output:
	// 303
	// Location: /
}

// type ResponseData = { message: string }; (req, res: NextApiResponse<ResponseData>) => ...
func Example_typedResponse() {
	type ResponseData struct {
		Message string `json:"message"`
	}
	handler := func(_ context.Context, _ typed.None, res *typed.Response[ResponseData]) (typed.Answer, error) {
		return res.JSON(ResponseData{Message: "Hello from Go!"}) // anything else does not compile
	}

	api := typed.New("Hello", "1.0.0", nil)
	typed.Handle(api, "GET /api/hello", handler)

	show(api, "GET", "/api/hello", "")
	// Output:
	// 200 application/json; charset=utf-8
	// {"message":"Hello from Go!"}
}
