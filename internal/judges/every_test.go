package judges

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/validate"
)

// The API below uses every feature that a document shows, so that each judge sees it.

type Level string

type Money struct {
	Cents    int64  `json:"cents,string" doc:"In hundredths."`
	Currency string `json:"currency" validate:"iso4217" example:"EUR"`
}

// Distance encodes itself and says how.
type Distance struct{ Metres float64 }

func (d Distance) MarshalText() ([]byte, error) { return []byte("1m"), nil }
func (d *Distance) UnmarshalText([]byte) error  { return nil }
func (Distance) JSONSchema() string {
	return `{"type":"string","description":"With a unit.","pattern":"^[0-9]+k?m$","examples":["5km"]}`
}

type Product struct {
	ID       int64             `json:"id" doc:"Assigned by the server."`
	Name     string            `json:"name" validate:"required,min=2,max=80" example:"Chair"`
	Note     *string           `json:"note" validate:"omitempty,max=200" deprecated:""`
	Level    Level             `json:"level" validate:"oneof=low high"`
	Price    Money             `json:"price"`
	Weight   float32           `json:"weight,omitempty" validate:"gte=0"`
	Size     [3]float64        `json:"size"`
	Tags     []string          `json:"tags" validate:"max=5,unique,dive,required,max=20"`
	Labels   map[string]string `json:"labels" validate:"dive,keys,alphanum,endkeys,max=40"`
	Parts    []*Product        `json:"parts" validate:"max=10,dive"`
	Made     time.Time         `json:"made"`
	Lasts    time.Duration     `json:"lasts" example:"72h"`
	Photo    []byte            `json:"photo" validate:"max=1000"`
	Origin   netip.Addr        `json:"origin"`
	Away     Distance          `json:"away"`
	Anything any               `json:"anything"`
	Secret   string            `json:"secret" validate:"omitempty,uuid4"`
	Repeat   string            `json:"repeat" validate:"eqfield=Secret"`
	Reason   string            `json:"reason" validate:"required_if=Level high"`
}

type Page[T any] struct {
	Items []T `json:"items"`
	Total int `json:"total"`
}

type ListProducts struct {
	Limit   int           `query:"limit" default:"20" validate:"min=1,max=100" doc:"How many at most."`
	Tags    []string      `query:"tag" validate:"max=3,dive,alphanum" example:"[\"a\"]"`
	Level   Level         `query:"level" validate:"omitempty,oneof=low high"`
	Since   *time.Time    `query:"since"`
	Within  time.Duration `query:"within" default:"1h"`
	Trace   string        `header:"X-Trace" validate:"omitempty,uuid"`
	Accepts []string      `header:"X-Accepts"`
	Accept  string        `header:"Accept" validate:"omitempty,max=40"`
	Session string        `cookie:"session"`
	IDs     []int         `query:"ids,comma" validate:"max=5" doc:"Only these."`
	Made    time.Time     `query:"made,format:DateOnly" doc:"Only of this day."`
	Find    Find          `query:"find" doc:"Only what fits."`
	Old     string        `query:"old" deprecated:""`
}

// Find is a struct in the query: find[name]=chair.
type Find struct {
	Name string `json:"name" validate:"omitempty,max=20" doc:"Its name begins so."`
	Max  *int   `json:"max" deprecated:""`
}

type GetProduct struct {
	ID int64 `path:"id" validate:"min=1"`
}

type DropProduct struct {
	ID    int64  `path:"id" validate:"min=1"`
	Token string `header:"Authorization" validate:"omitempty,startswith=Bearer"`
}

type GetProductOut struct {
	OK       typed.Reply[Product]      `status:"200" doc:"The product."`
	Partial  typed.Reply[Page[*Money]] `status:"206" doc:"Its prices." example:"{\"items\":[{\"cents\":\"5\",\"currency\":\"EUR\"}],\"total\":1}"`
	NotFound typed.Reply[Missing]      `status:"404" example:"{\"message\":\"no such product\"}"`
	Moved    typed.Redirect            `status:"308" doc:"It has another number now."`
}

type Missing struct {
	Message string `json:"message" example:"gone"`
}

type PatchProduct struct {
	ID    int64   `path:"id"`
	Match string  `header:"If-Match"`
	Name  *string `json:"name" validate:"omitempty,min=2"`
	Level *Level  `json:"level" validate:"omitempty,oneof=low high"`
}

type Contact struct {
	Name    string `form:"name" validate:"required,max=50"`
	Email   string `form:"email" validate:"required,email"`
	Urgent  bool   `form:"urgent"`
	Session string `cookie:"session"`
}

type Upload struct {
	Name  string `path:"name"`
	Media string `header:"Content-Type"`
	Data  []byte `body:""`
}

type Webhook struct {
	Signature string  `header:"X-Signature"`
	Event     Product `body:""`
}

type WebhookOut struct {
	Taken typed.Reply[string] `status:"200" example:"ok"`
}

// Picture is drawn in several media types.
type PictureOut struct {
	JSON typed.Reply[Money]  `status:"200" doc:"Its price."`
	PNG  typed.Reply[[]byte] `status:"200" type:"image/png" headers:"X-Width,X-Height" doc:"The picture."`
	Text typed.Reply[string] `status:"200" type:"text/markdown" example:"# A chair"`
}

// Shape is one of two, which its schema refers to by name.
type Shape struct{}

func (Shape) MarshalJSON() ([]byte, error) { return []byte(`{"kind":"circle","radius":1}`), nil }
func (Shape) JSONSchema() string {
	return `{"oneOf":[{"$ref":"#/components/schemas/Circle"},{"$ref":"#/components/schemas/Square"}],
		"discriminator":{"propertyName":"kind","mapping":{"circle":"#/components/schemas/Circle","square":"#/components/schemas/Square"}}}`
}

type Circle struct {
	Kind   string  `json:"kind" example:"circle"`
	Radius float64 `json:"radius"`
}

type Square struct {
	Kind string  `json:"kind" example:"square"`
	Side float64 `json:"side"`
}

type Filter struct {
	Path string `path:"path"`
}

// nasty is text that would break out of a page that does not escape it.
const nasty = "</script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\"> \"'&"

// everyAPI adds something to its texts.
func everyAPI(extra string) *typed.API {
	api := typed.New("Products"+extra, "1.2.3", &typed.Options{BasePath: "/api/v1", Validator: validate.New(nil)})
	typed.Handle(api, "GET /products", func(_ context.Context, in ListProducts, res *typed.Response[Page[Product]]) (typed.Answer, error) {
		return res.JSON(Page[Product]{Items: []Product{sample()}, Total: in.Limit})
	}, typed.Summary("List products"), typed.Description("All of them, *newest* first."+extra), typed.Tags("products"))
	typed.Handle(api, "POST /products", func(_ context.Context, in Product, res *typed.Response[Product]) (typed.Answer, error) {
		in.ID = 1
		return res.Header("Location", "/api/v1/products/1").JSON(in)
	}, typed.Status(http.StatusCreated, http.StatusAccepted), typed.Fails(http.StatusConflict, http.StatusTooManyRequests),
		typed.ResponseHeader("Location", "Where the product is.", http.StatusCreated), typed.ResponseHeader("Retry-After", "When to try again.", http.StatusTooManyRequests))
	typed.Handle(api, "GET /products/{id}", func(_ context.Context, in GetProduct, out *GetProductOut) (typed.Answer, error) {
		switch in.ID {
		case 1:
			return out.OK.JSON(sample())
		case 2:
			return out.Moved.To("/api/v1/products/1")
		case 3:
			return out.Partial.JSON(Page[*Money]{Items: []*Money{nil, {Cents: 5, Currency: "EUR"}}})
		}
		return out.NotFound.JSON(Missing{Message: "no such product"})
	}, typed.OperationID("getProduct"+extra))
	typed.Handle(api, "PATCH /products/{id}", func(_ context.Context, in PatchProduct, res *typed.Response[*Product]) (typed.Answer, error) {
		return res.JSON(nil)
	}, typed.AllowUnknownFields(), typed.Fails(http.StatusNotFound, http.StatusPreconditionFailed))
	typed.Handle(api, "DELETE /products/{id}", func(_ context.Context, in DropProduct, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.End()
	}, typed.Deprecated(), typed.Security("token"), typed.Security("login", "products:write"))
	typed.Handle(api, "POST /contact", func(_ context.Context, in Contact, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.Status(http.StatusSeeOther).Redirect("/")
	}, typed.Status(http.StatusNoContent, http.StatusSeeOther))
	typed.Handle(api, "PUT /files/{name}", func(_ context.Context, in Upload, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.End()
	}, typed.MaxBody(1<<10), typed.SecurityAll("token", "key"))
	typed.Handle(api, "GET /files/{path...}", func(_ context.Context, in Filter, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(strings.NewReader(in.Path))
	})
	typed.Handle(api, "POST /webhook", func(_ context.Context, in Webhook, out *WebhookOut) (typed.Answer, error) {
		return out.Taken.Send("ok")
	})
	typed.Handle(api, "GET /page", func(_ context.Context, _ typed.None, res *typed.Response[respond.HTML]) (typed.Answer, error) {
		return res.Send("<p>hello")
	}, typed.Public())
	typed.Handle(api, "GET /levels", func(_ context.Context, _ typed.None, res *typed.Response[map[Level][]int]) (typed.Answer, error) {
		return res.JSON(map[Level][]int{"low": {1}})
	}, typed.Security("token"), typed.SecurityOptional())
	typed.Handle(api, "GET /picture", func(_ context.Context, _ typed.None, out *PictureOut) (typed.Answer, error) {
		return out.PNG.Send([]byte("\x89PNG"), respond.SetHeader("X-Width", "1"))
	})
	typed.Handle(api, "GET /products.csv", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(strings.NewReader("id,name"))
	}, typed.Produces("text/csv"), typed.OperationID("getProductsTable"))
	typed.Handle(api, "GET /shape", func(_ context.Context, _ typed.None, res *typed.Response[Shape]) (typed.Answer, error) {
		return res.JSON(Shape{})
	})
	typed.Handle(api, "POST /reports", func(_ context.Context, _ Missing, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.End()
	}, typed.Accepts("application/csp-report"), typed.StrictQuery())
	typed.Handle(api, "GET /secret", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return res.Send("")
	}, typed.Hidden())
	docs.Mount(api, everyOptions(extra))
	return api
}

func everyOptions(extra string) *docs.Options {
	scheme := "https://example.org"
	if extra != "" {
		scheme = "javascript:document.title='broken'//"
	}
	flow := &openapi.OAuthFlow{AuthorizationURL: "https://example.org/authorize", TokenURL: "https://example.org/token"}
	flow.Scopes.Set("products:write", "Change products."+extra)
	var flows openapi.Map[*openapi.OAuthFlow]
	flows.Set("authorizationCode", flow)
	return &docs.Options{
		SecuritySchemes: map[string]*openapi.SecurityScheme{
			"token": {Type: "http", Scheme: "bearer", Description: "Ask the team for one." + extra},
			"login": {Type: "oauth2", Flows: flows},
			"key":   {Type: "apiKey", In: "header", Name: "X-Key", Description: "Of the shop." + extra},
		},
		Components:     []reflect.Type{reflect.TypeFor[Circle](), reflect.TypeFor[Square]()},
		Summary:        "Everything at once.",
		Description:    "An API with every feature." + extra,
		TermsOfService: scheme + "/terms",
		Contact:        &openapi.Contact{Name: "Team", URL: scheme, Email: "team@example.org"},
		License:        &openapi.License{Name: "MIT", Identifier: "MIT"},
		ExternalDocs:   &openapi.ExternalDocs{Description: "More", URL: scheme + "/more"},
		Tags:           []*openapi.Tag{{Name: "products", Description: "What is sold."}},
	}
}

func sample() Product {
	return Product{
		ID: 1, Name: "Chair", Level: "low", Price: Money{Cents: 100, Currency: "EUR"},
		Made: time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC), Lasts: time.Hour, Anything: map[string]any{"a": 1},
		Origin: netip.MustParseAddr("::1"),
	}
}
