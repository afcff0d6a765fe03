package typedtest

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/internal/bind"
)

// probe is one way to change a request. It returns nil where there is nothing to change.
// Whether the result is valid is not its business.
type probe func(d *drawer, r *request) *request

// probes are the ways to change a valid request to an endpoint: at and behind the boundary
// of each rule, and by what no value has to do with. Those of once cost more.
func (o *operation) probes(d *drawer) (all, once []probe) {
	for _, p := range o.params {
		all = append(all, o.spoilParam(d, p)...)
	}
	if o.body != nil {
		if o.body.kind == bind.JSONBody {
			all = append(all, o.spoilValue(d)...)
			all = append(all, spoilJSON...)
			if o.MaxBody <= 4<<20 {
				once = append(once, tooMuch)
			}
		}
		all = append(all, o.spoilContent()...)
	}
	if o.binding.StrictQuery() {
		all = append(all, func(_ *drawer, r *request) *request {
			r.query, r.broken = "unknown=1", "there is no query parameter unknown"
			return r
		})
	}
	if !o.anonymous {
		all = append(all, stranger)
	}
	return all, once
}

// stranger takes the credential away.
func stranger(_ *drawer, r *request) *request {
	r.as, r.stranger = nil, true
	return r
}

// spoilParam changes one parameter.
func (o *operation) spoilParam(d *drawer, p *param) []probe {
	var all []probe
	if p.in != "path" {
		all = append(all, func(_ *drawer, r *request) *request {
			r.arguments = slices.DeleteFunc(r.arguments, func(a argument) bool { return a.param == p })
			return r
		})
	}
	if p.json || p.file != "" {
		return all
	}
	for _, draw := range d.spoiled(p) {
		all = append(all, func(d *drawer, r *request) *request {
			a := argument{param: p, value: draw(d)}
			if !isCompound(a.value) {
				text := plain(a.value)
				a.text = &text
			}
			if a.value == nil || !a.sayable() {
				return nil
			}
			r.set(a)
			return r
		})
	}
	if p.in != "query" || p.deep { // the names of a struct are those of its members
		return all
	}
	malformed := func(broken string, query func(d *drawer) string) {
		all = append(all, func(d *drawer, r *request) *request {
			r.arguments = slices.DeleteFunc(r.arguments, func(a argument) bool { return a.param == p })
			if r.query = query(d); r.query == "" {
				return nil
			}
			r.broken = "the query parameter " + p.name + " " + broken
			return r
		})
	}
	name := url.QueryEscape(p.name)
	malformed("has a malformed escape", func(*drawer) string { return name + "=%zz" })
	malformed("is not UTF-8", func(*drawer) string { return name + "=%ff" })
	if kinds := d.kinds(p.schema.node, 0); !kinds["array"] && !kinds["object"] {
		malformed("is given twice", func(d *drawer) string {
			a, ok := d.argument(p)
			if !ok {
				return ""
			}
			_, texts := a.texts()
			once := name + "=" + url.QueryEscape(texts[0])
			return once + "&" + once
		})
	}
	return all
}

// spoiled are values of a parameter, and of the elements and members of one. nil is none.
func (d *drawer) spoiled(p *param) (all []func(*drawer) any) {
	object := d.merged(p.schema.node)
	kinds := d.kinds(p.schema.node, 0)
	if !kinds["array"] && !kinds["object"] {
		for _, draw := range d.near(p.schema.node) {
			all = append(all, func(d *drawer) any {
				if v := draw(d); !isCompound(v) {
					return v
				}
				return nil
			})
		}
		return all
	}
	within := func(node any, wrap func(any) any) {
		kinds := d.kinds(node, 0)
		for _, draw := range d.near(node) {
			all = append(all, func(d *drawer) any {
				v := draw(d)
				_, isText := v.(string)
				if v == nil || v == "" || isCompound(v) || kinds["string"] && !isText || kinds["boolean"] {
					return nil // as a text it may be good
				}
				return wrap(v)
			})
		}
	}
	if items, ok := object["items"]; ok {
		within(items, func(v any) any { return []any{v} })
		for _, draw := range d.near(p.schema.node) { // of many lengths
			all = append(all, func(d *drawer) any {
				if list, ok := draw(d).([]any); ok && !slices.ContainsFunc(list, func(v any) bool { return v == nil || isCompound(v) }) {
					return list
				}
				return nil
			})
		}
	}
	properties, _ := object["properties"].(map[string]any)
	for _, name := range sortedKeys(properties) {
		within(properties[name], func(v any) any { return map[string]any{name: v} })
	}
	return all
}

func isCompound(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

// near are values at and behind the boundaries of a schema, and of other types.
func (d *drawer) near(node any) []func(*drawer) any {
	constant := func(v any) func(*drawer) any { return func(*drawer) any { return v } }
	all := []func(*drawer) any{
		func(d *drawer) any { return d.word() }, func(d *drawer) any { return d.word() + `"'<b>&%\ +;` },
		func(d *drawer) any { return d.word() + strings.Join(odd, "") },
		func(d *drawer) any { return d.long(1000) }, constant(json.Number("1")), constant(json.Number("1.5")), constant(true),
		constant(nil), constant([]any{}), constant(map[string]any{}), constant(""),
		constant(json.Number("9223372036854775808")), constant(json.Number("-9223372036854775809")),
		func(d *drawer) any { return d.value("", node, 1) },
	}
	object := d.merged(node)
	least, most := bounds(object)
	for _, bound := range []*big.Int{least, most} {
		for _, step := range []int64{-1, 0, 1} {
			if bound != nil {
				all = append(all, constant(json.Number(new(big.Int).Add(bound, big.NewInt(step)).String())))
			}
		}
	}
	lengths := func(least, most string, draw func(*drawer, int) any) {
		for _, keyword := range []string{least, most} {
			n, err := strconv.Atoi(plain(object[keyword]))
			for _, step := range []int{-1, 0, 1} {
				if err == nil && n+step >= 0 && n <= 20_000 {
					all = append(all, func(d *drawer) any { return draw(d, n+step) })
				}
			}
		}
	}
	lengths("minLength", "maxLength", func(d *drawer, n int) any { return d.long(n) })
	lengths("minItems", "maxItems", func(d *drawer, n int) any {
		out := []any{}
		for range n {
			out = append(out, d.value("", object["items"], 2))
		}
		return out
	})
	if object["items"] != nil {
		all = append(all, func(d *drawer) any { return []any{nil} }, func(d *drawer) any {
			v := d.value("", object["items"], 2)
			return []any{v, v}
		})
	}
	for _, v := range asList(object["enum"]) {
		all = append(all, constant(v))
	}
	return all
}

// at is where a value stands in another one: names of members, and "" for the first element.
type at []string

// mostProbes is how many of a body's values are changed, those near its root first. A type
// may hold itself.
const mostProbes = 2000

// spoilValue changes the values of a body, each by itself.
func (o *operation) spoilValue(d *drawer) (all []probe) {
	type place struct {
		node  any
		where at
	}
	for next := []place{{o.body.schema.node, nil}}; len(next) > 0 && len(all) < mostProbes; next = next[1:] {
		node, where := next[0].node, next[0].where
		for _, draw := range d.near(node) {
			all = append(all, where.set(draw))
		}
		object := d.merged(node)
		below := func(name string) at { return append(slices.Clone(where), name) }
		properties, _ := object["properties"].(map[string]any)
		for _, name := range sortedKeys(properties) {
			all = append(all, below(name).set(nil))
			next = append(next, place{properties[name], below(name)})
		}
		if len(properties) > 0 {
			all = append(all, below("unknown1").set(func(*drawer) any { return json.Number("1") }))
		}
		if items, ok := object["items"]; ok {
			next = append(next, place{items, below("")})
		}
	}
	return all
}

// set is a probe that replaces what is at a place; nil removes the member there.
func (where at) set(draw func(d *drawer) any) probe {
	return func(d *drawer, r *request) *request {
		if !r.hasBody {
			return nil
		}
		var ok bool
		if draw == nil {
			r.value, ok = where.replace(r.value, nil, true)
		} else {
			r.value, ok = where.replace(r.value, draw(d), false)
		}
		if !ok {
			return nil
		}
		return r
	}
}

// replace is a copy of v with another value at a place; not ok: there is no such place.
func (where at) replace(v, by any, remove bool) (out any, ok bool) {
	if len(where) == 0 {
		return by, true
	}
	switch v := v.(type) {
	case map[string]any:
		copied := maps.Clone(v)
		if remove && len(where) == 1 {
			delete(copied, where[0])
			return copied, true
		}
		copied[where[0]], ok = where[1:].replace(v[where[0]], by, remove)
		return copied, ok
	case []any:
		if len(v) == 0 || where[0] != "" {
			return nil, false
		}
		copied := slices.Clone(v)
		copied[0], ok = where[1:].replace(v[0], by, remove)
		return copied, ok
	}
	return nil, false
}

// spoilJSON makes malformed JSON.
var spoilJSON = []probe{
	malformedJSON("it is cut off", func(raw []byte) []byte {
		if len(raw) < 2 || !bytes.ContainsAny(raw[:1], `{["`) {
			return nil
		}
		return raw[:len(raw)-1]
	}),
	malformedJSON("something follows it", func(raw []byte) []byte { return append(raw, " x"...) }),
	malformedJSON("it is not UTF-8", func([]byte) []byte { return []byte("\"\xff\"") }),
	malformedJSON("it has one name twice", func(raw []byte) []byte {
		if end := bytes.IndexByte(raw, ':'); end > 0 && raw[0] == '{' {
			return slices.Concat([]byte("{"), raw[1:end], []byte(":0,"), raw[1:])
		}
		return nil
	}),
}

func malformedJSON(what string, change func([]byte) []byte) probe {
	return func(_ *drawer, r *request) *request {
		if !r.hasBody {
			return nil
		}
		if r.raw = change(encode(r.value)); r.raw == nil {
			return nil
		}
		r.broken = "the content is malformed JSON: " + what
		return r
	}
}

// spoilContent changes what stands around the content.
func (o *operation) spoilContent() []probe {
	b := o.body
	var all []probe
	spoil := func(broken string, change func(r *request)) {
		all = append(all, func(_ *drawer, r *request) *request {
			if !r.hasBody {
				return nil
			}
			_, _, form := r.target()
			r.raw, r.mediaType = r.content(form)
			r.broken = broken
			change(r)
			if len(r.raw) == 0 && broken != noContent {
				return nil
			}
			return r
		})
	}
	if len(o.binding.MediaTypes()) > 0 {
		spoil("the media type is another", func(r *request) { r.mediaType = "font/x-unknown" })
	}
	if b.kind == bind.JSONBody {
		spoil("the charset is another", func(r *request) { r.mediaType += "; charset=latin1" })
		if b.required {
			spoil(noContent, func(r *request) { r.raw = []byte{} })
		}
	}
	if b.kind == bind.JSONBody || b.kind == bind.FormBody {
		spoil("the content coding is none that is taken", func(r *request) {
			r.header = http.Header{"Content-Encoding": {"gzip"}}
		})
	}
	return all
}

// tooMuch makes the content larger than the endpoint takes.
func tooMuch(_ *drawer, r *request) *request {
	if !r.hasBody {
		return nil
	}
	r.raw = encode(r.value)
	r.raw = append(r.raw, bytes.Repeat([]byte(" "), max(0, int(r.op.MaxBody)+1-len(r.raw)))...)
	r.broken = "there is too much content"
	return r
}

const noContent = "there is no content"
