package judges

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// drawer draws values that a document's schemas allow, or nearly: the bounds of numbers,
// texts and lists, enums and formats are kept, and of patterns what a sample happens to fit.
type drawer struct {
	rng   *rand.Rand
	tree  map[string]any      // the document
	known map[string][]string // texts that the server has answered with, by the name of their member
}

// resolve follows a reference.
func (d *drawer) resolve(schema map[string]any) map[string]any {
	for {
		ref, ok := schema["$ref"].(string)
		if !ok {
			return schema
		}
		schema = d.at(strings.TrimPrefix(ref, "#"))
	}
}

// at returns the object at a JSON Pointer of the document; nil where there is none.
func (d *drawer) at(pointer string) map[string]any {
	v := any(d.tree)
	for _, name := range strings.Split(pointer, "/")[1:] {
		in, _ := v.(map[string]any)
		v = in[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
	}
	object, _ := v.(map[string]any)
	return object
}

// value draws a value of a schema; name is that of its member or parameter.
func (d *drawer) value(name string, schema map[string]any) any {
	schema = d.resolve(schema)
	if any := pickAny(d.rng, schema["anyOf"], schema["oneOf"]); any != nil {
		return d.value(name, any)
	}
	if list, ok := schema["enum"].([]any); ok && len(list) > 0 {
		return pick(d.rng, list)
	}
	if v, ok := schema["const"]; ok {
		return v
	}
	switch d.kind(schema) {
	case "null":
		return nil
	case "boolean":
		return d.rng.IntN(2) == 0
	case "integer":
		return int64(d.number(schema))
	case "number":
		return d.number(schema) + 0.5
	case "array":
		items, _ := schema["items"].(map[string]any)
		out := []any{}
		for range d.length(schema, "minItems", "maxItems", 3) {
			out = append(out, d.value(name, items))
		}
		return out
	case "object":
		return d.object(schema)
	}
	return d.text(name, schema)
}

func pickAny(rng *rand.Rand, lists ...any) map[string]any {
	for _, list := range lists {
		if of, ok := list.([]any); ok && len(of) > 0 {
			if schema, ok := pick(rng, of).(map[string]any); ok {
				return schema
			}
		}
	}
	return nil
}

func (d *drawer) kind(schema map[string]any) string {
	switch kind := schema["type"].(type) {
	case string:
		return kind
	case []any:
		if len(kind) > 0 {
			return pick(d.rng, kind).(string)
		}
	}
	if _, ok := schema["properties"]; ok {
		return "object"
	}
	return "string"
}

func (d *drawer) number(schema map[string]any) float64 {
	least, most := 0.0, 20.0
	for name, bound := range map[string]*float64{"minimum": &least, "maximum": &most, "exclusiveMinimum": &least, "exclusiveMaximum": &most} {
		if v, ok := schema[name].(float64); ok {
			*bound = v
		}
	}
	if least < 0 && most >= 0 {
		least = 0 // what is small is more often there
	}
	most = max(least, min(most, least+20))
	return least + float64(d.rng.IntN(int(most-least)+1))
}

func (d *drawer) length(schema map[string]any, least, most string, usual int) int {
	from, to := 0, usual
	if v, ok := schema[least].(float64); ok {
		from, to = int(v), int(v)+usual
	}
	if v, ok := schema[most].(float64); ok {
		to = min(to, int(v))
	}
	return from + d.rng.IntN(max(to-from, 0)+1)
}

func (d *drawer) object(schema map[string]any) map[string]any {
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	out := map[string]any{}
	for _, name := range slices.Sorted(mapsKeys(properties)) {
		if property, ok := properties[name].(map[string]any); ok && (slices.Contains(required, any(name)) || d.rng.IntN(3) > 0) {
			out[name] = d.value(name, property)
		}
	}
	return out
}

// samples are texts of the formats and patterns that the examples have.
var samples = []string{"ada@example.com", "bob@example.com", "2024-02-29T12:00:00Z", "https://example.com/a.png", "a", "Emma", "7"}

// text draws what the server knows under the name, what the format asks for, or any text.
func (d *drawer) text(name string, schema map[string]any) string {
	if known := d.known[name]; len(known) > 0 && d.rng.IntN(2) == 0 {
		return pick(d.rng, known)
	}
	pattern, _ := schema["pattern"].(string)
	format, _ := schema["format"].(string)
	switch {
	case format == "email" || strings.Contains(strings.ToLower(name), "email"):
		return nearText(d.rng, "a") + "@example.com"
	case pattern != "":
		fit := slices.DeleteFunc(slices.Clone(samples), func(s string) bool { return !matches(pattern, s) })
		if len(fit) > 0 {
			return pick(d.rng, fit)
		}
	}
	n := d.length(schema, "minLength", "maxLength", 8)
	return strings.Repeat("Emma and others", n/10+1)[:n]
}

func matches(pattern, text string) bool {
	c := jsonschema.NewCompiler()
	if c.AddResource("p.json", map[string]any{"pattern": pattern}) != nil {
		return false
	}
	schema, err := c.Compile("p.json")
	return err == nil && schema.Validate(text) == nil
}

// learn keeps the texts and numbers of an answer for later requests.
func (d *drawer) learn(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for member, inner := range v {
			d.learn(member, inner)
		}
	case []any:
		for _, inner := range v {
			d.learn(name, inner)
		}
	case string:
		d.keep(name, v)
	case json.Number:
		d.keep(name, v.String())
	}
}

func (d *drawer) keep(name, text string) {
	if text == "" || len(text) > 300 || slices.Contains(d.known[name], text) {
		return
	}
	if len(d.known[name]) >= 20 {
		d.known[name][d.rng.IntN(20)] = text
		return
	}
	d.known[name] = append(d.known[name], text)
}
