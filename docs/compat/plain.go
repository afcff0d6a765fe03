package compat

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// plain rewrites a decoded document in place, so that the rules of oasdiff see all of it:
//
//   - What a stream sends becomes the schema of its content, in each version: a list of the
//     lines, an object with a member for each kind of event.
//   - The members of a parameter that is an object become parameters, as they are sent.
//   - A choice between the zero value and what the rules after omitempty allow becomes the
//     latter: oasdiff takes a new choice for one more. A zero value that is refused from
//     now on is required, and seen as that.
func plain(node any) {
	switch n := node.(type) {
	case []any:
		for _, v := range n {
			plain(v)
		}
	case map[string]any:
		for _, v := range n {
			plain(v)
		}
		streams(n["content"])
		if list, ok := n["parameters"].([]any); ok {
			n["parameters"] = members(list)
		}
		chosen(n)
	}
}

// members puts a parameter for each member in the place of those that are objects.
func members(parameters []any) []any {
	out := []any{}
	for _, p := range parameters {
		object, _ := p.(map[string]any)
		schema, _ := object["schema"].(map[string]any)
		properties, ok := schema["properties"].(map[string]any)
		if !ok || object["style"] != "deepObject" {
			out = append(out, p)
			continue
		}
		required, _ := schema["required"].([]any)
		for name, s := range properties {
			out = append(out, map[string]any{
				"name": fmt.Sprintf("%s[%s]", object["name"], name), "in": object["in"], "schema": s,
				"required": object["required"] == true && slices.Contains(required, any(name)),
			})
		}
	}
	return out
}

// streams is about the media types of a body.
func streams(content any) {
	media, _ := content.(map[string]any)
	for name, v := range media {
		m, _ := v.(map[string]any)
		for _, keyword := range []string{"itemSchema", "x-itemSchema"} {
			item, ok := m[keyword].(map[string]any)
			if !ok {
				continue
			}
			delete(m, keyword)
			m["schema"] = map[string]any{"type": "array", "items": item}
			if strings.HasPrefix(name, "text/event-stream") {
				m["schema"] = events(item)
			}
		}
	}
}

// events is an object of the data of each kind of event, which is "message" where nothing
// names it. All are required but the heartbeat.
func events(item map[string]any) map[string]any {
	kinds := []any{item}
	for _, keyword := range []string{"oneOf", "anyOf"} {
		if list, ok := item[keyword].([]any); ok {
			kinds = list
		}
	}
	members, required := map[string]any{}, []any{}
	for _, kind := range kinds {
		event, _ := kind.(map[string]any)
		properties, _ := event["properties"].(map[string]any)
		name, named := only(properties["event"]).(string)
		if !named {
			name = "message"
		}
		members[name] = properties["data"]
		data, _ := properties["data"].(map[string]any)
		for _, keyword := range []string{"contentSchema", "x-contentSchema"} {
			if schema, ok := data[keyword]; ok {
				members[name] = schema
			}
		}
		if only(data) == nil {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": members, "required": required}
}

// only is the one value that a schema allows; nil: it allows others.
func only(schema any) any {
	s, _ := schema.(map[string]any)
	if values, ok := s["enum"].([]any); ok && len(values) == 1 {
		return values[0]
	}
	return s["const"]
}

// chosen takes the choice out of a schema that allows the zero value beside something else.
func chosen(schema map[string]any) {
	choice, _ := schema["anyOf"].([]any)
	if len(choice) != 2 {
		return
	}
	for i := range choice {
		other, _ := choice[1-i].(map[string]any)
		if _, refers := other["$ref"]; !refers && other != nil && isZero(choice[i]) {
			delete(schema, "anyOf")
			maps.Copy(schema, other)
			return
		}
	}
}

// isZero reports whether a schema allows zero values of Go alone, or the texts that forms
// send for them.
func isZero(schema any) bool {
	s, _ := schema.(map[string]any)
	found := false
	for keyword, v := range s {
		values, _ := v.([]any)
		switch keyword {
		case "type":
			continue
		case "const":
			values = []any{v}
		case "maxLength":
			values = []any{v}
		case "pattern":
			return v == `^0001-01-01T00:00:00(?:\.0+)?Z$`
		case "enum":
		default:
			return false
		}
		for _, value := range values {
			switch value {
			case "", "on", false, json.Number("0"):
				found = true
			default:
				return false
			}
		}
	}
	return found
}
