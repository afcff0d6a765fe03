package compat_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oasdiff/oasdiff/checker"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/compat"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

// account is who is asking.
type account struct{}

// setup handles the endpoints of an API.
type setup func(*typed.API)

func endpoint[Req, Out any](pattern string, opts ...typed.Option) setup {
	return func(api *typed.API) {
		typed.Handle(api, pattern, typed.HandlerOf[Req, Out](func(context.Context, Req, *Out) (typed.Answer, error) {
			return typed.Fail(errors.New("nobody calls it"))
		}), opts...)
	}
}

func get[Resp any](opts ...typed.Option) setup {
	return endpoint[typed.None, typed.Response[Resp]]("GET /users/me", opts...)
}

func answer[Out any]() setup { return endpoint[typed.None, Out]("GET /users/me") }

func post[Req any](opts ...typed.Option) setup {
	return endpoint[Req, typed.Response[typed.None]]("POST /users", opts...)
}

func list[Req any](opts ...typed.Option) setup {
	return endpoint[Req, typed.Response[[]int]]("GET /users", opts...)
}

func both(a, b setup) setup { return func(api *typed.API) { a(api); b(api) } }

func (s setup) api() *typed.API { return s.in("") }

// in is the API with a document of a version.
func (s setup) in(version string) *typed.API {
	api := typed.New("Users", "1.0.0", &typed.Options{Schemes: []typed.Scheme{typed.Bearer("token", typed.Keys(map[string]account{}))}})
	s(api)
	docs.Mount(api, &docs.Options{Version: version, SecuritySchemes: map[string]*openapi.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}})
	return api
}

// committed writes the document of an API to a file.
func committed(t *testing.T, api *typed.API) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "openapi.json")
	t.Setenv("GOLDEN_UPDATE", "1")
	compat.Check(t, api, path)
	require.NoError(t, os.Unsetenv("GOLDEN_UPDATE"))
	return path
}

// recorder is a test that may fail.
type recorder struct{ failed, told []string }

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...) }
func (r *recorder) Logf(format string, args ...any) {
	r.told = append(r.told, fmt.Sprintf(format, args...))
}

// changeCase is a change of an API, and what is said of it: level, rule, and the Go field or
// option. A level with a plus is stricter than oasdiff's.
type changeCase struct {
	name          string
	before, after func() setup
	want          []string
}

// Changes of oasdiff's list, each judged as oasdiff judges it or more strictly, and each with
// the Go field or option that it comes from.
func TestChanges(t *testing.T) {
	for _, c := range slices.Concat(answerChanges(), bodyChanges(), otherChanges(), choiceChanges(), ownChanges()) {
		t.Run(c.name, func(t *testing.T) {
			path := committed(t, c.before().api())
			var r recorder
			compat.Check(&r, c.after().api(), path)
			got := r.changes()
			require.Equal(t, c.want, got)
			require.Equal(t, len(got), strings.Count(strings.Join(append(r.failed, r.told...), ""), "\n  "), "every change is understood")
			if len(r.failed) == 0 {
				return
			}
			t.Setenv("GOLDEN_UPDATE", "1")
			compat.Check(t, c.after().api(), path)
			require.NoError(t, os.Unsetenv("GOLDEN_UPDATE"))
			compat.Check(t, c.after().api(), path) // what was accepted is no change any more
		})
	}
}

var line = regexp.MustCompile(`(?m)^  (warning: )?typed: ([A-Z]+ [^:]*: )?(.*?): [^:]*? \[([^ \]]+)[^\]]*\]$`)

// changes are what a check said, as "level rule origin"; a level that is stricter than
// oasdiff's has a plus.
func (r *recorder) changes() []string {
	levels := checker.GetCheckLevels()
	var out []string
	for i, text := range []string{strings.Join(r.failed, "\n"), strings.Join(r.told, "\n")} {
		for _, m := range line.FindAllStringSubmatch(text, -1) {
			level, word := checker.INFO, "INFO"
			switch {
			case i == 0:
				level, word = checker.ERR, "ERR"
			case m[1] != "":
				level, word = checker.WARN, "WARN"
			}
			if theirs, ok := levels[m[4]]; ok && level > theirs {
				word += "+"
			} else if ok && level < theirs {
				word += "-"
			}
			out = append(out, word+" "+m[4]+" "+m[3])
		}
	}
	return out
}

// What is allowed passes, with a reason, and only as long as there is something to allow.
func TestAllow(t *testing.T) {
	type User struct {
		ID    int    `json:"id"`
		Email string `json:"email"`
	}
	type NewUser struct {
		Name string `json:"name"`
		Age  int    `json:"age"`
	}
	path := committed(t, both(get[User](), post[NewUser]()).api())
	after := func() *typed.API {
		type User struct {
			ID int `json:"id"`
		}
		type NewUser struct {
			Name string `json:"name"`
		}
		return both(get[User](), post[NewUser]()).api()
	}
	const member, property = "request-property-removed", "response-required-property-removed"
	for name, c := range map[string]struct {
		opts []compat.Option
		want []string
	}{
		"none":         {nil, []string{property + " GET /users/me]", member + " POST /users]"}},
		"both":         {[]compat.Option{compat.Allow(member, "nobody sent it"), compat.Allow(property, "nobody read it")}, nil},
		"by endpoint":  {[]compat.Option{compat.Allow(member+" POST /users", "nobody sent it"), compat.Allow(property, "nobody read it")}, nil},
		"another":      {[]compat.Option{compat.Allow(member+" POST /posts", "x"), compat.Allow(property, "x"), compat.Allow(member, "x")}, []string{`Allow("request-property-removed POST /posts") excuses nothing: drop it`}},
		"no reason":    {[]compat.Option{compat.Allow(member, ""), compat.Allow(property, "x")}, []string{member + " POST /users]", "says no reason"}},
		"not breaking": {[]compat.Option{compat.Allow("endpoint-added", "x"), compat.Allow(member, "x"), compat.Allow(property, "x")}, []string{`Allow("endpoint-added") excuses nothing`}},
	} {
		t.Run(name, func(t *testing.T) {
			var r recorder
			compat.Check(&r, after(), path, c.opts...)
			if c.want == nil {
				require.Empty(t, r.failed)
			}
			for _, want := range c.want {
				require.Contains(t, strings.Join(r.failed, "\n"), want)
			}
		})
	}
}

// A file that is missing or no document fails, and so does an API without a document.
func TestFiles(t *testing.T) {
	api := get[int]().api()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "missing.json"): "does not exist: run the test with -update to write it",
		dir:                                "is a directory",
		file("text.json", "openapi"):       "the committed document is no JSON",
		file("else.json", `{"openapi":7}`): "the committed document cannot be read",
	} {
		var r recorder
		compat.Check(&r, api, path)
		require.Len(t, r.failed, 1)
		require.Contains(t, r.failed[0], want)
	}
}

// The document of an API is compatible with itself, in each version.
func TestItself(t *testing.T) {
	for _, version := range []string{"3.0", "3.1", "3.2"} {
		type Node struct {
			Name string   `json:"name" validate:"required,max=20"`
			Kids []*Node  `json:"kids" validate:"max=5,dive"`
			Tags []string `json:"tags" validate:"unique"`
			Kind string   `json:"kind" validate:"required_if=Name x,omitempty,oneof=a b"`
		}
		api := typed.New("Nodes", "1.0.0", nil)
		post[Node]()(api)
		endpoint[typed.None, typed.Response[Node]]("GET /files/{path...}")
		docs.Mount(api, &docs.Options{Version: version})
		path := committed(t, api)
		var r recorder
		compat.Check(&r, api, path)
		require.Empty(t, r.failed)
		require.Empty(t, r.told)
	}
}
