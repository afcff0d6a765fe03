package typed_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

func keepBook(_ context.Context, in NewBook) (Book, error) { return Book{ID: 7, Title: in.Title}, nil }

// What the document says of an endpoint, and what an Operation has of it.
func ExampleOption() {
	api := typed.New("Books", "1.0.0", nil)
	catalogued := typed.All( // options that several endpoints share
		typed.Tags("catalogue"),
		typed.ResponseHeader("X-Catalogue", "The edition of the catalogue."),
	)
	typed.Handle(api, "POST /books", typed.Func(keepBook), catalogued,
		typed.OperationID("addBook"),
		typed.Description("Adds a book, or finds it where it is."),
		typed.Deprecated(),
		typed.MaxBody(4<<10),
	)
	typed.Handle(api, "GET /internal/metrics", typed.Func(func(context.Context, typed.None) (int, error) { return 1, nil }),
		typed.Hidden())

	for op := range api.Operations() {
		fmt.Println(op.Method, op.Path, op.ID, op.Tags, op.Deprecated, op.Hidden, op.MaxBody == typed.DefaultMaxBody)
		for _, h := range op.Headers {
			var h typed.HeaderField = h
			fmt.Println(" ", h.Name, h.Doc, h.Statuses)
		}
	}
	// Output:
	// POST /books addBook [catalogue] true false false
	//   X-Catalogue The edition of the catalogue. []
	// GET /internal/metrics getInternalMetrics [] false true true
}

func ExampleAccepts() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "POST /books", typed.Func(keepBook), typed.Accepts("text/plain"))

	show(api, "POST", "/books", `{"title":"Emma"}`, "Content-Type", "text/plain")
	show(api, "POST", "/books", `{"title":"Emma"}`, "Content-Type", "text/csv")
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":7,"title":"Emma"}
	// 415 application/problem+json
	// {"title":"Unsupported Media Type","status":415,"detail":"The Content-Type is another media type; it must be one of application/json, text/plain."}
}

func ExampleAllowUnknownFields() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "POST /strict", typed.Func(keepBook))
	typed.Handle(api, "POST /lenient", typed.Func(keepBook), typed.AllowUnknownFields(), typed.NullAsAbsent())

	const body = `{"title":"Emma","pages":474}`
	show(api, "POST", "/strict", body)
	show(api, "POST", "/lenient", body)
	// Output:
	// 422 application/problem+json
	// {"title":"Unprocessable Content","status":422,"detail":"The request is invalid; see errors for details.","errors":[{"in":"body","pointer":"/pages","rule":"unknown","detail":"is not a known member"}]}
	// 200 application/json; charset=utf-8
	// {"id":7,"title":"Emma"}
}

func ExampleStrictQuery() {
	type Search struct {
		Title string `query:"title"`
	}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /books", typed.Func(func(_ context.Context, in Search) ([]Book, error) {
		return []Book{{1, in.Title}}, nil
	}), typed.StrictQuery())

	show(api, "GET", "/books?title=Emma", "")
	show(api, "GET", "/books?titel=Emma", "")
	// Output:
	// 200 application/json; charset=utf-8
	// [{"id":1,"title":"Emma"}]
	// 422 application/problem+json
	// {"title":"Unprocessable Content","status":422,"detail":"The request is invalid; see errors for details.","errors":[{"in":"query","name":"titel","rule":"unknown","detail":"is not a parameter of this endpoint"}]}
}

func ExampleProduces() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /books.csv", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return res.Send("id,title\n1,Emma\n")
	}, typed.Produces("text/csv"), typed.NoETag())

	show(api, "GET", "/books.csv", "")
	// Output:
	// 200 text/csv
	// id,title
	// 1,Emma
}

func ExampleDo() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "DELETE /books/{id}", typed.Do(func(_ context.Context, in GetBook) error {
		if in.ID > 1 {
			return respond.NotFound("no such book")
		}
		return nil
	}))

	show(api, "DELETE", "/books/1", "")
	show(api, "DELETE", "/books/2", "")
	// Output:
	// 204
	// 404 application/problem+json
	// {"title":"Not Found","status":404,"detail":"no such book"}
}

// Endpoints that are declared apart from their handlers, as a package has them that
// clients import.
func ExamplePut() {
	type Rename struct {
		ID    int    `path:"id"`
		Title string `json:"title" validate:"required"`
	}
	type Sell struct {
		Copies int `json:"copies" validate:"min=1"`
	}
	var (
		renameBook = typed.Put[Rename, Book]("/books/{id}")
		touchBook  = typed.Patch[Rename, Book]("/books/{id}")
		removeBook = typed.Delete[GetBook, typed.None]("/books/{id}", typed.Status(http.StatusNoContent))
		sellBooks  = typed.Post[Sell, int]("/sales")
	)
	var rename typed.Handler[Rename, Book] = func(_ context.Context, in Rename, res *typed.Response[Book]) (typed.Answer, error) {
		return res.JSON(Book(in))
	}

	api := typed.New("Books", "1.0.0", nil)
	renameBook.Handle(api, rename)
	touchBook.Handle(api, rename)
	removeBook.Handle(api, typed.Do(func(context.Context, GetBook) error { return nil }))
	sellBooks.Handle(api, typed.Func(func(_ context.Context, in Sell) (int, error) { return in.Copies, nil }))

	show(api, "PUT", renameBook.Path(Rename{ID: 1}), `{"title":"Emma"}`)
	show(api, "PATCH", "/books/1", `{"title":"Persuasion"}`)
	show(api, "DELETE", "/books/1", "")
	show(api, "POST", "/sales", `{"copies":3}`)
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Emma"}
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Persuasion"}
	// 204
	// 200 application/json; charset=utf-8
	// 3
}

// A set of outcomes, and a handler that is written for it.
func ExampleHandlerOf() {
	type Withdrawn struct {
		Gone  typed.Empty       `status:"410"`
		Found typed.Reply[Book] `status:"200"`
	}
	var get typed.HandlerOf[GetBook, Withdrawn] = func(_ context.Context, in GetBook, out *Withdrawn) (typed.Answer, error) {
		if in.ID == 13 {
			return out.Gone.End()
		}
		return out.Found.JSON(Book{ID: in.ID, Title: "Emma"})
	}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /books/{id}", get)

	show(api, "GET", "/books/1", "")
	show(api, "GET", "/books/13", "")
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Emma"}
	// 410
}

// A function that declares on an API or on a part of one.
func ExampleRouter() {
	books := func(r typed.Router) {
		typed.Handle(r, "POST /books", typed.Func(keepBook))
	}
	api := typed.New("Books", "1.0.0", nil)
	var v2 *typed.Group = api.Group("/v2", typed.Tags("v2"))
	books(api)
	books(v2)

	show(api, "POST", "/v2/books", `{"title":"Emma"}`)
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":7,"title":"Emma"}
}

// A JSON Merge Patch: null removes, absent leaves as it is.
func ExampleNullable() {
	type PatchBook struct {
		Title    typed.Optional[string] `json:"title,omitzero" validate:"max=200"`
		Subtitle typed.Nullable[string] `json:"subtitle,omitzero"`
	}
	api := typed.New("Books", "1.0.0", nil)
	patch := typed.Patch[PatchBook, string]("/books/1")
	patch.Handle(api, typed.Func(func(_ context.Context, in PatchBook) (string, error) {
		old := "A Novel"
		title := in.Title.Or("Emma")
		if subtitle := in.Subtitle.Or(&old); subtitle != nil {
			return title + ": " + *subtitle, nil
		}
		return title, nil
	}))

	show(api, "PATCH", "/books/1", `{}`)
	show(api, "PATCH", "/books/1", `{"title":"Persuasion","subtitle":null}`)
	fmt.Println(typed.Some("Emma").Get())
	fmt.Println(typed.Null[string]().Get())
	v, sent := typed.NullableOf("A Novel").Get()
	fmt.Println(*v, sent)
	// Output:
	// 200 application/json; charset=utf-8
	// "Emma: A Novel"
	// 200 application/json; charset=utf-8
	// "Persuasion"
	// Emma true
	// <nil> true
	// A Novel true
}

func ExampleMatched() {
	api := typed.New("Books", "1.0.0", nil)
	api.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if op := typed.Matched(r.Context()); op != nil {
				fmt.Println("asked for", op.Method, op.Path)
			}
			next.ServeHTTP(w, r)
		})
	})
	typed.Handle(api, "GET /books/{id}", typed.Func(func(_ context.Context, in GetBook) (int, error) { return in.ID, nil }))

	show(api, "GET", "/books/7", "")
	// Output:
	// asked for GET /books/{id}
	// 200 application/json; charset=utf-8
	// 7
}

func ExamplePanicError() {
	api := typed.New("Books", "1.0.0", &typed.Options{
		OnError: func(_ context.Context, err error) {
			if p, ok := err.(*typed.PanicError); ok {
				fmt.Println("panic:", p.Value, len(p.Stack) > 0)
			}
		},
	})
	typed.Handle(api, "GET /books", typed.Func(func(context.Context, typed.None) ([]Book, error) {
		panic("the shelf fell over")
	}))

	show(api, "GET", "/books", "")
	// Output:
	// panic: the shelf fell over true
	// 500 application/problem+json
	// {"title":"Internal Server Error","status":500}
}

func ExampleServeListener() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /hello", typed.Func(func(context.Context, typed.None) (string, error) { return "hello", nil }))
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error)
	go func() { served <- typed.ServeListener(ctx, l, api) }()

	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get("http://" + l.Addr().String() + "/hello")
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	fmt.Println(string(text))
	stop()
	fmt.Println(<-served)
	// Output:
	// "hello"
	// <nil>
}

func ExampleNewFile() {
	cover := typed.NewFile("cover.png", strings.NewReader("\x89PNG\r\n\x1a\n..."))
	fmt.Println(cover.Name(), cover.Type(), cover.Size())
	content, err := cover.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(content.Close())
	var none typed.File
	fmt.Println(none.Size())
	// Output:
	// cover.png image/png 11
	// <nil>
	// 0
}

// Every kind of credential that a field tagged auth can name.
func ExampleScheme() {
	tenant := func(_ context.Context, r *http.Request) (Reader, bool, error) {
		name := r.Header.Get("X-Tenant")
		return Reader{Name: name}, name != "", nil
	}
	api := typed.New("Shelf", "1.0.0", &typed.Options{Schemes: []typed.Scheme{
		typed.Bearer("token", verifyReader, typed.Prefix("Token"), typed.Realm("Shelf")),
		typed.Basic("password", func(ctx context.Context, user, _ string) (Reader, error) { return verifyReader(ctx, user) }),
		typed.APIKey("key", "header", "X-Key", typed.Keys(map[string]Reader{"k-7": {Name: "Cy"}})),
		typed.SchemeFunc("tenant", tenant, typed.Describe(openapi.SecurityScheme{Type: "apiKey", In: "header", Name: "X-Tenant"})),
	}})
	type Ask struct {
		Me Reader `auth:"token,password,key,tenant"`
	}
	typed.Handle(api, "GET /me", typed.Func(func(ctx context.Context, in Ask) (string, error) {
		who, _ := typed.Principal[Reader](ctx) // for code that does not get the request
		return who.Name, nil
	}))

	show(api, "GET", "/me", "", "Authorization", "Token ada")
	show(api, "GET", "/me", "", "Authorization", "Basic Ym9iOnNlY3JldA==")
	show(api, "GET", "/me", "", "X-Key", "k-7")
	show(api, "GET", "/me", "", "X-Tenant", "Dee")
	// Output:
	// 200 application/json; charset=utf-8
	// "Ada"
	// 200 application/json; charset=utf-8
	// "Bob"
	// 200 application/json; charset=utf-8
	// "Cy"
	// 200 application/json; charset=utf-8
	// "Dee"
}

// What the document says where middleware, and not a field tagged auth, signs in.
func ExampleSecurityAll() {
	api := typed.New("Shelf", "1.0.0", nil)
	answer := typed.Func(func(context.Context, typed.None) (string, error) { return "", nil })
	typed.Handle(api, "GET /both", answer, typed.SecurityAll("token", "certificate"))
	typed.Handle(api, "GET /either", answer, typed.Security("token", "read"), typed.SecurityOptional())
	typed.Handle(api, "GET /open", answer, typed.Public())

	words := func(r typed.SecurityRequirement) string {
		text := r.Scheme
		if len(r.Scopes) > 0 {
			text += " for " + strings.Join(r.Scopes, ", ")
		}
		for _, with := range r.And {
			text += " and " + with.Scheme
		}
		return text
	}
	for op := range api.Operations() {
		for _, r := range op.Security {
			fmt.Println(op.Path, "needs", words(r))
		}
		fmt.Println(op.Path, "optional:", op.Optional, "public:", op.Public)
	}
	// Output:
	// /both needs token and certificate
	// /both optional: false public: false
	// /either needs token for read
	// /either optional: true public: false
	// /open optional: false public: true
}

// One form of errors for several APIs.
func ExampleErrorForm() {
	type Failure struct {
		Message string `json:"message"`
	}
	var form typed.ErrorForm = typed.Errors("application/json", func(_ context.Context, p *respond.Problem) Failure {
		return Failure{Message: p.Title}
	})
	for _, title := range []string{"Books", "Authors"} {
		api := typed.New(title, "1.0.0", &typed.Options{Errors: form})
		show(api, "GET", "/nowhere", "")
	}
	// Output:
	// 404 application/json
	// {"message":"Not Found"}
	// 404 application/json
	// {"message":"Not Found"}
}
