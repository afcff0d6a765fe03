package openapi_test

import (
	"fmt"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
)

// A document that is written by hand: each part of one that is not a schema.
func ExampleDocument() {
	explode := true
	op := &openapi.Operation{
		OperationID: "findBooks",
		Parameters: []*openapi.Parameter{{
			Name: "ids", In: "query", Style: "form", Explode: &explode,
			Schema: &openapi.Schema{Type: []string{openapi.TypeArray}, Items: &openapi.Schema{Type: []string{openapi.TypeInteger}, Minimum: openapi.Number("1")}},
		}},
		RequestBody: &openapi.RequestBody{Required: true},
		Security:    []openapi.SecurityRequirement{{}},
	}
	cover := &openapi.MediaType{Schema: &openapi.Schema{Type: []string{openapi.TypeObject}}}
	cover.Encoding.Set("image", &openapi.Encoding{ContentType: "image/png"})
	op.RequestBody.Content.Set("multipart/form-data", cover)
	op.Security[0].Set("token", []string{"books:read"})
	found := &openapi.Response{Description: "What was found."}
	found.Headers.Set("X-Total", &openapi.Header{Schema: &openapi.Schema{Type: []string{openapi.TypeNumber}}})
	op.Responses.Set("200", found)

	doc := &openapi.Document{
		Info: openapi.Info{
			Title: "Books", Version: "1.0.0",
			Contact: &openapi.Contact{Name: "Ada"}, License: &openapi.License{Name: "MIT"},
		},
		Servers:      []*openapi.Server{{URL: "/"}},
		Tags:         []*openapi.Tag{{Name: "books"}},
		ExternalDocs: &openapi.ExternalDocs{URL: "https://example.com"},
		Components:   openapi.Components{},
	}
	item := &openapi.PathItem{}
	item.Operations.Set("post", op)
	doc.Paths.Set("/books", item)
	flow := &openapi.OAuthFlow{TokenURL: "https://example.com/token"}
	flow.Scopes.Set("books:read", "Read books.")
	token := &openapi.SecurityScheme{Type: "oauth2"}
	token.Flows.Set("clientCredentials", flow)
	doc.Components.SecuritySchemes.Set("token", token)

	for _, version := range []string{openapi.Version, openapi.Version30, openapi.Version32} {
		doc.Version = version
		written := doc
		if version == openapi.Version30 {
			written = doc.Downgrade()
		}
		text, err := written.JSON()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(strings.TrimSpace(string(text))[:20], len(text) > 500)
	}
	// Output:
	// {"openapi":"3.1.0"," true
	// {"openapi":"3.0.3"," true
	// {"openapi":"3.2.0"," true
}

// A schema, and what the members of a Map are for: they keep their order.
func ExampleSchema() {
	shape := &openapi.Schema{
		OneOf:         []*openapi.Schema{{Ref: "#/components/schemas/Circle"}, {Ref: "#/components/schemas/Square"}},
		Discriminator: &openapi.Discriminator{PropertyName: "kind"},
	}
	drawing := &openapi.Schema{Type: []string{openapi.TypeObject}, AdditionalProperties: openapi.Never()}
	drawing.Properties.Set("shape", shape)
	drawing.Properties.Set("visible", &openapi.Schema{Type: []string{openapi.TypeBoolean}})
	drawing.Properties.Set("note", &openapi.Schema{Type: []string{openapi.TypeString, openapi.TypeNull}})

	list := func(properties openapi.Map[*openapi.Schema]) {
		for name := range properties.All() {
			fmt.Println(name)
		}
	}
	list(drawing.Properties)
	doc := &openapi.Document{Info: openapi.Info{Title: "Drawings", Version: "1.0.0"}}
	doc.Components.Schemas.Set("Drawing", drawing)
	text, err := doc.YAML()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, schemas, _ := strings.Cut(string(text), "schemas:\n")
	fmt.Print(schemas)
	// Output:
	// shape
	// visible
	// note
	//     Drawing:
	//       type: "object"
	//       properties:
	//         shape:
	//           oneOf:
	//             - $ref: "#/components/schemas/Circle"
	//             - $ref: "#/components/schemas/Square"
	//           discriminator:
	//             propertyName: "kind"
	//         visible:
	//           type: "boolean"
	//         note:
	//           type:
	//             - "string"
	//             - "null"
	//       additionalProperties: false
	// security: []
}
