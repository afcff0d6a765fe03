package typed_test

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

var errNoRows = errors.New("sql: no rows in result set")

func Example_errors() {
	api := typed.New("Books", "1.0.0", &typed.Options{
		OnError: func(_ context.Context, err error) { fmt.Println("reported:", err) },
	})
	typed.Handle(api, "GET /books/{id}", typed.Func(func(_ context.Context, in GetBook) (Book, error) {
		switch in.ID {
		case 1: // a Problem is sent as it is, also from inside another error
			return Book{}, fmt.Errorf("book %d: %w", in.ID, respond.NotFound("There is no book with this id."))
		default: // any other error is a 500 that does not show its text
			return Book{}, errNoRows
		}
	}))

	show(api, "GET", "/books/1", "")
	show(api, "GET", "/books/2", "")
	// Output:
	// 404 application/problem+json
	// {"title":"Not Found","status":404,"detail":"There is no book with this id."}
	// reported: sql: no rows in result set
	// 500 application/problem+json
	// {"title":"Internal Server Error","status":500}
}

func Example_invalid() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "POST /books", typed.Func(func(context.Context, NewBook) (Book, error) {
		panic("never called with an invalid request")
	}))

	show(api, "POST", "/books", `{"title":""}`)
	show(api, "POST", "/books", `{"titel":"Emma"}`)
	show(api, "POST", "/books", `{"title":`)
	// Output:
	// 422 application/problem+json
	// {"title":"Unprocessable Content","status":422,"detail":"The request is invalid; see errors for details.","errors":[{"in":"body","pointer":"/title","rule":"required","detail":"is required and must not be empty"}]}
	// 422 application/problem+json
	// {"title":"Unprocessable Content","status":422,"detail":"The request is invalid; see errors for details.","errors":[{"in":"body","pointer":"/titel","rule":"unknown","detail":"is not a known member"}]}
	// 400 application/problem+json
	// {"title":"Bad Request","status":400,"detail":"The request body is not well-formed JSON.","errors":[{"in":"body","pointer":"","rule":"syntax","detail":"ends before the JSON value does"}]}
}

// A form is answered with a page, not with a problem document.
func Example_form() {
	type Contact struct {
		Name string `form:"name" validate:"required,max=50"`
	}
	var page respond.Response[respond.HTML]
	api := typed.New("Contact", "1.0.0", &typed.Options{
		OnInvalid: func(_ context.Context, p *respond.Problem) (typed.Answer, error) {
			var b strings.Builder
			for _, e := range p.Errors {
				fmt.Fprintf(&b, "<li>%s: %s", html.EscapeString(e.Name), html.EscapeString(e.Detail))
			}
			return page.Status(p.Status).Send(respond.HTML("<ul>" + b.String() + "</ul>"))
		},
		OnInvalidType: "text/html",
	})
	typed.Handle(api, "POST /contact",
		func(_ context.Context, _ Contact, res *typed.Response[typed.None]) (typed.Answer, error) {
			return res.Status(http.StatusSeeOther).Redirect("/thanks")
		}, typed.Status(http.StatusSeeOther))

	show(api, "POST", "/contact", "name=", "Content-Type", "application/x-www-form-urlencoded")
	// Output:
	// 422 text/html; charset=utf-8
	// <ul><li>name: is required and must not be empty</ul>
}

// A webhook is signed over its bytes, so it takes them as they came and parses them
// once the signature is good.
func Example_webhook() {
	type Hook struct {
		Signature string `header:"X-Signature" validate:"required,hexadecimal"`
		Raw       []byte `body:""`
	}
	type Event struct {
		Type string `json:"type"`
	}
	secret := []byte("secret")
	sign := func(raw []byte) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write(raw)
		return mac.Sum(nil)
	}

	api := typed.New("Hooks", "1.0.0", nil)
	typed.Handle(api, "POST /hook", func(_ context.Context, in Hook, res *typed.Response[typed.None]) (typed.Answer, error) {
		given, _ := hex.DecodeString(in.Signature)
		if !hmac.Equal(given, sign(in.Raw)) {
			return typed.Fail(respond.Forbidden("The signature is wrong."))
		}
		var event Event
		if err := json.Unmarshal(in.Raw, &event); err != nil {
			return typed.Fail(respond.BadRequest("The event is not JSON."))
		}
		fmt.Println("event:", event.Type)
		return res.End()
	})

	body := `{"type":"paid"}`
	show(api, "POST", "/hook", body, "X-Signature", hex.EncodeToString(sign([]byte(body))))
	show(api, "POST", "/hook", body, "X-Signature", "00")
	// Output:
	// event: paid
	// 204
	// 403 application/problem+json
	// {"title":"Forbidden","status":403,"detail":"The signature is wrong."}
}

// Envelope is what the clients of an API get in place of problems.
type Envelope struct {
	Error struct {
		Code   int                  `json:"code"`
		Text   string               `json:"text"`
		Fields []respond.FieldError `json:"fields,omitempty"`
	} `json:"error"`
}

func Example_errorForm() {
	german := map[string]string{"required": "wird gebraucht"}
	api := typed.New("Books", "1.0.0", &typed.Options{
		Errors: typed.Errors("application/json", func(_ context.Context, p *respond.Problem) Envelope {
			var e Envelope
			e.Error.Code, e.Error.Text, e.Error.Fields = p.Status, cmp.Or(p.Detail, p.Title), p.Errors
			return e
		}),
		Message: func(ctx context.Context, e respond.FieldError) string {
			if strings.HasPrefix(typed.HTTPRequest(ctx).Header.Get("Accept-Language"), "de") {
				return german[e.Rule]
			}
			return ""
		},
	})
	typed.Handle(api, "POST /books", typed.Func(func(context.Context, NewBook) (Book, error) {
		return Book{}, respond.Conflict("There is a book with this title.")
	}), typed.Fails(409))

	show(api, "POST", "/books", `{"title":"Emma"}`)
	show(api, "POST", "/books", `{"title":""}`, "Accept-Language", "de")
	show(api, "GET", "/nothing", "")
	// Output:
	// 409 application/json
	// {"error":{"code":409,"text":"There is a book with this title."}}
	// 422 application/json
	// {"error":{"code":422,"text":"The request is invalid; see errors for details.","fields":[{"in":"body","pointer":"/title","rule":"required","detail":"wird gebraucht"}]}}
	// 404 application/json
	// {"error":{"code":404,"text":"Nothing is served at this path."}}
}
