package bind

import (
	"fmt"
	"io"
	"math/bits"
	"reflect"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/fault"
)

// compiler collects the fields and the faults of one request type.
type compiler struct {
	options Options
	root    reflect.Type // the request
	anyPath bool         // the pattern is not known
	plan    *Plan
	faults  []fault.Fault

	bodies  []Field
	members int                   // how many of the plan's fields are members
	params  []*param              // in the order of their fields
	uploads []*upfield            // likewise
	claimed []string              // path names that a field asks for which is not sound
	open    []reflect.Type        // structs being collected, but for the innermost
	visited map[reflect.Type]bool // body types searched for defaults
}

// Compile makes the plan of request type t. When there are faults, all of them are
// returned and the plan is nil.
func Compile(t reflect.Type, o Options) (*Plan, []fault.Fault) {
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.MaxText <= 0 {
		o.MaxText = o.MaxBody
	}
	c := compiler{options: o, plan: &Plan{method: o.Method, maxBody: o.MaxBody, declaredMaxBody: o.MaxBody, maxText: o.MaxText, strictQuery: o.StrictQuery, queryKeys: o.QueryKeys}}
	c.root = t
	c.request(t)
	c.mediaTypes()
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	p := c.plan
	p.nothing = len(p.fields) == 0 && p.body.kind == NoBody && len(p.pointers) == 0 && !p.strictQuery
	return p, nil
}

// PathNames are the names of the path parameters of t in the order of their fields,
// for a plan without a pattern.
func PathNames(t reflect.Type) []string {
	if t.Kind() != reflect.Struct {
		return nil
	}
	c := compiler{anyPath: true, plan: new(Plan)}
	c.collect(t, nil, "")
	c.distribute()
	var names []string
	for _, p := range c.plan.path {
		names = append(names, p.Name)
	}
	return names
}

func (c *compiler) fault(field, problem, fix string) {
	c.faults = append(c.faults, fault.Fault{Field: field, Problem: problem, Fix: fix})
}

// request decides what t as a whole is.
func (c *compiler) request(t reflect.Type) {
	switch {
	case t.Kind() == reflect.Pointer:
		c.fault("", fmt.Sprintf("the request type %s is a pointer", t), fmt.Sprintf("take %s itself", t.Elem()))
		return
	case t.Kind() == reflect.Struct && hasSources(t, nil):
		c.collect(t, nil, "")
		c.distribute()
		c.arrange(t)
	case t.Kind() == reflect.Struct && !hasOwnForm(t) && !hasMembers(t, nil):
		// Nothing is read from the request but its path.
	default:
		c.whole(t, nil)
		c.checkMethod()
		c.refuseDefaults(t, "")
	}
	c.checkPathNames()
}

// checkPathNames completes the match of pattern and struct: every wildcard has its
// field.
func (c *compiler) checkPathNames() {
	found := table{params: c.plan.path}
	c.plan.path = make([]*param, 0, len(c.options.PathNames))
	for _, name := range c.options.PathNames {
		p := found.find(name)
		if p == nil && slices.Contains(c.claimed, name) {
			continue
		}
		if p == nil {
			c.fault("", fmt.Sprintf("the path has {%s}, which no field takes", name), fmt.Sprintf(`add a field with the tag path:"%s"`, name))
			continue
		}
		c.plan.path = append(c.plan.path, p)
	}
}

func join(path, name string) string {
	if name == "" {
		return path
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// collect takes the fields of a struct, those of embedded structs in their place.
func (c *compiler) collect(t reflect.Type, index []int, path string) {
	c.plan.fields = slices.Grow(c.plan.fields, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		tags := readTags(f.Tag)
		at, where := f.Name, f.Index
		if path != "" {
			at, where = path+"."+f.Name, append(slices.Clone(index), i)
		}
		if inner, ok := flattened(&f, &tags); ok {
			c.open = append(c.open, t)
			c.embedded(&f, inner, where, at)
			c.open = c.open[:len(c.open)-1]
			continue
		}
		if tags.problem != "" && f.IsExported() {
			c.fault(at, tags.problem, tags.fix)
			continue
		}
		source, ok := c.source(&f, &tags, at)
		if !ok {
			continue
		}
		field := Field{Source: source, HasDefault: tags.has(tagDefault), Path: at, Index: where, Type: f.Type, Tag: f.Tag}
		if source != Auth && tags.has(tagScopes) {
			c.fault(at, "the tag scopes says what the one who is asking may do, and this is a "+source.noun(), `write it beside auth:"scheme", or drop it`)
		}
		file := isFile(f.Type)
		switch {
		case !file:
			c.misplaced(&field, &tags)
		case source == Form:
			c.file(&field, tags.values[Form])
			continue
		default:
			c.refuseFile(&field)
			continue
		}
		switch source {
		case Body:
			c.wholeField(&field, tags.values[Body])
		case Member:
			c.member(&field, tags.values[tagJSON])
		case Auth:
			field.Name = tags.values[Auth]
			c.plan.fields = append(c.plan.fields, field)
		case Part:
			c.jsonPart(&field, tags.values[Part])
		default:
			c.param(&field, tags.values[source])
		}
	}
}

func (c *compiler) embedded(f *reflect.StructField, inner reflect.Type, index []int, path string) {
	pointed := f.Type.Kind() == reflect.Pointer
	switch {
	case slices.Contains(c.open, inner):
		c.fault(path, "the struct embeds itself", "give the field a name")
		return
	case pointed && !f.IsExported():
		c.fault(path, "an embedded pointer to an unexported struct cannot be set", "embed the struct itself, or export its type")
		return
	case pointed:
		c.plan.pointers = append(c.plan.pointers, pointer{index, inner})
	}
	fields, members := len(c.plan.fields), c.members
	c.collect(inner, index, path)
	if hasOwnForm(inner) && (len(c.plan.fields) == fields || c.members > members) {
		c.fault(path, "the embedded type decodes itself, but its fields would be read one by one", `give the field a tag of its own, like json:"name"`)
	}
}

// source finds the one tag that says where a field is from; false means that the
// field takes no part, or that it has a fault.
func (c *compiler) source(f *reflect.StructField, given *fieldTags, path string) (Source, bool) {
	sources := given.sources()
	if f.IsExported() && bits.OnesCount16(sources) == 1 {
		return Source(bits.TrailingZeros16(sources)), true
	}
	var found []string
	for at, tag := range tagNames {
		if sources>>at&1 == 1 {
			found = append(found, tag)
		}
	}
	switch {
	case len(found) == 0 && (given.values[tagJSON] == "-" || !f.IsExported()):
	case !f.IsExported():
		c.fault(path, fmt.Sprintf("the field has a %s tag but is not exported", found[0]), "export the field, or drop the tag")
	case len(found) == 0:
		c.fault(path, "the field does not say where it comes from, and other fields of the request do", `give it one of the tags path, query, header, cookie, form, part, body, auth or json; json:"-" leaves it out`)
	default:
		c.fault(path, fmt.Sprintf("the field has the tags %s", strings.Join(found, " and ")), "keep one of them")
	}
	return 0, false
}

// wholeField takes a field that is the whole body, name being what its tag says.
func (c *compiler) wholeField(f *Field, name string) {
	if name != "" {
		c.fault(f.Path, fmt.Sprintf("the body tag says %q, but a whole body has no name", name), fmt.Sprintf(`write body:"", or json:"%s" for one member`, name))
		return
	}
	if f.HasDefault {
		c.fault(f.Path, "default is for parameters, and this is the body", "drop the default tag, and let a pointer tell absent from zero")
		return
	}
	c.refuseDefaults(f.Type, f.Path)
	c.plan.fields = append(c.plan.fields, *f)
	c.bodies = append(c.bodies, *f)
}

// member takes a member of the body, tag being its json tag.
func (c *compiler) member(f *Field, tag string) {
	name, options, _ := strings.Cut(tag, ",")
	f.Name = name
	if name == "" {
		f.Name = f.goName()
	}
	switch {
	case slices.Contains(strings.Split(options, ","), "embed"):
		c.fault(f.Path, "the json option embed does not work beside parameters", "embed the struct without a json tag")
	case f.HasDefault:
		c.refuseDefault(f.Type, f.Path)
	case c.hidden(f):
	case c.unique(f, f.Name):
		c.plan.fields = append(c.plan.fields, *f)
		c.members++
	}
}

// hidden reports whether a member of the same name hides f because it is embedded less
// deeply, as in Go and in JSON without parameters. If f hides the other, that is
// forgotten.
func (c *compiler) hidden(f *Field) bool {
	for i := range c.plan.fields {
		other := &c.plan.fields[i]
		switch {
		case other.Source != Member || other.Name != f.Name || len(other.Index) == len(f.Index):
		case len(other.Index) < len(f.Index):
			c.judgeHidden(f)
			return true
		default:
			c.judgeHidden(other)
			c.plan.fields = slices.Delete(c.plan.fields, i, i+1)
			c.members--
			return false
		}
	}
	return false
}

func (c *compiler) judgeHidden(f *Field) {
	if c.options.Hidden == nil {
		return
	}
	if err := c.options.Hidden(c.root, f.Index, f.Name); err != nil {
		c.undecodable("", err)
	}
}

// unique reports whether no other field has the source and key, else it is a fault.
func (c *compiler) unique(f *Field, key string) bool {
	other := ""
	for i := range c.plan.fields {
		if m := &c.plan.fields[i]; m.Source == Member && f.Source == Member && m.Name == key {
			other = m.Path
		}
	}
	for _, p := range c.params {
		if (p.Source == f.Source || p.Source == Form && f.Source == Part) && p.key == key {
			other = p.Path
		}
	}
	for _, u := range c.uploads { // parts of one body, whatever their tags
		if (f.Source == Form || f.Source == Part) && u.Name == key {
			other = u.Path
		}
	}
	if other != "" {
		c.fault(f.Path, fmt.Sprintf("the field %s reads the same %s %q", other, f.Source.noun(), f.Name), "give one of them another name")
	}
	return other == ""
}

// hasSources reports whether any field has one of the source tags.
func hasSources(t reflect.Type, within []reflect.Type) bool {
	if slices.Contains(within, t) {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tags := readTags(f.Tag)
		if tags.anySource() {
			return true
		}
		if s, ok := flattened(&f, &tags); ok && hasSources(s, append(within, t)) {
			return true
		}
	}
	return false
}

// hasMembers reports whether JSON sees any field of t, or would if it were exported.
func hasMembers(t reflect.Type, within []reflect.Type) bool {
	if slices.Contains(within, t) {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tags := readTags(f.Tag)
		inner, embedded := flattened(&f, &tags)
		switch {
		case tags.values[tagJSON] == "-":
		case embedded && !hasOwnForm(inner):
			if hasMembers(inner, append(within, t)) {
				return true
			}
		case f.IsExported() || tags.has(tagJSON):
			return true
		}
	}
	return false
}

// flattened is the struct whose fields stand in for an embedded field: one that has
// no tag that makes it a field of its own.
func flattened(f *reflect.StructField, tags *fieldTags) (reflect.Type, bool) {
	if !f.Anonymous || tags.anySource() {
		return nil, false
	}
	if name, _, _ := strings.Cut(tags.values[tagJSON], ","); name != "" {
		return nil, false
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t, t.Kind() == reflect.Struct
}

// hasOwnForm reports whether the JSON of a type is what its methods say.
func hasOwnForm(t reflect.Type) bool {
	if t.Kind() != reflect.Pointer {
		t = reflect.PointerTo(t)
	}
	if t.NumMethod() == 0 {
		return false
	}
	for _, name := range []string{"UnmarshalJSON", "UnmarshalJSONFrom", "UnmarshalText"} {
		if _, ok := t.MethodByName(name); ok {
			return true
		}
	}
	return false
}

var (
	readerType     = reflect.TypeFor[io.Reader]()
	readCloserType = reflect.TypeFor[io.ReadCloser]()
)

func isStream(t reflect.Type) bool { return t == readerType || t == readCloserType }

// isRaw reports whether t is bytes that JSON has no say in.
func isRaw(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && !hasOwnForm(t)
}
