package docs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

// What the types do not say of an API.
func ExampleOptions() {
	api := greetings()
	docs.Mount(api, &docs.Options{
		Summary:        "Says hello",
		TermsOfService: "https://example.com/terms",
		Contact:        &openapi.Contact{Name: "Ada", Email: "ada@example.com"},
		License:        &openapi.License{Name: "MIT", Identifier: "MIT"},
		ExternalDocs:   &openapi.ExternalDocs{URL: "https://example.com/guide"},
		Servers:        []*openapi.Server{{URL: "https://api.example.com"}},
		Tags:           []*openapi.Tag{{Name: "hello", Description: "Greetings of all kinds."}},
		SecuritySchemes: map[string]*openapi.SecurityScheme{
			"token": {Type: "http", Scheme: "bearer"},
		},
		Security: []typed.SecurityRequirement{{Scheme: "token"}},
		Version:  "3.2",
		JSONPath: "/spec.json",
		YAMLPath: "-", // not at all
		PagePath: "/reference",
		Change:   func(doc *openapi.Document) { doc.Info.Version = "2026-11" },
	})
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/spec.json", nil))
	var doc struct {
		OpenAPI  string
		Info     struct{ Summary, Version string }
		Security []map[string][]string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		fmt.Println(err)
	}
	fmt.Println(doc.OpenAPI, doc.Info, doc.Security)
	// Output:
	// 3.2.0 {Says hello 2026-11} [map[token:[]]]
}

// Celsius is of another package, and has no method JSONSchema.
type Celsius struct{ degrees float64 }

func (c Celsius) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"unit":"C","value":%g}`, c.degrees), nil
}

type Unit struct {
	Name string `json:"name"`
}

// A type whose JSON form only its own method knows, in a document for tools that know OpenAPI
// 3.0 only. Its schema refers to a type that no endpoint has.
func ExampleOptions_types() {
	api := typed.New("Weather", "1.0.0", nil)
	typed.Handle(api, "GET /temperature", typed.Func(func(context.Context, typed.None) (Celsius, error) { return Celsius{21}, nil }))

	celsius := &openapi.Schema{Type: []string{openapi.TypeObject}}
	celsius.Properties.Set("unit", &openapi.Schema{Ref: "#/components/schemas/Unit"})
	celsius.Properties.Set("value", &openapi.Schema{Type: []string{openapi.TypeNumber}})
	doc, err := docs.OpenAPI(api, &docs.Options{
		OpenAPI30:  true,
		Types:      map[reflect.Type]*openapi.Schema{reflect.TypeFor[Celsius](): celsius},
		Components: []reflect.Type{reflect.TypeFor[Unit]()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, ok := doc.Components.Schemas.Get("Unit")
	fmt.Println(doc.Version, ok)
	// Output:
	// 3.0.3 true
}

// report is a *testing.T that prints.
type report struct{}

func (report) Helper()                           {}
func (report) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (report) Fatalf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (report) Logf(string, ...any)               {}

// A test calls Golden with its *testing.T.
func ExampleGolden() {
	dir, err := os.MkdirTemp("", "golden")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "openapi.json")
	var t docs.TB = report{}
	if err := os.Setenv("GOLDEN_UPDATE", "1"); err != nil { // as on the command line
		fmt.Println(err)
		return
	}
	docs.Golden(t, greetings(), path, &docs.Options{})
	if err := os.Unsetenv("GOLDEN_UPDATE"); err != nil {
		fmt.Println(err)
		return
	}
	docs.Golden(t, greetings(), path, &docs.Options{})
	fmt.Println("nothing has changed")
	// Output:
	// nothing has changed
}
