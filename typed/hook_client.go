package typed

import (
	"reflect"

	"github.com/apiroutes/apiroutes/internal/hook"
)

// What package client needs of declarations and of APIs.
func init() {
	hook.Compiled = compiled
	hook.SchemeOf = func(s any) hook.Scheme { return s.(Scheme).placed() }
	hook.Schemes = func(api any) []hook.Scheme {
		var schemes []hook.Scheme
		for _, s := range api.(*API).schemes {
			schemes = append(schemes, Scheme{s}.placed())
		}
		return schemes
	}
	hook.FormOfErrors = func(form any) (string, reflect.Type) {
		if f := form.(ErrorForm).form; f != nil {
			return f.mediaType, f.payload
		}
		return "", nil
	}
}

// compiled is hook.Compiled.
func compiled(endpoint any, in, out reflect.Type, compile func(d hook.Declared, in, out reflect.Type) any) any {
	// An Endpoint is a declaration by another name. Value.Convert would compare all their
	// fields with every call.
	d := reflect.NewAt(reflect.TypeFor[declaration](), reflect.ValueOf(endpoint).UnsafePointer()).Interface().(*declaration)
	if d == nil {
		return nil
	}
	d.calls.Do(func() { d.caller = compile(d.declared(), in, out) })
	return d.caller
}

// declared is what those who call the endpoint need of its declaration.
func (d *declaration) declared() hook.Declared {
	var s settings
	for _, o := range d.options {
		if o != nil {
			o.apply(&s)
		}
	}
	declared := hook.Declared{Pattern: d.pattern, Statuses: s.statuses, Produces: s.produces, Accepts: s.accepts, ZeroFails: zeroFails}
	if len(s.faults) > 0 {
		declared.Err = s.faults[0]
	}
	beat := s.heartbeat
	if beat == nil {
		beat = &defaultHeartbeat
	}
	declared.Heartbeat = hook.Heartbeat{Every: beat.Every, Name: beat.Name}
	for _, requirement := range s.security {
		declared.Schemes = append(declared.Schemes, requirement.Scheme)
		for _, more := range requirement.And {
			declared.Schemes = append(declared.Schemes, more.Scheme)
		}
	}
	return declared
}

// placed says where the credential of a scheme goes.
func (s Scheme) placed() hook.Scheme {
	if s.s == nil {
		return hook.Scheme{}
	}
	return hook.Scheme{Name: s.s.name, Prefix: s.s.prefix, Basic: s.s.kind == basicScheme, In: s.s.in, Key: s.s.key}
}
