package openapi_test

import (
	"encoding/json"
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
			Name: "ids", In: "query", Style: "form", Explode: &explode, Example: []int{1, 7},
			Schema: &openapi.Schema{Type: []string{openapi.TypeArray}, Items: &openapi.Schema{Type: []string{openapi.TypeInteger}, Minimum: openapi.Number("1")}},
		}},
		RequestBody: &openapi.RequestBody{Required: true},
		Security:    []openapi.SecurityRequirement{{}},
	}
	cover := &openapi.MediaType{Schema: &openapi.Schema{Type: []string{openapi.TypeObject}}}
	cover.Encoding.Set("image", &openapi.Encoding{ContentType: "image/png"})
	op.Extensions.Set("x-owner", "catalogue")
	op.RequestBody.Content.Set("multipart/form-data", cover)
	op.Security[0].Set("token", []string{"books:read"})
	found := &openapi.Response{Description: "What was found."}
	found.Headers.Set("X-Total", &openapi.Header{Schema: &openapi.Schema{Type: []string{openapi.TypeNumber}}})
	op.Responses.Set("200", found)

	doc := &openapi.Document{
		Info: openapi.Info{
			Title: "Books", Version: "1.0.0", TermsOfService: "https://example.com/terms",
			Contact: &openapi.Contact{Name: "Ada"}, License: &openapi.License{Name: "MIT"},
		},
		Servers:      []*openapi.Server{{URL: "/"}},
		Tags:         []*openapi.Tag{{Name: "books"}},
		ExternalDocs: &openapi.ExternalDocs{URL: "https://example.com"},
		Components:   openapi.Components{},
	}
	doc.Extensions.Set("x-logo", map[string]string{"url": "https://example.com/logo.svg"})
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

// What each item of a stream is, and one of them: OpenAPI has a keyword for it from 3.2 on.
func ExampleMediaType() {
	lines := &openapi.MediaType{
		ItemSchema: &openapi.Schema{Type: []string{openapi.TypeInteger}},
		Example:    "1\n2\n",
	}
	counted := &openapi.Response{Description: "Numbers."}
	counted.Content.Set("application/jsonl", lines)
	op, item := &openapi.Operation{}, &openapi.PathItem{}
	op.Responses.Set("200", counted)
	item.Operations.Set("get", op)
	doc := &openapi.Document{Info: openapi.Info{Title: "Numbers", Version: "1.0.0"}}
	doc.Paths.Set("/numbers", item)

	for _, doc.Version = range []string{openapi.Version, openapi.Version32} {
		text, err := doc.YAML()
		if err != nil {
			fmt.Println(err)
			return
		}
		_, content, _ := strings.Cut(string(text), "application/jsonl:")
		keyword, _, _ := strings.Cut(strings.TrimSpace(content), ":")
		fmt.Println(doc.Version, keyword)
	}
	// Output:
	// 3.1.0 x-itemSchema
	// 3.2.0 itemSchema
}

// The ways in which clients sign in.
func ExampleSecurityScheme() {
	login := &openapi.OAuthFlow{
		AuthorizationURL: "https://id.example.com/authorize",
		TokenURL:         "https://id.example.com/token",
		RefreshURL:       "https://id.example.com/refresh",
	}
	login.Scopes.Set("books:read", "Read books.")
	oauth := &openapi.SecurityScheme{Type: "oauth2"}
	oauth.Flows.Set("authorizationCode", login)

	var schemes openapi.Map[*openapi.SecurityScheme] // as in Components
	schemes.Set("key", &openapi.SecurityScheme{Type: "apiKey", In: "header", Name: "X-Key"})
	schemes.Set("token", &openapi.SecurityScheme{Type: "http", Scheme: "bearer", BearerFormat: "JWT"})
	schemes.Set("login", &openapi.SecurityScheme{
		Type: "openIdConnect", OpenIDConnectURL: "https://id.example.com/.well-known/openid-configuration",
	})
	schemes.Set("oauth", oauth)
	text, err := json.MarshalIndent(schemes, "", "  ")
	fmt.Println(string(text), err)
	// Output:
	// {
	//   "key": {
	//     "type": "apiKey",
	//     "name": "X-Key",
	//     "in": "header"
	//   },
	//   "token": {
	//     "type": "http",
	//     "scheme": "bearer",
	//     "bearerFormat": "JWT"
	//   },
	//   "login": {
	//     "type": "openIdConnect",
	//     "openIdConnectUrl": "https://id.example.com/.well-known/openid-configuration"
	//   },
	//   "oauth": {
	//     "type": "oauth2",
	//     "flows": {
	//       "authorizationCode": {
	//         "authorizationUrl": "https://id.example.com/authorize",
	//         "tokenUrl": "https://id.example.com/token",
	//         "refreshUrl": "https://id.example.com/refresh",
	//         "scopes": {
	//           "books:read": "Read books."
	//         }
	//       }
	//     }
	//   }
	// } <nil>
}

// An object with a known number of members.
func ExampleMap() {
	weekdays := []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"}
	var hours openapi.Map[*openapi.Schema]
	hours.Grow(len(weekdays)) // saves copying, no more
	for _, day := range weekdays {
		hours.Set(day, &openapi.Schema{Type: []string{openapi.TypeString}, Format: "time"})
	}
	friday, ok := hours.Get("Friday")
	fmt.Println(hours.Len(), friday.Format, ok)
	// Output:
	// 5 time true
}

// A schema for each kind of value, with most of the rules that there are.
func ExampleSchema_rules() {
	text, list := []string{openapi.TypeString}, []string{openapi.TypeArray}
	book := &openapi.Schema{Type: []string{openapi.TypeObject}}
	book.Properties.Set("id", &openapi.Schema{Type: text, Format: "uuid", ReadOnly: true})
	book.Properties.Set("key", &openapi.Schema{Type: text, Pattern: "^[a-z]+$", MinLength: new(8), MaxLength: new(64), WriteOnly: true})
	book.Properties.Set("format", &openapi.Schema{Enum: []any{"paper", "audio"}, Default: "paper"})
	book.Properties.Set("price", &openapi.Schema{
		Type: []string{openapi.TypeNumber}, ExclusiveMinimum: "0", Maximum: "999.99", MultipleOf: "0.01", Example: 12.5,
	})
	book.Properties.Set("share", &openapi.Schema{Type: []string{openapi.TypeNumber}, Minimum: "0", ExclusiveMaximum: "1"})
	book.Properties.Set("cover", &openapi.Schema{Type: text, ContentEncoding: "base64", ContentMediaType: "image/png"})
	book.Properties.Set("authors", &openapi.Schema{
		Type: list, Items: &openapi.Schema{Type: text}, MinItems: new(1), MaxItems: new(20), UniqueItems: true,
	})
	book.Properties.Set("titles", &openapi.Schema{ // by language
		Type:          []string{openapi.TypeObject},
		PropertyNames: &openapi.Schema{Pattern: "^[a-z]{2}$"}, AdditionalProperties: &openapi.Schema{Type: text},
		MinProperties: new(1), MaxProperties: new(50),
	})
	size := &openapi.Schema{Type: list}
	size.More.Set("prefixItems", []*openapi.Schema{{Title: "width"}, {Title: "height"}}) // a keyword without a field
	size.Extensions.Set("x-unit", "mm")
	book.Properties.Set("size", size)

	for name, part := range book.Properties.All() {
		written, err := json.Marshal(part)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s\n", name, written)
	}
	// Output:
	// id: {"type":"string","format":"uuid","readOnly":true}
	// key: {"type":"string","minLength":8,"maxLength":64,"pattern":"^[a-z]+$","writeOnly":true}
	// format: {"enum":["paper","audio"],"default":"paper"}
	// price: {"type":"number","exclusiveMinimum":0,"maximum":999.99,"multipleOf":0.01,"example":12.5}
	// share: {"type":"number","minimum":0,"exclusiveMaximum":1}
	// cover: {"type":"string","contentEncoding":"base64","contentMediaType":"image/png"}
	// authors: {"type":"array","items":{"type":"string"},"minItems":1,"maxItems":20,"uniqueItems":true}
	// titles: {"type":"object","additionalProperties":{"type":"string"},"propertyNames":{"pattern":"^[a-z]{2}$"},"minProperties":1,"maxProperties":50}
	// size: {"type":"array","prefixItems":[{"title":"width"},{"title":"height"}],"x-unit":"mm"}
}

// Schemas that are made of others.
func ExampleSchema_alternatives() {
	reference := func(name string) *openapi.Schema { return &openapi.Schema{Ref: "#/components/schemas/" + name} }
	with := func(name string, value *openapi.Schema) *openapi.Schema {
		s := &openapi.Schema{Required: []string{name}}
		s.Properties.Set(name, value)
		return s
	}
	kind := &openapi.Discriminator{PropertyName: "kind"}
	kind.Mapping.Set("card", "#/components/schemas/CardPayment")
	var parts openapi.Map[*openapi.Schema]
	parts.Set("one of two, by kind", &openapi.Schema{
		OneOf: []*openapi.Schema{reference("CardPayment"), reference("Transfer")}, Discriminator: kind,
	})
	parts.Set("both", &openapi.Schema{AllOf: []*openapi.Schema{reference("Payment"), with("note", &openapi.Schema{})}})
	parts.Set("an address or a number", &openapi.Schema{AnyOf: []*openapi.Schema{with("email", &openapi.Schema{}), with("phone", &openapi.Schema{})}})
	parts.Set("a card has a number, and nothing else", &openapi.Schema{
		If:   with("kind", &openapi.Schema{Const: "card"}),
		Then: with("number", &openapi.Schema{}),
		Else: &openapi.Schema{Not: with("number", &openapi.Schema{})},
	})

	for what, part := range parts.All() {
		written, err := json.Marshal(part)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s\n", what, written)
	}
	// Output:
	// one of two, by kind: {"oneOf":[{"$ref":"#/components/schemas/CardPayment"},{"$ref":"#/components/schemas/Transfer"}],"discriminator":{"propertyName":"kind","mapping":{"card":"#/components/schemas/CardPayment"}}}
	// both: {"allOf":[{"$ref":"#/components/schemas/Payment"},{"properties":{"note":{}},"required":["note"]}]}
	// an address or a number: {"anyOf":[{"properties":{"email":{}},"required":["email"]},{"properties":{"phone":{}},"required":["phone"]}]}
	// a card has a number, and nothing else: {"if":{"properties":{"kind":{"const":"card"}},"required":["kind"]},"then":{"properties":{"number":{}},"required":["number"]},"else":{"not":{"properties":{"number":{}},"required":["number"]}}}
}

// A copy for clients, which take members that a newer server adds. The document keeps its own.
func ExampleSchema_Clone() {
	strict := &openapi.Schema{Type: []string{openapi.TypeObject}, AdditionalProperties: openapi.Never()}
	strict.Properties.Set("title", &openapi.Schema{Type: []string{openapi.TypeString}})

	lenient := strict.Clone()
	for part := range lenient.All() {
		if part.AdditionalProperties.IsNever() {
			part.AdditionalProperties = nil
		}
	}
	for _, s := range []*openapi.Schema{strict, lenient} {
		written, err := json.Marshal(s)
		fmt.Println(string(written), err)
	}
	// Output:
	// {"type":"object","properties":{"title":{"type":"string"}},"additionalProperties":false} <nil>
	// {"type":"object","properties":{"title":{"type":"string"}}} <nil>
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
