package typedtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// give hands the texts of Options.Values to the parameters and members of their names.
func (e *explorer) give(values map[string][]string) error {
	e.values = values
	members := map[string]bool{}
	for _, o := range e.operations {
		if o.body != nil {
			e.members(o.body.schema.node, members, map[string]bool{})
			e.members(o.body.item.node, members, map[string]bool{})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		var named []*param
		for _, o := range e.operations {
			for _, p := range o.params {
				if p.name == name || p.in == "header" && strings.EqualFold(p.name, name) {
					named = append(named, p)
				}
			}
		}
		if len(named) == 0 && !members[name] {
			return fmt.Errorf("Options.Values names %q, which is no parameter and no member of a request in the document", name)
		}
		for _, text := range values[name] {
			taken := members[name]
			for _, p := range named {
				if a, ok := e.asSent(p, text); ok {
					p.given, taken = append(p.given, a), true
				}
			}
			if !taken {
				return fmt.Errorf("Options.Values has %q for %s, which no endpoint takes", text, name)
			}
		}
	}
	return nil
}

// members adds the names of the members below a node.
func (s *suite) members(node any, names, seen map[string]bool) {
	switch v := node.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok && !seen[ref] {
			seen[ref] = true
			s.members(s.resolve(v), names, seen)
		}
		properties, _ := v["properties"].(map[string]any)
		for name := range properties {
			names[name] = true
		}
		for _, inner := range v {
			s.members(inner, names, seen)
		}
	case []any:
		for _, inner := range v {
			s.members(inner, names, seen)
		}
	}
}

// member draws what Options.Values gives a member; false: nothing, or something else shall
// be drawn.
func (d *drawer) member(name string, node any) (any, bool) {
	texts := d.values[name]
	if kinds := d.kinds(node, 0); len(texts) == 0 || kinds["array"] || kinds["object"] || d.oneIn(4) {
		return nil, false
	}
	return d.read(node, pick(d, texts)), true
}

// asSent is the argument that is sent as a text; false: the parameter takes none such.
func (d *drawer) asSent(p *param, text string) (argument, bool) {
	if p.deep || p.json || p.file != "" {
		return argument{}, false
	}
	a := argument{param: p, text: &text}
	if items, ok := d.items(p.schema.node, 0); ok {
		texts := []string{text}
		if p.list != "" {
			texts = strings.Split(text, p.list)
		}
		list := []any{}
		for _, each := range texts {
			list = append(list, d.read(items, each))
		}
		a = argument{param: p, value: list}
	}
	v, _ := d.judgeArgument(a)
	return a, v != invalid && a.sayable()
}

// items is the schema of the elements of what may be a list.
func (s *suite) items(node any, depth int) (any, bool) {
	object, _ := s.resolve(node).(map[string]any)
	if items, ok := object["items"]; ok || depth > 5 {
		return items, ok
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range asList(object[keyword]) {
			if items, ok := s.items(part, depth+1); ok {
				return items, true
			}
		}
	}
	return nil, false
}

// read is the value that a text stands for.
func (d *drawer) read(node any, text string) any {
	kinds := d.kinds(node, 0)
	switch {
	case kinds["integer"] && integer.MatchString(text), kinds["number"] && number.MatchString(text):
		return json.Number(text)
	case kinds["boolean"] && (text == "true" || text == "false"):
		return text == "true"
	}
	return text
}

// given draws what Options.Values or an example give a parameter; false: nothing, or
// something else shall be drawn.
func (d *drawer) given(p *param) (argument, bool) {
	switch {
	case len(p.given) > 0 && !d.oneIn(4):
		return pick(d, p.given), true
	case p.example == nil || d.oneIn(2):
		return argument{}, false
	}
	a := argument{param: p, value: p.example}
	v, _ := d.judgeArgument(a)
	return a, v == valid && a.sayable()
}

// examplesOf are the values that a schema gives.
func examplesOf(object map[string]any) []any {
	examples := asList(object["examples"])
	if given, ok := object["default"]; ok {
		examples = append(slices.Clone(examples), given)
	}
	return examples
}

// gather adds the first text of each name in an answer to those that are there.
func gather(name string, v any, to map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range sortedKeys(v) {
			gather(member, v[member], to)
		}
	case []any:
		if len(v) > 0 {
			gather(name, v[0], to)
		}
	case string, json.Number:
		if text := plain(v); to[normal(name)] == "" && len(text) <= 200 {
			to[normal(name)] = text
		}
	}
}

// relate keeps what was seen in one exchange.
func (d *drawer) relate(seen map[string]string) {
	if len(d.together) >= remembered {
		d.together = d.together[1:]
	}
	d.together = append(d.together, seen)
}

// related are path values that belong together, such as the comment of an article, of an
// endpoint with several; nil: there are none, or others shall be drawn.
func (d *drawer) related(o *operation) map[string]string {
	names := wildcards(o.Path)
	if len(names) < 2 || len(d.together) == 0 || d.oneIn(2) {
		return nil
	}
	seen, out := pick(d, d.together), map[string]string{}
	for _, name := range names {
		out[name] = seen[normal(name)]
		if out[name] == "" && strings.HasSuffix(normal(name), "id") {
			out[name] = seen["id"]
		}
	}
	return out
}

// noteETag keeps the ETag that an answer gives what is at a path, for If-Match (RFC 9110,
// 13.1.1).
func (e *explorer) noteETag(x *exchange) {
	if x.answer.status >= 400 {
		return
	}
	if len(e.etags) > 1000 {
		clear(e.etags)
	}
	path, _, _ := strings.Cut(x.target, "?")
	etag := x.answer.head.Get("ETag")
	switch location, err := url.Parse(x.answer.head.Get("Location")); {
	case etag == "" && x.method != http.MethodGet && x.method != http.MethodHead:
		delete(e.etags, path) // it may be another now
	case etag == "":
	case x.answer.status == http.StatusCreated && err == nil && location.Path != "":
		e.etags[location.EscapedPath()] = etag
	default:
		e.etags[path] = etag
	}
	e.keep("ETag", etag)
}

// ifMatch has a request ask often for the version that was seen last at its path, or else
// anywhere.
func (d *drawer) ifMatch(r *request) {
	i := slices.IndexFunc(r.op.params, func(p *param) bool { return p.in == "header" && strings.EqualFold(p.name, "If-Match") })
	if i < 0 || d.oneIn(3) {
		return
	}
	target, _, _ := r.target()
	path, _, _ := strings.Cut(target, "?")
	etag := d.etags[path]
	if seen := d.recall("ETag"); etag == "" && len(seen) > 0 {
		etag = pick(d, seen)
	}
	if a, ok := d.asSent(r.op.params[i], etag); ok && etag != "" {
		r.set(a)
	}
}
