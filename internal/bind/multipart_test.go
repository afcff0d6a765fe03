package bind_test

import (
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/upload"
	"github.com/apiroutes/apiroutes/internal/wire"
)

type multipartForm struct {
	Title string        `form:"title"`
	File  upload.File   `form:"file" accept:"image/*,text/plain" maxsize:"100kB"`
	Note  *upload.File  `form:"note"`
	Files []upload.File `form:"files" maxsize:"1KB"`
	Meta  struct {
		A int `json:"a"`
	} `part:"meta"`
	More *struct {
		A int `json:"a"`
	} `part:"more"`
}

func multipartBody(parts ...string) string {
	var b strings.Builder
	for i := 0; i < len(parts); i += 2 {
		b.WriteString("--XX\r\nContent-Disposition: form-data; name=" + parts[i] + "\r\n\r\n" + parts[i+1] + "\r\n")
	}
	return b.String() + "--XX--"
}

func TestMultipart(t *testing.T) {
	two := func(reflect.StructField) []int { return []int{2} }
	plan := compile[multipartForm](t, bind.Options{Method: "POST", MaxElements: two})
	require.Equal(t, int64(1<<20+100_000+2*1000), plan.MaxBody())
	require.Equal(t, bind.MultipartBody, plan.BodyKind())
	require.True(t, plan.CrossSite())
	bound := func(body, contentType string) (*multipartForm, *upload.Store, int) {
		var in multipartForm
		files, problem := plan.BindFiles(&wire.NetHTTP{R: post(body, contentType)}, nil, &in)
		if problem != nil {
			require.Nil(t, files)
			return nil, nil, problem.Status
		}
		return &in, files, 0
	}
	const media = "multipart/form-data; boundary=XX"
	meta := []string{"meta", `{"a":1}`}
	in, files, status := bound(multipartBody("title", "T", "file", strings.Repeat("x", 80_000), "note", "n", "files", "1", "files", "2", "meta", `{"a":1}`, "more", `{"a":2}`, "x", "y"), media)
	require.Zero(t, status)
	require.Equal(t, "T", in.Title)
	require.Equal(t, int64(80_000), in.File.Size())
	require.Equal(t, int64(1), in.Note.Size())
	require.Len(t, in.Files, 2)
	require.Equal(t, 3, in.Meta.A+in.More.A)
	r, err := in.File.Open()
	require.NoError(t, err)
	files.Close()
	_, err = io.ReadAll(r)
	require.Error(t, err)
	for name, tt := range map[string]struct {
		body, media string
		status      int
	}{
		"no boundary":    {multipartBody(meta...), "multipart/form-data", 400},
		"no JSON part":   {multipartBody("title", "T"), media, 422},
		"two files":      {multipartBody(append(meta, "file", "1", "file", "2")...), media, 422},
		"three files":    {multipartBody(append(meta, "files", "1", "files", "2", "files", "3", "files", "4")...), media, 422},
		"two JSON parts": {multipartBody(append(meta, "meta", "{}", "meta", "{}")...), media, 422},
		"another type":   {multipartBody(append(meta, "file", "%PDF-")...), media, 415},
		"too large":      {multipartBody(append(meta, "file", strings.Repeat("x", 100_001))...), media, 413},
		"all too large":  {multipartBody(append(meta, "note", strings.Repeat("x", 2<<20))...), media, 413},
		"much text":      {multipartBody(append(meta, "title", strings.Repeat("x", 1<<20))...), media, 413},
		"no UTF-8":       {multipartBody(append(meta, "title", "\xff")...), media, 400},
		"bad JSON":       {multipartBody("meta", "{"), media, 400},
		"empty JSON":     {multipartBody("meta", ""), media, 400},
		"wrong JSON":     {multipartBody("meta", `{"a":"x"}`), media, 422},
		"a text's type":  {multipartBody(append(meta, "title\r\nContent-Type: a/b", "x")...), media, 415},
		"a charset":      {multipartBody(append(meta, "title\r\nContent-Type: text/plain; charset=latin1", "x")...), media, 415},
		"malformed":      {"--XX", media, 400},
	} {
		_, _, status := bound(tt.body, tt.media)
		require.Equal(t, tt.status, status, name)
	}
	in1, name, pointer := plan.Locate("Meta.A", "/Meta/a")
	require.Equal(t, []string{"form", "meta", "/a"}, []string{in1, name, pointer})
}

func TestMultipartFaults(t *testing.T) {
	for want, typ := range map[string]reflect.Type{
		"which the content of a file does not tell": reflect.TypeFor[struct {
			F upload.File `form:"f" accept:"text/csv"`
		}](),
		"maxsize is": reflect.TypeFor[struct {
			F upload.File `form:"f" maxsize:"x"`
		}](),
		"is for files": reflect.TypeFor[struct {
			F string `form:"f" maxsize:"1"`
		}](),
		"cannot be read from a": reflect.TypeFor[struct {
			F upload.File `query:"f"`
		}](),
		"has no default": reflect.TypeFor[struct {
			F upload.File `form:"f" default:"x"`
		}](),
		"not decoded from it": reflect.TypeFor[struct {
			F []byte `part:"f"`
		}](),
		"default is for": reflect.TypeFor[struct {
			F int `part:"f" default:"1"`
		}](),
		"the same part": reflect.TypeFor[struct {
			F upload.File `form:"f"`
			G int         `part:"f"`
		}](),
		"are not kept": reflect.TypeFor[struct {
			F upload.File `form:"f"`
			B []byte      `body:""`
		}](),
		"the option MaxBody allows": reflect.TypeFor[struct {
			F upload.File `form:"f" maxsize:"1GB"`
		}](),
	} {
		_, faults := bind.Compile(typ, bind.Options{Method: "POST", MaxBody: 100, MaxBodySet: true})
		require.NotEmpty(t, faults, want)
		require.Contains(t, faults[0].Problem, want)
	}
}
