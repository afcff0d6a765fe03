package typed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type uploadMeta struct {
	Tags []string `json:"tags" validate:"max=2,dive,min=2"`
	Zip  string   `json:"zip" validate:"omitempty,len=5"`
}

type uploaded struct {
	Title  string       `form:"title" validate:"required,max=100"`
	Pages  []int        `form:"page"`
	Public bool         `form:"public"`
	Avatar typed.File   `form:"avatar" accept:"image/png,image/jpeg" maxsize:"200kB"`
	Extras []typed.File `form:"extra" validate:"max=3" maxsize:"1MB"`
	Note   *typed.File  `form:"note"`
	Meta   *uploadMeta  `part:"meta"`
}

const pngHead = "\x89PNG\r\n\x1a\n"

// piece is one part: its Content-Disposition, further header lines, and content.
type piece struct {
	disposition string
	header      string
	content     string
}

func textPart(name, content string) piece {
	return piece{`form-data; name="` + name + `"`, "", content}
}

func filePart(name, filename, content string) piece {
	return piece{`form-data; name="` + name + `"; filename="` + filename + `"`, "Content-Type: application/octet-stream\r\n", content}
}

func multipartBody(pieces ...piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString("--XX\r\nContent-Disposition: " + p.disposition + "\r\n" + p.header + "\r\n" + p.content + "\r\n")
	}
	b.WriteString("--XX--\r\n")
	return b.String()
}

const multipartXX = "multipart/form-data; boundary=XX"

// temporary is a folder for temporary files, and counts what is in it and which files of it
// are open.
func temporary(t *testing.T) (left func() int) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return func() int {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		n := len(entries)
		if open, err := os.ReadDir("/proc/self/fd"); err == nil {
			for _, fd := range open {
				if target, _ := os.Readlink(filepath.Join("/proc/self/fd", fd.Name())); strings.HasPrefix(target, dir) && target != dir {
					n++
				}
			}
		}
		return n
	}
}

// said is what a handler saw of its files.
func filesSaid(files ...typed.File) string {
	var b strings.Builder
	for _, f := range files {
		if f == (typed.File{}) {
			b.WriteString("absent;")
			continue
		}
		r, err := f.Open()
		if err != nil {
			return err.Error()
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return err.Error()
		}
		if len(content) > 20 {
			content = content[:20]
		}
		fmt.Fprintf(&b, "%s %d %s %q;", f.Name(), f.Size(), f.Type(), content)
	}
	return b.String()
}

func uploads(opts *typed.Options, handled func(uploaded) error) *typed.API {
	api := typed.New("Uploads", "1", opts)
	typed.Handle(api, "POST /up", typed.Func(func(_ context.Context, in uploaded) (string, error) {
		if handled != nil {
			if err := handled(in); err != nil {
				return "", err
			}
		}
		said := fmt.Sprintf("%s %v %t|%s|%s|", in.Title, in.Pages, in.Public, filesSaid(in.Avatar), filesSaid(in.Extras...))
		if in.Note != nil {
			said += filesSaid(*in.Note)
		}
		if in.Meta != nil {
			said += fmt.Sprintf("%+v", *in.Meta)
		}
		return said, nil
	}))
	return api
}

func post(api http.Handler, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/up", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w
}

func TestMultipart(t *testing.T) {
	left := temporary(t)
	title := textPart("title", "T")
	large := pngHead + strings.Repeat("x", 100_000)
	for name, tt := range map[string]struct {
		body string
		want string
	}{
		"texts":               {multipartBody(textPart("title", "é"), textPart("page", "1"), textPart("page", "2"), textPart("public", "on")), "é [1 2] true|absent;||"},
		"a file":              {multipartBody(title, filePart("avatar", "a.png", pngHead)), `T [] false|a.png 8 image/png "\x89PNG\r\n\x1a\n";||`},
		"a large file":        {multipartBody(title, filePart("avatar", "a.png", large)), `T [] false|a.png 100008 image/png "\x89PNG\r\n\x1a\nxxxxxxxxxxxx";||`},
		"the type by content": {multipartBody(title, piece{`form-data; name=extra; filename=a.png`, "Content-Type: image/png\r\n", "<html>"}), `T [] false|absent;|a.png 6 text/html "<html>";|`},
		"several":             {multipartBody(filePart("extra", "1", "one"), title, filePart("extra", "2", strings.Repeat("2", 70_000)), filePart("extra", "", "three")), `T [] false|absent;|1 3 text/plain "one";2 70000 text/plain "22222222222222222222"; 5 text/plain "three";|`},
		"nothing chosen":      {multipartBody(title, filePart("avatar", "", ""), filePart("extra", "", ""), filePart("note", "", "")), "T [] false|absent;||"},
		"an empty file":       {multipartBody(title, filePart("note", "empty", "")), `T [] false|absent;||empty 0 text/plain "";`},
		"without a filename":  {multipartBody(title, textPart("note", "text")), `T [] false|absent;|| 4 text/plain "text";`},
		"JSON":                {multipartBody(title, piece{`form-data; name="meta"; filename="blob"`, "Content-Type: application/json\r\n", `{"tags":["ab"],"zip":""}`}), "T [] false|absent;||{Tags:[ab] Zip:}"},
		"JSON without a type": {multipartBody(title, textPart("meta", `{"tags":[]}`)), "T [] false|absent;||{Tags:[] Zip:}"},
		"nobody asked":        {multipartBody(title, textPart("x", "y"), filePart("z", "z", large), textPart("", "")), "T [] false|absent;||"},
		"in any order":        {multipartBody(textPart("public", "false"), title, textPart("public2", "")), "T [] false|absent;||"},
		"a preamble":          {"Hello\r\n" + multipartBody(title) + "and goodbye", "T [] false|absent;||"},
		"lines without CR":    {strings.ReplaceAll(multipartBody(title), "\r\n", "\n"), "T [] false|absent;||"},
		"a charset":           {multipartBody(piece{`form-data; name="title"`, "Content-Type: text/plain; charset=UTF-8\r\n", "T"}), "T [] false|absent;||"},
		"sent as it is":       {multipartBody(piece{`form-data; name="title"`, "Content-Transfer-Encoding: 8bit\r\n", "T"}), "T [] false|absent;||"},
		"a nested one":        {multipartBody(title, piece{`form-data; name="note"`, "Content-Type: multipart/mixed; boundary=YY\r\n", "--YY\r\n\r\nx\r\n--YY--"}), `T [] false|absent;|| 17 text/plain "--YY\r\n\r\nx\r\n--YY--";`},
		"names":               {multipartBody(title, filePart("extra", `..\..\a`, "1"), filePart("extra", "../b\tc", "2"), filePart("extra", "\u202egpj.exe", "3")), `T [] false|absent;|a 1 text/plain "1";bc 1 text/plain "2";gpj.exe 1 text/plain "3";|`},
		"quotes in a name":    {multipartBody(title, piece{`form-data; name="note"; filename="a\"b\\c.txt"`, "", "1"}), `T [] false|absent;||c.txt 1 text/plain "1";`},
		"filename* is none":   {multipartBody(title, piece{`form-data; name="note"; filename="a.txt"; filename*=UTF-8''b.exe`, "", "1"}), `T [] false|absent;||a.txt 1 text/plain "1";`},
		"only filename*":      {multipartBody(title, piece{`form-data; name="note"; filename*=UTF-8''b.exe`, "", "1"}), `T [] false|absent;|| 1 text/plain "1";`},
	} {
		t.Run(name, func(t *testing.T) {
			w := post(uploads(nil, nil), multipartXX, tt.body)
			want, err := json.Marshal(tt.want)
			require.NoError(t, err)
			var got, expected string
			require.Equal(t, 200, w.Code, w.Body.String())
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
			require.NoError(t, json.Unmarshal(want, &expected))
			require.Equal(t, expected, got)
			require.Zero(t, left())
		})
	}
}

func TestMultipartRefused(t *testing.T) {
	left := temporary(t)
	title := textPart("title", "T")
	large := pngHead + strings.Repeat("x", 100_000)
	many := func(n int, p piece) []piece {
		pieces := make([]piece, n)
		for i := range pieces {
			pieces[i] = p
		}
		return append(pieces, title)
	}
	for name, tt := range map[string]struct {
		contentType string
		body        string
		status      int
		want        string // is in the answer
	}{
		"a urlencoded form":      {"application/x-www-form-urlencoded", "title=T", 415, "multipart/form-data"},
		"no boundary":            {"multipart/form-data", multipartBody(title), 400, "has no boundary"},
		"a long boundary":        {"multipart/form-data; boundary=" + strings.Repeat("X", 71), "", 400, "more than 70 characters"},
		"a wrong boundary":       {`multipart/form-data; boundary="a\"b"`, "", 400, "none may have"},
		"a blank at its end":     {`multipart/form-data; boundary="a "`, "", 400, "none may have"},
		"multipart/mixed":        {"multipart/mixed; boundary=XX", multipartBody(title), 415, ""},
		"nothing":                {multipartXX, "", 400, "is empty"},
		"no parts":               {multipartXX, "--XX--", 422, `"name":"title"`},
		"no end":                 {multipartXX, strings.TrimSuffix(multipartBody(title), "--XX--\r\n"), 400, "not well-formed"},
		"half a part":            {multipartXX, "--XX\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nT", 400, "not well-formed"},
		"half a file":            {multipartXX, "--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n" + large, 400, "not well-formed"},
		"half a head":            {multipartXX, "--XX\r\nContent-Disposition: form-data", 400, "not well-formed"},
		"another boundary":       {multipartXX, strings.ReplaceAll(multipartBody(title), "XX", "YY"), 400, "not well-formed"},
		"no disposition":         {multipartXX, "--XX\r\n\r\nT\r\n--XX--\r\n", 400, "has no name"},
		"two dispositions":       {multipartXX, multipartBody(piece{`form-data; name="title"`, "Content-Disposition: form-data; name=\"a\"\r\n", "T"}), 400, "has no name"},
		"an attachment":          {multipartXX, multipartBody(piece{`attachment; name="title"`, "", "T"}), 400, "has no name"},
		"no name":                {multipartXX, multipartBody(piece{`form-data; filename="a"`, "", "T"}), 400, "has no name"},
		"two names":              {multipartXX, multipartBody(piece{`form-data; name="title"; name="x"`, "", "T"}), 400, "has no name"},
		"two filenames":          {multipartXX, multipartBody(piece{`form-data; name="title"; filename="x"; filename="y"`, "", "T"}), 400, "has no name"},
		"an open quote":          {multipartXX, multipartBody(piece{`form-data; name="title`, "", "T"}), 400, "has no name"},
		"text after a quote":     {multipartXX, multipartBody(piece{`form-data; name="title"x`, "", "T"}), 400, "has no name"},
		"a head of 9 KiB":        {multipartXX, multipartBody(piece{`form-data; name="title"`, "X: " + strings.Repeat("x", 9<<10) + "\r\n", "T"}), 413, "more than 8192 bytes"},
		"a head of 1 MB":         {multipartXX, multipartBody(piece{`form-data; name="title"`, "X: " + strings.Repeat("x", 1e6) + "\r\n", "T"}), 413, "more than 8192 bytes"},
		"a head of many fields":  {multipartXX, multipartBody(piece{`form-data; name="title"`, strings.Repeat("X: 1\r\n", 20_000), "T"}), 413, "more than 8192 bytes"},
		"a long name":            {multipartXX, multipartBody(piece{`form-data; name="` + strings.Repeat("x", 1e6) + `"`, "", "T"}), 413, "more than 8192 bytes"},
		"1 001 parts":            {multipartXX, multipartBody(many(1000, textPart("page", "1"))...), 422, "more than 1000 parts"},
		"10 000 parts":           {multipartXX, multipartBody(many(10_000, textPart("x", "1"))...), 422, "more than 1000 parts"},
		"4 files":                {multipartXX, multipartBody(many(4, filePart("extra", "a", "1"))...), 422, `"name":"extra","rule":"max","param":"3"`},
		"two files of one":       {multipartXX, multipartBody(title, filePart("note", "a", "1"), filePart("note", "b", "2")), 422, `"name":"note","rule":"repeated"`},
		"two texts of one":       {multipartXX, multipartBody(title, title), 422, `"name":"title","rule":"repeated"`},
		"two JSON parts of one":  {multipartXX, multipartBody(title, textPart("meta", `{"tags":[]}`), textPart("meta", `{"tags":[]}`)), 422, `"name":"meta","rule":"repeated"`},
		"a wrong type":           {multipartXX, multipartBody(title, filePart("avatar", "a.png", "GIF89a")), 415, `"name":"avatar","rule":"accept","param":"image/png, image/jpeg"`},
		"a type that lies":       {multipartXX, multipartBody(title, piece{`form-data; name="avatar"; filename="a.png"`, "Content-Type: image/png\r\n", "<script>"}), 415, `"name":"avatar"`},
		"too large":              {multipartXX, multipartBody(title, filePart("avatar", "a.png", pngHead+strings.Repeat("x", 200_000))), 413, `"name":"avatar","rule":"maxsize","param":"200 kB"`},
		"too large in memory":    {multipartXX, multipartBody(title, filePart("extra", "a", strings.Repeat("x", 1_000_001))), 413, `"name":"extra","rule":"maxsize"`},
		"too large as a whole":   {multipartXX, multipartBody(title, filePart("note", "a", strings.Repeat("x", 5e6))), 413, "The request body is too large."},
		"too much text":          {multipartXX, multipartBody(textPart("title", strings.Repeat("x", 1<<20+1))), 413, "The request body is too large."},
		"too much text together": {multipartXX, multipartBody(textPart("title", strings.Repeat("x", 1<<19)), textPart("page", strings.Repeat("1", 1<<19+1))), 413, "The request body is too large."},
		"a wrong number":         {multipartXX, multipartBody(title, textPart("page", "x")), 422, `"in":"form","name":"page","rule":"type"`},
		"a broken rule":          {multipartXX, multipartBody(textPart("title", strings.Repeat("x", 101))), 422, `"in":"form","name":"title","rule":"max"`},
		"no UTF-8":               {multipartXX, multipartBody(textPart("title", "\xff")), 400, `"rule":"utf8"`},
		"another charset":        {multipartXX, multipartBody(piece{`form-data; name="title"`, "Content-Type: text/plain; charset=latin1\r\n", "T"}), 415, `"name":"title"`},
		"text of another type":   {multipartXX, multipartBody(piece{`form-data; name="title"`, "Content-Type: multipart/mixed; boundary=YY\r\n", "T"}), 415, `"name":"title"`},
		"quoted-printable":       {multipartXX, multipartBody(piece{`form-data; name="title"`, "Content-Transfer-Encoding: quoted-printable\r\n", "=41"}), 415, `"name":"title","rule":"encoding"`},
		"gzip":                   {multipartXX, multipartBody(piece{`form-data; name="note"`, "Content-Encoding: gzip\r\n", "=41"}), 415, `"name":"note","rule":"encoding"`},
		"JSON of another type":   {multipartXX, multipartBody(title, piece{`form-data; name="meta"`, "Content-Type: text/xml\r\n", "{}"}), 415, `"name":"meta"`},
		"no JSON":                {multipartXX, multipartBody(title, textPart("meta", `{"tags":`)), 400, `"name":"meta"`},
		"empty JSON":             {multipartXX, multipartBody(title, textPart("meta", ``)), 400, `"rule":"empty"`},
		"an unknown member":      {multipartXX, multipartBody(title, textPart("meta", `{"tags":[],"x":1}`)), 422, `"pointer":"/x","name":"meta"`},
		"a broken rule in JSON":  {multipartXX, multipartBody(title, textPart("meta", `{"tags":["ab","x"],"zip":"1"}`)), 422, `"pointer":"/tags/1","name":"meta"`},
		"a lone CR in the head":  {multipartXX, "--XX\r\nContent-Disposition: form-data; name=\"title\"\rX: y\r\n\r\nT\r\n--XX--", 400, ""},
		"a NUL in a name":        {multipartXX, multipartBody(filePart("note", "a\x00b", "1")), 400, ""},
		"a NUL in the head":      {multipartXX, "--XX\r\nContent-Dispo\x00sition: form-data\r\n\r\nT\r\n--XX--", 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			api := uploads(&typed.Options{OnError: func(_ context.Context, err error) { t.Error(err) }}, func(uploaded) error {
				return errors.New("the handler was called")
			})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			w := post(api, tt.contentType, tt.body)
			runtime.ReadMemStats(&after)
			require.Equal(t, tt.status, w.Code, w.Body.String())
			require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			require.Contains(t, w.Body.String(), tt.want)
			require.Zero(t, left())
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), "a request that is refused costs little")
		})
	}
}

// A part of multipart that is required is, and a rule of a file is one.
func TestMultipartRequired(t *testing.T) {
	type required struct {
		File typed.File   `form:"file" validate:"required"`
		List []typed.File `form:"list" validate:"min=1"`
		Meta uploadMeta   `part:"meta"`
	}
	api := typed.New("Uploads", "1", nil)
	typed.Handle(api, "POST /up", typed.Func(func(_ context.Context, in required) (string, error) { return filesSaid(in.File), nil }))
	meta, file, list := textPart("meta", `{"tags":[]}`), filePart("file", "f", "1"), filePart("list", "l", "2")
	require.Equal(t, 200, post(api, multipartXX, multipartBody(meta, file, list)).Code)
	for name, body := range map[string]string{
		"file": multipartBody(meta, list), "list": multipartBody(meta, file), "meta": multipartBody(file, list),
	} {
		w := post(api, multipartXX, body)
		require.Equal(t, 422, w.Code, w.Body.String())
		require.Contains(t, w.Body.String(), `"name":"`+name+`"`)
	}
}

// Whatever a handler does, nothing of an upload is left when its answer is over.
func TestMultipartLeavesNothing(t *testing.T) {
	left := temporary(t)
	large := strings.Repeat("x", 100_000)
	body := multipartBody(textPart("title", "T"), filePart("extra", "a", large))
	var kept typed.File
	for name, tt := range map[string]struct {
		handled func(in uploaded) error
		status  int
	}{
		"success":    {func(in uploaded) error { kept = in.Extras[0]; return nil }, 200},
		"an error":   {func(uploaded) error { return errDisk }, 500},
		"a problem":  {func(uploaded) error { return respond.Conflict("It is there.") }, 409},
		"a panic":    {func(uploaded) error { panic("handler") }, 500},
		"forgets it": {func(in uploaded) error { in.Extras[0] = typed.File{}; return nil }, 200},
		"exits":      {func(uploaded) error { runtime.Goexit(); return nil }, 500},
		"opens it":   {func(in uploaded) error { _, err := in.Extras[0].Open(); return err }, 200},
	} {
		t.Run(name, func(t *testing.T) {
			inside := -1
			api := uploads(&typed.Options{OnError: func(context.Context, error) {}}, func(in uploaded) error {
				inside = left()
				return tt.handled(in)
			})
			w := httptest.NewRecorder()
			done := make(chan struct{})
			go func() { // for Goexit
				defer close(done)
				r := httptest.NewRequest(http.MethodPost, "/up", strings.NewReader(body))
				r.Header.Set("Content-Type", multipartXX)
				api.ServeHTTP(w, r)
			}()
			<-done
			require.Equal(t, tt.status, w.Code)
			require.Zero(t, left())
			if runtime.GOOS == "linux" {
				require.Equal(t, 1, inside, "the file is open while the handler runs")
			}
		})
	}
	r, err := kept.Open()
	require.NoError(t, err)
	_, err = r.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrClosed)
}

// A client that leaves, and one that is slow, leave nothing either.
func TestMultipartCut(t *testing.T) {
	left := temporary(t)
	body := multipartBody(textPart("title", "T"), filePart("extra", "a", strings.Repeat("x", 500_000)))
	for name, fails := range map[string]error{"cut": io.ErrUnexpectedEOF, "slow": os.ErrDeadlineExceeded, "limited": &http.MaxBytesError{Limit: 9}, "another": errDisk} {
		api := uploads(nil, func(uploaded) error { t.Error(name + ": the handler was called"); return nil })
		r := httptest.NewRequest(http.MethodPost, "/up", io.MultiReader(strings.NewReader(body[:300_000]), faulty{strings.NewReader(""), nil, func() error { return fails }}))
		r.Header.Set("Content-Type", multipartXX)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		require.Equal(t, map[string]int{"cut": 400, "slow": 408, "limited": 413, "another": 400}[name], w.Code, name)
		require.Zero(t, left(), name)
	}
}

// Where temporary files cannot be made, the request is a reported 500.
func TestMultipartWithoutFolder(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	var reports []error
	api := uploads(&typed.Options{OnError: func(_ context.Context, err error) { reports = append(reports, err) }}, nil)
	w := post(api, multipartXX, multipartBody(textPart("title", "T"), filePart("extra", "a", strings.Repeat("x", 100_000))))
	require.Equal(t, 500, w.Code)
	require.NotContains(t, w.Body.String(), "none")
	require.Len(t, reports, 1)
	require.ErrorIs(t, errors.Unwrap(reports[0]), os.ErrNotExist)
}

// An answer may be read from an upload.
func TestMultipartEcho(t *testing.T) {
	left := temporary(t)
	type echo struct {
		File typed.File `form:"file" maxsize:"10MB"`
	}
	api := typed.New("Uploads", "1", nil)
	typed.Handle(api, "POST /up", typed.Func(func(_ context.Context, in echo) (typed.Content, error) {
		f, err := in.File.Open()
		return typed.Content{Name: in.File.Name(), Type: in.File.Type(), Body: f}, err
	}))
	content := strings.Repeat("0123456789", 300_000)
	w := post(api, multipartXX, multipartBody(filePart("file", "a", content)))
	require.Equal(t, 200, w.Code)
	require.True(t, bytes.Equal([]byte(content), w.Body.Bytes()))
	require.Zero(t, left())
}

// Forms of foreign pages can send files, so they are guarded.
func TestMultipartCrossOrigin(t *testing.T) {
	type only struct {
		Meta uploadMeta `part:"meta"`
	}
	api := uploads(nil, nil)
	typed.Handle(api, "POST /part", typed.Func(func(context.Context, only) (string, error) { return "", nil }))
	for _, path := range []string{"/up", "/part"} {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(multipartBody(textPart("title", "T"), textPart("meta", `{"tags":[]}`))))
		r.Header.Set("Content-Type", multipartXX)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		require.Equal(t, 403, w.Code)
	}
}

// Decode takes files, which end with the context of the request.
func TestMultipartDecode(t *testing.T) {
	left := temporary(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := typed.Decode[uploaded](r)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(w, filesSaid(in.Extras...))
	}))
	res, err := http.Post(srv.URL, multipartXX, strings.NewReader(multipartBody(textPart("title", "T"), filePart("extra", "a", strings.Repeat("x", 100_000)))))
	require.NoError(t, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, `a 100000 text/plain "xxxxxxxxxxxxxxxxxxxx";`, string(text))
	_ = res.Body.Close()
	srv.Close()
	require.Eventually(t, func() bool { return left() == 0 }, 5e9, 1e6)
}
