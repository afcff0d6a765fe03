package typedtest

import (
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// most is how many smaller requests are tried for one fault.
const most = 300

// shrink looks for a smaller request that shows the same fault. Each one is sent, and judged
// as if it were the first: one that has become invalid does not stand for a valid one.
func (e *explorer) shrink(r *request, f *finding) (*request, *finding) {
	tries := 0
	for {
		smaller, found := (*request)(nil), (*finding)(nil)
		for _, candidate := range r.smaller() {
			if tries++; tries > most {
				break
			}
			if !candidate.routes() {
				continue
			}
			if g := e.examine(candidate); g != nil && g.kind == f.kind && g.cause == f.cause {
				smaller, found = candidate, g
				break
			}
		}
		if smaller == nil {
			return r, f
		}
		r, f = smaller, found
	}
}

// smaller are requests with a little less, the boldest first.
func (r *request) smaller() []*request {
	var out []*request
	change := func(f func(c *request)) {
		c := r.clone()
		f(c)
		out = append(out, c)
	}
	for i, a := range r.arguments {
		if a.in != "path" {
			change(func(c *request) { c.arguments = slices.Delete(c.arguments, i, i+1) })
		}
	}
	if r.hasBody && r.raw == nil && (r.op.body == nil || !r.op.body.required) {
		change(func(c *request) { c.hasBody, c.value = false, nil })
	}
	for i, a := range r.arguments {
		if a.text != nil {
			for _, text := range lesser(*a.text) {
				change(func(c *request) {
					shorter := text.(string)
					c.arguments[i].text = &shorter
				})
			}
			continue
		}
		for _, v := range lesser(a.value) {
			change(func(c *request) { c.arguments[i].value = v })
		}
	}
	if r.hasBody && r.raw == nil {
		for _, v := range lesser(r.value) {
			change(func(c *request) { c.value = v })
		}
	}
	return slices.DeleteFunc(out, func(c *request) bool {
		return slices.ContainsFunc(c.arguments, func(a argument) bool { return !a.sayable() })
	})
}

// lesser are values with a little less of a value.
func lesser(v any) (out []any) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sortedKeys(v) {
			c := maps.Clone(v)
			delete(c, name)
			out = append(out, c)
		}
		for _, name := range sortedKeys(v) {
			for _, inner := range lesser(v[name]) {
				c := maps.Clone(v)
				c[name] = inner
				out = append(out, c)
			}
		}
	case []any:
		if len(v) > 1 {
			out = append(out, []any{}, v[:len(v)/2])
		}
		for i := range v {
			out = append(out, slices.Delete(slices.Clone(v), i, i+1))
		}
		for i := range v {
			for _, inner := range lesser(v[i]) {
				c := slices.Clone(v)
				c[i] = inner
				out = append(out, c)
			}
		}
	case string:
		n := utf8.RuneCountInString(v)
		runes := []rune(v)
		if n > 1 {
			out = append(out, "a", string(runes[:n/2]), string(runes[n/2:]), string(runes[:n-1]), string(runes[1:]))
		}
	case json.Number:
		for _, n := range []json.Number{"0", "1"} {
			if v != n && v != "0" {
				out = append(out, n)
			}
		}
	case bool:
		if v {
			out = append(out, false)
		}
	}
	return out
}

func sortedKeys(v map[string]any) []string { return slices.Sorted(maps.Keys(v)) }
