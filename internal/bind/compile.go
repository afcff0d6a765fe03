package bind

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/apiroutes/apiroutes/internal/fault"
)

// compiler collects the fields and the faults of one request type.
type compiler struct {
	options Options
	anyPath bool // the pattern is not known
	plan    *Plan
	faults  []fault.Fault

	bodies  []Field
	members int                   // how many of the plan's fields are members
	params  []param               // in the order of their fields, which they get at the end
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
	c := compiler{options: o, plan: &Plan{method: o.Method, maxBody: o.MaxBody}}
	c.request(t)
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	p := c.plan
	p.nothing = len(p.fields) == 0 && p.body.kind == NoBody && len(p.pointers) == 0
	return p, nil
}

// PathNames are the names of the path parameters of t in the order of their fields,
// for a plan without a pattern.
func PathNames(t reflect.Type) []string {
	if t.Kind() != reflect.Struct {
		return nil
	}
	c := compiler{anyPath: true, plan: new(Plan)}
	c.fields(t)
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
		c.fields(t)
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
	found := c.plan.path
	if slices.EqualFunc(found, c.options.PathNames, func(p *param, name string) bool { return p.Name == name }) {
		return // as they mostly are
	}
	c.plan.path = make([]*param, 0, len(c.options.PathNames))
	for _, name := range c.options.PathNames {
		p := find(found, name)
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
	if path == "" {
		return name
	}
	return path + "." + name
}
