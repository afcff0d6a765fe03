package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// merge finds the forms of a type that read alike, references included, and gives all
// components of such a group the same name for now. It starts by taking all forms of a
// type for alike and splits groups until none is left that differs.
func (b *Builder) merge() {
	var several []*component // those of types with more than one form: only they are compared
	for _, c := range b.order {
		forms := b.components[c.typ]
		c.name = forms[0].number()
		c.pointTo("#" + c.name)
		if len(forms) > 1 {
			several = append(several, c)
		}
	}
	type reading struct {
		typ  reflect.Type
		text string
	}
	for groups := 0; ; {
		found := map[reading]string{}
		for _, c := range several {
			text, _ := c.schema.MarshalJSON() // given refuses what cannot be written
			r := reading{c.typ, string(text)}
			if _, ok := found[r]; !ok {
				found[r] = c.number()
			}
			c.name = found[r]
		}
		if len(found) == groups {
			return
		}
		groups = len(found)
		for _, c := range several {
			c.pointTo("#" + c.name)
		}
	}
}

// assignNames gives each group its final name: that of its type, with the package in front
// where two types would have the same, and the form behind where the forms of one type
// differ. Names depend on the types in use, not on the order in which they were met,
// except for types of one name in one package, which only functions can declare.
func (b *Builder) assignNames() {
	var types []reflect.Type
	for _, c := range b.order {
		if c == b.components[c.typ][0] {
			types = append(types, c.typ)
		}
	}
	final := make(map[string]string, len(b.order))
	used := make(map[string]bool, len(b.order))
	// Kept types come first, so that no number stands behind their names.
	types = slices.SortedStableFunc(slices.Values(types), func(x, y reflect.Type) int { return rank(b.kept[x]) - rank(b.kept[y]) })
	names := typeNames(types, b.kept)
	for i, t := range types {
		for n, c := range order(leaders(b.components[t])) {
			name := names[i]
			if n > 0 {
				name = formName(names[i], c.form, used)
			}
			final[c.name] = free(name, used)
		}
	}
	for _, c := range b.order {
		c.name = final[c.name]
	}
}

func rank(kept bool) int {
	if kept {
		return 0
	}
	return 1
}

// leaders picks the first form of each group.
func leaders(forms []*component) []*component {
	var out []*component
	for _, c := range forms {
		if !slices.ContainsFunc(out, func(o *component) bool { return o.name == c.name }) {
			out = append(out, c)
		}
	}
	return out
}

// order puts the form that bears the plain name first: output, else the strict input.
func order(group []*component) []*component {
	rank := func(f form) int {
		switch {
		case !f.input:
			return 0
		case f.rules && !f.open:
			return 1
		case f.rules:
			return 2
		}
		return 3
	}
	return slices.SortedStableFunc(slices.Values(group), func(a, b *component) int { return rank(a.form) - rank(b.form) })
}

// formName says no more about a form than is needed to tell it from those named before.
func formName(name string, f form, used map[string]bool) string {
	name += "Input"
	if used[name] && f.open {
		name += "Open"
	}
	if used[name] && !f.rules {
		name += "Unchecked"
	}
	return name
}

// free returns name, or the first of name2, name3, … that is not taken, and takes it.
func free(name string, used map[string]bool) string {
	out := name
	for n := 2; used[out]; n++ {
		out = fmt.Sprint(name, n)
	}
	used[out] = true
	return out
}

// typeNames names all types at once: those that would have the same name get as much
// of their package paths in front as tells them apart. Types that functions of one
// package declare under one name keep it, and are numbered later. A kept type leaves its
// plain name to no other.
func typeNames(types []reflect.Type, kept map[reflect.Type]bool) []string {
	names := make([]string, len(types))
	open := make([]int, len(types))
	for i := range types {
		open[i] = i
	}
	for depth := 0; len(open) > 0 && depth < 16; depth++ {
		for _, i := range open {
			names[i] = typeName(types[i], depth)
		}
		paths := make(map[string]string, len(names))
		clash := map[string]bool{}
		for i, name := range names {
			path := types[i].PkgPath()
			if other, ok := paths[name]; ok && other != path {
				clash[name] = true
			}
			paths[name] = path
		}
		alone := map[string]int{} // how many kept types want a plain name
		for i, name := range names {
			if kept[types[i]] {
				alone[name]++
			}
		}
		open = slices.DeleteFunc(open, func(i int) bool {
			return !clash[names[i]] || kept[types[i]] && alone[names[i]] == 1
		})
	}
	return names
}

// TypeName is the name that the component of a named type has, unless another type has
// the same.
func TypeName(t reflect.Type) string { return typeName(t, 0) }

// typeName makes a name of letters and digits: PageUser for Page[User]. depth is how
// many elements of the package path stand in front of each name.
func typeName(t reflect.Type, depth int) string {
	path, name := t.PkgPath(), t.Name()
	base, args, generic := strings.Cut(name, "[")
	out := prefix(path, depth) + clean(base)
	if generic {
		for _, arg := range splitArgs(strings.TrimSuffix(args, "]")) {
			out += argName(arg, depth)
		}
	}
	return out
}

// splitArgs splits at the commas that are not within brackets or braces.
func splitArgs(s string) []string {
	var out []string
	depth, start := 0, 0
	for i, r := range s {
		switch r {
		case '[', '{', '(':
			depth++
		case ']', '}', ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, s[start:i])
				start = i + 1
			}
		}
	}
	return append(out, s[start:])
}

// argName names a type argument as reflect prints it: with its whole package path.
func argName(arg string, depth int) string {
	if rest, ok := strings.CutPrefix(arg, "*"); ok {
		return "Nullable" + argName(rest, depth)
	}
	if rest, ok := strings.CutPrefix(arg, "[]"); ok {
		return argName(rest, depth) + "List"
	}
	if rest, ok := strings.CutPrefix(arg, "map["); ok {
		if end := closing(rest); end > 0 {
			return argName(rest[end+1:], depth) + "By" + argName(rest[:end], depth)
		}
	}
	if strings.HasPrefix(arg, "struct {") {
		return "Struct"
	}
	base, inner, generic := strings.Cut(arg, "[")
	// Functions number the types that they declare: User·1.
	base, _, _ = strings.Cut(base, "·")
	path, name := "", base
	if i := strings.LastIndexByte(base, '.'); i >= 0 {
		path, name = base[:i], base[i+1:]
	}
	out := prefix(path, depth) + clean(name)
	if generic {
		for _, each := range splitArgs(strings.TrimSuffix(inner, "]")) {
			out += argName(each, depth)
		}
	}
	return out
}

// closing is the index of the bracket that closes one opened before s.
func closing(s string) int {
	depth := 1
	for i, r := range s {
		switch r {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func prefix(path string, depth int) string {
	elements := strings.Split(path, "/")
	elements = elements[max(0, len(elements)-depth):]
	var out strings.Builder
	for _, e := range elements {
		out.WriteString(clean(e))
	}
	return out.String()
}

// clean keeps letters and digits of ASCII and starts each word with a capital.
func clean(s string) string {
	var out strings.Builder
	upper := true
	for _, r := range s {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			upper = true
			continue
		}
		if upper {
			r = unicode.ToUpper(r)
		}
		upper = false
		out.WriteRune(r)
	}
	if out.Len() == 0 && s != "" {
		return "Type"
	}
	return out.String()
}
