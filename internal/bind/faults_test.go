package bind_test

import (
	"io"
	"mime/multipart"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/bind"
)

// Selfish embeds itself.
type Selfish struct {
	Q string `query:"q"`
	*Selfish
}

// ownJSON decodes itself and has a parameter too.
type ownJSON struct {
	Q    string `query:"q"`
	Name string `json:"name"`
}

func (*ownJSON) UnmarshalJSON([]byte) error { return nil }

// OwnText is an embedded type whose fields would be read one by one.
type OwnText struct {
	A string `json:"a"`
}

func (*OwnText) UnmarshalText([]byte) error { return nil }

type hidden struct {
	Q string `query:"q"`
}

// structOf makes what vet would not let pass in a source file: struct{ Q, A, B int },
// where Q is a query parameter, A and the field called last have the given tags.
func structOf(a, b reflect.StructTag, last string) reflect.Type {
	fields := []reflect.StructField{
		{Name: "Q", Type: typeOf[int](), Tag: `query:"q"`},
		{Name: "A", Type: typeOf[int](), Tag: a},
		{Name: last, Type: typeOf[int](), Tag: b},
	}
	if last[0] >= 'a' {
		fields[2].PkgPath = "p"
	}
	return reflect.StructOf(fields)
}

// unexported makes a struct of an unexported field alone.
func unexported(tag reflect.StructTag) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{Name: "a", Type: typeOf[int](), Tag: tag, PkgPath: "p"}})
}

func TestFaults(t *testing.T) {
	post, withID := bind.Options{Method: "POST"}, bind.Options{Method: "POST", PathNames: []string{"id"}}
	for _, tt := range []struct {
		name  string
		typ   reflect.Type
		o     bind.Options
		field string
		want  string // in problem and fix
	}{
		{"pointer", typeOf[*user](), post, "", "is a pointer: take bind_test.user itself"},
		{"two sources", typeOf[struct {
			A int `query:"a" header:"b"`
		}](), post, "A", "the field has the tags query and header: keep one of them"},
		{"parameter and member", typeOf[struct {
			A int `query:"a" json:"a"`
		}](), post, "A", "the field has the tags query and json: keep one"},
		{"no source", typeOf[struct {
			A int `query:"a"`
			B int `qurey:"b"`
		}](), post, "B", "the tag qurey is not known: write query"},
		{"no source at all", typeOf[struct {
			A int `query:"a"`
			B int
		}](), post, "B", "does not say where it comes from"},
		{"no source, embedded scalar", typeOf[struct {
			A int `query:"a"`
			Level
		}](), post, "Level", "does not say where it comes from"},
		{"unexported", typeOf[struct {
			a int `query:"a"`
		}](), post, "a", "has a query tag but is not exported: export the field"},
		{"unexported member", structOf(`query:"a"`, `json:"b"`, "b"), post, "b", "has a json tag but is not exported"},
		{"unexported member alone", unexported(`json:"a"`), post, "a", "the field has a json tag but is not exported: export the field, or drop the tag"},
		{"unexported member below", reflect.SliceOf(unexported(`json:"a"`)), post, "a", "the field has a json tag but is not exported: export the field, or drop the tag"},
		{"unexported in the query", reflect.StructOf([]reflect.StructField{
			{Name: "F", Type: reflect.StructOf([]reflect.StructField{{Name: "B", Type: typeOf[int]()}, unexported(`json:"a"`).Field(0)}), Tag: `query:"f"`},
		}), post, "F.a", "the field has a json tag but is not exported: export the field, or drop the tag"},
		{"unexported in the query, by a query tag", reflect.StructOf([]reflect.StructField{
			{Name: "F", Type: unexported(`query:"a"`), Tag: `query:"f"`},
		}), post, "F.a", "the field has a query tag but is not exported: export the field, or drop the tag"},
		{"empty name", typeOf[struct {
			UserID int `query:""`
		}](), post, "UserID", `the query tag is empty: write the name, like query:"userid"`},
		{"options", typeOf[struct {
			A int `query:"a,omitempty"`
		}](), post, "A", `the query tag has the option "omitempty", and there are only comma and format, as in format:DateOnly: write query:"a"`},
		{"space", typeOf[struct {
			A int `query:" a"`
		}](), post, "A", "has a space"},
		{"duplicate query", typeOf[struct {
			A int `query:"a"`
			B int `query:"a"`
		}](), post, "B", `the field A reads the same query parameter "a"`},
		{"duplicate header", typeOf[struct {
			A int `header:"X-A"`
			B int `header:"x-a"`
		}](), post, "B", `the field A reads the same header field "x-a"`},
		{"duplicate cookie", typeOf[struct {
			A int `cookie:"a"`
			B int `cookie:"a"`
		}](), post, "B", `the same cookie "a"`},
		{"duplicate form field", typeOf[struct {
			A int `form:"a"`
			B int `form:"a"`
		}](), post, "B", `the same form field "a"`},
		{"duplicate path", typeOf[struct {
			A int `path:"id"`
			B int `path:"id"`
		}](), withID, "B", `the same path parameter "id"`},
		{"duplicate member", structOf(`json:"a"`, `json:"a"`, "B"), post, "B", `the same member "a"`},
		{"path without field", typeOf[struct{}](), withID, "", `the path has {id}, which no field takes: add a field with the tag path:"id"`},
		{"field without path", typeOf[struct {
			A int `path:"a"`
		}](), post, "A", "the path has no {a}"},
		{"header name", typeOf[struct {
			A int `header:"X:A"`
		}](), post, "A", "is not a name of a header field"},
		{"host", typeOf[struct {
			A string `header:"host"`
		}](), post, "A", "never among its header fields"},
		{"cookie name", typeOf[struct {
			A int `cookie:"a=b"`
		}](), post, "A", "is not a name of a cookie"},
		{"struct parameter", typeOf[struct {
			A user `form:"a"`
		}](), post, "A", "a form field cannot be read into a bind_test.user"},
		{"URL parameter", typeOf[struct {
			A url.URL `query:"a"`
		}](), post, "A", "cannot be read into a url.URL"},
		{"map parameter", typeOf[struct {
			A map[string]string `query:"a"`
		}](), post, "A", "cannot be read into"},
		{"any parameter", typeOf[struct {
			A any `query:"a"`
		}](), post, "A", "cannot be read into"},
		{"interface with UnmarshalText", typeOf[struct {
			A interface{ UnmarshalText([]byte) error } `query:"a"`
		}](), post, "A", "cannot be read into"},
		{"complex parameter", typeOf[struct {
			A complex128 `header:"a"`
		}](), post, "A", "cannot be read into"},
		{"pointer to pointer", typeOf[struct {
			A **int `query:"a"`
		}](), post, "A", "cannot be read into"},
		{"pointer to slice", typeOf[struct {
			A *[]int `query:"a"`
		}](), post, "A", "cannot be read into"},
		{"slice of pointers", typeOf[struct {
			A []*int `query:"a"`
		}](), post, "A", "cannot be read into"},
		{"bytes parameter", typeOf[struct {
			A []byte `query:"a"`
		}](), post, "A", "bytes cannot be read from a query parameter"},
		{"file", typeOf[struct {
			A *multipart.FileHeader `form:"a"`
		}](), post, "A", "cannot be read into"},
		{"slice in path", typeOf[struct {
			A []int `path:"id"`
		}](), withID, "A", "a path parameter has one value"},
		{"slice in cookie", typeOf[struct {
			A []int `cookie:"a"`
		}](), post, "A", "a cookie has one value"},
		{"default in path", typeOf[struct {
			A int `path:"id" default:"1"`
		}](), withID, "A", "a path parameter is never absent"},
		{"default of another type", typeOf[struct {
			A int8 `query:"a" default:"300"`
		}](), post, "A", `the default "300" does not fit: it must be a whole number from -128 to 127`},
		{"default of a list", typeOf[struct {
			A []int `query:"a" default:"1,x"`
		}](), post, "A", `the default "1,x" does not fit`},
		{"default of a member", typeOf[struct {
			Q int `query:"q"`
			A int `json:"a" default:"1"`
		}](), post, "A", "default is for parameters"},
		{"default of a body", typeOf[struct {
			A *int `body:"" default:"1"`
		}](), post, "A", "default is for parameters"},
		{"default within a body", typeOf[struct {
			A []struct {
				B int `default:"1"`
			}
		}](), post, "A.B", "default is for parameters"},
		{"default within a member", typeOf[struct {
			Q int `query:"q"`
			A struct {
				B int `default:"1"`
			} `json:"a"`
		}](), post, "A.B", "default is for parameters"},
		{"named body", typeOf[struct {
			A user `body:"user"`
		}](), post, "A", `the body tag says "user"`},
		{"two bodies", typeOf[struct {
			A user `body:""`
			B user `body:""`
		}](), post, "B", "the body is bound twice"},
		{"two byte bodies", typeOf[struct {
			A []byte `body:""`
			B []byte `body:""`
		}](), post, "B", "the body is bound twice"},
		{"stream and bytes", typeOf[struct {
			A io.Reader `body:""`
			B []byte    `body:""`
		}](), post, "B", "the body is a stream in another field"},
		{"form and members", typeOf[struct {
			A int `form:"a"`
			B int `json:"b"`
		}](), post, "B", "the body is a form in some fields and JSON in others"},
		{"form and body", typeOf[struct {
			A int  `form:"a"`
			B user `body:""`
		}](), post, "A", "the body is a form here and bound whole"},
		{"body and members", typeOf[struct {
			A int  `json:"a"`
			B user `body:""`
		}](), post, "A", "the body is bound whole in another field"},
		{"JSON on GET", typeOf[user](), bind.Options{Method: "GET"}, "", "the request type is the body, and a GET request has none"},
		{"JSON on HEAD", typeOf[[]int](), bind.Options{Method: "HEAD"}, "", "a HEAD request has none"},
		{"JSON on DELETE", typeOf[user](), bind.Options{Method: "DELETE"}, "", "a DELETE request has none"},
		{"members on GET", typeOf[struct {
			Q int `query:"q"`
			A int `json:"a"`
		}](), bind.Options{Method: "GET"}, "A", "a GET request has no body to read this from"},
		{"members on DELETE", typeOf[struct {
			Q int `query:"q"`
			A int `json:"a"`
		}](), bind.Options{Method: "DELETE"}, "A", "a DELETE request has no body"},
		{"form on GET", typeOf[struct {
			A int `form:"a"`
		}](), bind.Options{Method: "GET"}, "A", "a GET request has no body"},
		{"body on GET", typeOf[struct {
			A io.Reader `body:""`
		}](), bind.Options{Method: "GET"}, "A", "a GET request has no body"},
		{"not for JSON", typeOf[chan int](), post, "", "JSON cannot be decoded into it"},
		{"body not for JSON", typeOf[struct {
			A func() `body:""`
		}](), post, "A", "JSON cannot be decoded into it"},
		{"member not for JSON", typeOf[struct {
			Q int      `query:"q"`
			A chan int `json:"a"`
		}](), post, "A", "JSON cannot be decoded into it"},
		{"pointer to bytes", typeOf[struct {
			A *[]byte `body:""`
		}](), post, "A", "the bytes of a body are never absent, at most empty: use []uint8"},
		{"embed option", typeOf[struct {
			Q int            `query:"q"`
			A map[string]any `json:",embed"`
		}](), post, "A", "the json option embed does not work beside parameters"},
		{"embeds itself", typeOf[Selfish](), post, "Selfish", "the struct embeds itself"},
		{"embedded unexported pointer", typeOf[struct {
			*hidden
		}](), post, "hidden", "an embedded pointer to an unexported struct cannot be set"},
		{"embedded time", typeOf[struct {
			Q int `query:"q"`
			time.Time
		}](), post, "Time", "the embedded type decodes itself"},
		{"embedded with its own form", typeOf[struct {
			Q int `query:"q"`
			OwnText
		}](), post, "OwnText", "the embedded type decodes itself"},
		{"pointers to pointers only", typeOf[struct {
			Q int    `query:"q"`
			A nobody `json:"a"`
		}](), post, "A", "is a pointer to pointers only"},
		{"own JSON beside parameters", typeOf[ownJSON](), post, "", "the request type decodes itself, but it has parameters too"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan, faults := bind.Compile(tt.typ, tt.o)
			if plan != nil || len(faults) != 1 {
				t.Fatalf("plan %v, faults %+v", plan, faults)
			}
			f := faults[0]
			if f.Field != tt.field || !strings.Contains(f.Problem+": "+f.Fix, tt.want) || f.Fix == "" {
				t.Errorf("got %s: %s: %s", f.Field, f.Problem, f.Fix)
			}
		})
	}
}

// Level is an embedded scalar.
type Level string

// nobody never points to anything else.
type nobody *nobody

// Types that hold nothing but themselves.
type (
	tree map[string]tree
	list []*list
)

func TestAllFaultsAtOnce(t *testing.T) {
	type in struct {
		A int      `query:""`
		B chan int `header:"b"`
		C int
		D int `query:"d" default:"x"`
		E int `path:"e"`
	}
	_, faults := bind.Compile(typeOf[in](), bind.Options{Method: "POST", PathNames: []string{"id"}})
	var got []string
	for _, f := range faults {
		got = append(got, f.Field)
	}
	if want := "A B C D E "; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSoundDeclarations(t *testing.T) {
	type recursive struct {
		Children []recursive `json:"children"`
	}
	get, post := bind.Options{Method: "GET"}, bind.Options{Method: "POST"}
	for _, tt := range []struct {
		name string
		typ  reflect.Type
		o    bind.Options
		kind bind.BodyKind
	}{
		{"nothing", typeOf[struct{}](), get, bind.NoBody},
		{"nothing exported", typeOf[struct{ mu sync.Mutex }](), get, bind.NoBody},
		{"nothing but ignored", typeOf[struct {
			A int `json:"-"`
		}](), get, bind.NoBody},
		{"embedded nothing", typeOf[struct{ Nothing }](), get, bind.NoBody},
		{"parameters", typeOf[everything](), get, bind.NoBody},
		{"embedded parameters", typeOf[struct{ page }](), get, bind.NoBody},
		{"ignored field with a source", typeOf[struct {
			A int `query:"a" json:"-"`
		}](), get, bind.NoBody},
		{"any", typeOf[any](), post, bind.JSONBody},
		{"recursive", typeOf[recursive](), post, bind.JSONBody},
		{"recursive map", typeOf[tree](), post, bind.JSONBody},
		{"recursive slice", typeOf[struct {
			Q int  `query:"q"`
			A list `json:"a"`
		}](), post, bind.JSONBody},
		{"time", typeOf[time.Time](), post, bind.JSONBody},
		{"form", typeOf[struct {
			A []int `form:"a"`
		}](), post, bind.FormBody},
		{"bytes", typeOf[[]byte](), post, bind.RawBody},
		{"stream", typeOf[io.ReadCloser](), post, bind.StreamBody},
		{"body on DELETE", typeOf[struct {
			A user `body:""`
		}](), bind.Options{Method: "DELETE"}, bind.JSONBody},
		{"embedded body", typeOf[struct {
			Q   int `query:"q"`
			Any `body:""`
		}](), post, bind.JSONBody},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan, faults := bind.Compile(tt.typ, tt.o)
			if len(faults) > 0 {
				t.Fatalf("%+v", faults)
			}
			if plan.BodyKind() != tt.kind {
				t.Errorf("kind %v", plan.BodyKind())
			}
		})
	}
}

// Any is a body of any shape.
type Any struct{ X, Y int }

func TestPathNames(t *testing.T) {
	type keys struct {
		B string `path:"b"`
	}
	type in struct {
		C int `path:"c"`
		keys
		A int `path:"a"`
		Q int `query:"q"`
	}
	if got := strings.Join(bind.PathNames(typeOf[in]()), " "); got != "c b a" {
		t.Errorf("got %s", got)
	}
	if got := bind.PathNames(typeOf[[]int]()); got != nil {
		t.Errorf("got %s", got)
	}
}

// Nothing is embedded and has no fields.
type Nothing struct{}
