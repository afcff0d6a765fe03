package stream

import (
	"fmt"
	"reflect"

	"github.com/apiroutes/apiroutes/internal/fault"
)

// Variant is one kind of event: a field of a struct of which each event has exactly one set.
type Variant struct {
	Name  string // of the event
	Field int
	Type  reflect.Type // of the data: what the field points to
	Doc   string
}

// Variants are the kinds of event that t stands for. There are none if no field of t has
// the tag event; then t itself is the data of every event.
func Variants(t reflect.Type) ([]Variant, []fault.Fault) {
	if t.Kind() != reflect.Struct || !anyTagged(t) {
		return nil, nil
	}
	var all []Variant
	var faults []fault.Fault
	fields := map[string]string{}
	for i := range t.NumField() {
		f := t.Field(i)
		refuse := func(problem, fix string) {
			faults = append(faults, fault.Fault{Field: f.Name, Problem: problem, Fix: fix})
		}
		name, tagged := f.Tag.Lookup("event")
		switch {
		case !tagged || !f.IsExported():
			refuse(fmt.Sprintf("names no event, and other fields of %s do", t), `give every field the tag event:"name", and export it; an event has exactly one of them`)
		case f.Type.Kind() != reflect.Pointer:
			refuse("is a kind of event that could not be left out", fmt.Sprintf("make it a pointer, *%s", f.Type))
		case name == "" || breaks(name):
			refuse(fmt.Sprintf("has the event tag %q", name), "give it a name without line breaks; events without a name are messages, and need no struct of kinds")
		case fields[name] != "":
			refuse(fmt.Sprintf("names the event %q, which %s does as well", name, fields[name]), "give each a name of its own")
		default:
			fields[name] = f.Name
			all = append(all, Variant{Name: name, Field: i, Type: f.Type.Elem(), Doc: f.Tag.Get("doc")})
		}
	}
	return all, faults
}

func anyTagged(t reflect.Type) bool {
	for i := range t.NumField() {
		if _, ok := t.Field(i).Tag.Lookup("event"); ok {
			return true
		}
	}
	return false
}

// IsText reports whether data of type t is written as it is, not as JSON.
func IsText(t reflect.Type) bool { return t.Kind() == reflect.String && t.NumMethod() == 0 }
