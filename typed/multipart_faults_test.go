package typed_test

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

func handlePost[Req any](method string, opts ...typed.Option) (said string, api *typed.API) {
	api = typed.New("A", "1", nil)
	defer func() {
		if v := recover(); v != nil {
			said = fmt.Sprint(v)
		}
	}()
	typed.Handle(api, method+" /up", typed.Func(func(context.Context, Req) (typed.None, error) { return typed.None{}, nil }), opts...)
	return "", api
}

// What is declared wrong of files is refused when it is handled, with what to write.
func TestMultipartDeclarations(t *testing.T) {
	type nested struct {
		Name  string       `json:"name"`
		Files []typed.File `json:"files"`
	}
	for want, declared := range map[string]func() (string, *typed.API){
		`accept has "text/csv", which the content of a file does not tell: write text/plain, as which it counts`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f" accept:"image/png, text/csv"`
			}]("POST")
		},
		`accept has "image/heic", which the content of a file does not tell: write one of application/ogg`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f" accept:"image/heic"`
			}]("POST")
		},
		`accept has "application/octet-stream"`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f" accept:"application/octet-stream"`
			}]("POST")
		},
		`maxsize is "5MiB": write a number of bytes, or one with kB, MB or GB`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f" maxsize:"5MiB"`
			}]("POST")
		},
		`maxsize is "0"`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f" maxsize:"0"`
			}]("POST")
		},
		`maxsize is "99999999999GB"`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f" maxsize:"99999999999GB"`
			}]("POST")
		},
		`the tag accept is for files, and this is a string: make it a typed.File, or drop the tag`: func() (string, *typed.API) {
			return handlePost[struct {
				F string `form:"f" accept:"image/png"`
			}]("POST")
		},
		`the tag maxsize is for files`: func() (string, *typed.API) {
			return handlePost[struct {
				F []byte `body:"" maxsize:"1MB"`
			}]("POST")
		},
		`a file cannot be read from a query parameter: write form:"name"`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `query:"f"`
			}]("POST")
		},
		`a file cannot be read from a member`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `json:"f"`
				Q string     `query:"q"`
			}]("POST")
		},
		`a file cannot be read from a body`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `body:""`
			}]("POST")
		},
		`field Files: the struct typed.File has no exported fields: use a type that JSON can be decoded into`: func() (string, *typed.API) { return handlePost[nested]("POST") },
		`field M: JSON cannot be decoded into it: field Files: the struct typed.File has no exported fields`: func() (string, *typed.API) {
			return handlePost[struct {
				M nested `part:"meta"`
			}]("POST")
		},
		`a part is JSON, and this type is not decoded from it: take a typed.File, with form:"meta"`: func() (string, *typed.API) {
			return handlePost[struct {
				M io.Reader `part:"meta"`
			}]("POST")
		},
		`the field F reads the same form field "f"`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f"`
				G string     `form:"f"`
			}]("POST")
		},
		`the field G reads the same part "f"`: func() (string, *typed.API) {
			return handlePost[struct {
				G string     `form:"f"`
				F uploadMeta `part:"f"`
			}]("POST")
		},
		`the form tag is empty`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:""`
			}]("POST")
		},
		`a file has no default`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f" default:"x"`
			}]("POST")
		},
		`default is for parameters, and this is a JSON part`: func() (string, *typed.API) {
			return handlePost[struct {
				F uploadMeta `part:"f" default:"x"`
			}]("POST")
		},
		`the body is a form in some fields and JSON in others`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f"`
				J string     `json:"j"`
			}]("POST")
		},
		`the body is a form here and bound whole in another field`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f"`
				J uploadMeta `body:""`
			}]("POST")
		},
		`the bytes of a multipart body are not kept`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f"`
				B []byte     `body:""`
			}]("POST")
		},
		`a GET request has no body to read this from`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f"`
			}]("GET")
		},
		`the option MaxBody allows 1000000 bytes, and the files of the request may have 3000000`: func() (string, *typed.API) {
			return handlePost[struct {
				F []typed.File `form:"f" validate:"max=3" maxsize:"1MB"`
			}]("POST", typed.MaxBody(1e6))
		},
		`the option Accepts is for bodies of JSON, lines or bytes`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f"`
			}]("POST", typed.Accepts("text/plain"))
		},
		`the tag maxSize is not known: write maxsize`: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f" maxSize:"1MB"`
			}]("POST")
		},
	} {
		said, _ := declared()
		require.Contains(t, said, want)
	}
	type answers struct {
		F typed.File `json:"f"`
	}
	require.Panics(t, func() {
		typed.Handle(typed.New("A", "1", nil), "GET /up", typed.Func(func(context.Context, typed.None) (answers, error) { return answers{}, nil }))
	})
}

// MaxBody fits the files that are declared, beside the texts.
func TestMultipartMaxBody(t *testing.T) {
	for want, declared := range map[int64]func() (string, *typed.API){
		1<<20 + 5e6: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f" maxsize:"5 MB"`
			}]("POST")
		},
		1<<20 + 64*1000: func() (string, *typed.API) {
			return handlePost[struct {
				F []typed.File `form:"f" maxsize:"1kB"`
			}]("POST")
		},
		1<<20 + 3*1000 + 7: func() (string, *typed.API) {
			return handlePost[struct {
				F []typed.File `form:"f" maxsize:"1kB" validate:"max=3"`
				G *typed.File  `form:"g" maxsize:"7B"`
			}]("POST")
		},
		1 << 20: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f"`
			}]("POST")
		},
		6e6: func() (string, *typed.API) {
			return handlePost[struct {
				F typed.File `form:"f" maxsize:"5MB"`
			}]("POST", typed.MaxBody(6e6))
		},
	} {
		said, api := declared()
		require.Empty(t, said)
		for op := range api.Operations() {
			require.Equal(t, want, op.MaxBody)
		}
	}
}
