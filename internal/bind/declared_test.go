package bind_test

import (
	"reflect"
	"testing"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// What a client named is not in the place of a failure.
func TestDeclared(t *testing.T) {
	type item struct {
		SKU   string            `json:"sku"`
		Notes map[string]string `json:"notes"`
	}
	type members struct {
		ID     int `path:"id"`
		Filter struct {
			Name string `json:"name"`
		} `query:"filter"`
		Items  []item               `json:"items"`
		Labels map[string]item      `json:"labels"`
		Any    any                  `json:"any"`
		Slash  typed.Nullable[item] `json:"a/b"`
	}
	type whole struct {
		Body []item `body:""`
	}
	plan := func(v any) *bind.Plan {
		p, faults := bind.Compile(reflect.TypeOf(v), bind.Options{PathNames: bind.PathNames(reflect.TypeOf(v))})
		require.Empty(t, faults)
		return p
	}
	m, w := plan(members{}), plan(whole{})
	for _, tt := range []struct {
		plan              *bind.Plan
		in, name, pointer string
		wantName, want    string
	}{
		{m, "path", "id", "", "id", ""},
		{m, "query", "filter[name]", "", "filter[name]", ""},
		{m, "query", "filter[secret]", "", "*", ""},
		{m, "query", "id", "", "*", ""},
		{m, "header", "X-Secret", "", "*", ""},
		{m, "body", "", "", "", ""},
		{m, "body", "", "/items/17/sku", "", "/items/17/sku"},
		{m, "body", "", "/items/17/secret", "", "/items/17/*"},
		{m, "body", "", "/items/secret/sku", "", "/items/*"},
		{m, "body", "", "/items/99999999999/sku", "", "/items/*"},
		{m, "body", "", "/items/1/notes/secret", "", "/items/1/notes/*"},
		{m, "body", "", "/items/1/notes/secret/more", "", "/items/1/notes/*/*"},
		{m, "body", "", "/labels/secret/sku", "", "/labels/*/sku"},
		{m, "body", "", "/labels/secret/notes/other", "", "/labels/*/notes/*"},
		{m, "body", "", "/any/secret/1", "", "/any/*"},
		{m, "body", "", "/a~1b/sku", "", "/a~1b/sku"},
		{m, "body", "", "/secret/1/sku", "", "/*"},
		{m, "body", "", "no pointer", "", "/*"},
		{w, "body", "", "/0/sku", "", "/0/sku"},
		{w, "body", "", "/0/x", "", "/0/*"},
		{w, "body", "", "/x", "", "/*"},
		{nil, "query", "secret", "/secret/x", "*", "/*"},
	} {
		name, pointer := tt.plan.Declared(tt.in, tt.name, tt.pointer)
		require.Equal(t, []string{tt.wantName, tt.want}, []string{name, pointer}, "%s %s %s", tt.in, tt.name, tt.pointer)
	}
}
