package judges

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// TestEveryStatusIsDocumented sends drawn requests to the examples, and wants each status
// that they answer in the document, with the media type and the form that was sent. Each
// example runs twice: problems as they are, and in a form of their own.
func TestEveryStatusIsDocumented(t *testing.T) {
	total, seen, requests := 0, map[string]int{}, 100 // of ten a status may be missed
	if os.Getenv("APIROUTES_PROOF") == "1" {
		requests = 1000
	}
	for _, name := range []string{"quickstart", "isr", "routers", "starter", "realworld"} {
		program := buildJudged(t, filepath.Join("../../examples", name))
		for _, errors := range []string{"problems", "errors of their own"} {
			t.Run(name+"/"+errors, func(t *testing.T) {
				e := start(t, program, name, errors != "problems")
				for range requests {
					e.send(t)
				}
				total += requests
				for status, n := range e.seen {
					seen[status] += n
				}
			})
		}
	}
	for _, status := range []string{"200", "201", "303", "404", "422"} {
		require.NotZero(t, seen[status], "no request was answered %s: the test tests nothing", status)
	}
	t.Logf("%d requests; answers by status: %v", total, seen)
}

// example is a running example and what is known of it.
type example struct {
	drawer
	origin, base string
	compiler     *jsonschema.Compiler
	operations   []operation
	tokens       []string
	seen         map[string]int // answers by status
}

type operation struct {
	method, path string
	object       map[string]any
}

// judgeSource is a file that is added to an example when it is built for the test: it makes
// the API, with or without a form of errors, and serves its document.
const judgeSource = `package main

import (
	"context"
	"net/http"
	"os"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type judgedFailure struct {
	Code   int                  ` + "`json:\"code\"`" + `
	Text   string               ` + "`json:\"text\"`" + `
	Fields []respond.FieldError ` + "`json:\"fields,omitempty\"`" + `
}

func judgedAPI(title, version string, opts *typed.Options) *typed.API {
	o := typed.Options{}
	if opts != nil {
		o = *opts
	}
	o.Errors = typed.ErrorForm{}
	if os.Getenv("APIROUTES_JUDGED_ERRORS") != "" {
		o.Errors = typed.Errors("application/vnd.failure+json", func(_ context.Context, p *respond.Problem) judgedFailure {
			return judgedFailure{p.Status, p.Title + p.Detail, p.Errors}
		})
	}
	api := typed.New(title, version, &o)
	go http.ListenAndServe(os.Getenv("APIROUTES_JUDGED_ADDR"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		doc, err := docs.OpenAPI(api, nil)
		if err != nil {
			panic(err)
		}
		text, err := doc.JSON()
		if err != nil {
			panic(err)
		}
		w.Header().Set("X-Base-Path", api.BasePath())
		w.Write(text)
	}))
	return api
}
`

// buildJudged builds an example in which judgedAPI takes the place of typed.New.
func buildJudged(t *testing.T, dir string) (program string) {
	t.Helper()
	dir, err := filepath.Abs(dir)
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	scratch := t.TempDir()
	added := filepath.Join(scratch, "judged.go")
	require.NoError(t, os.WriteFile(added, []byte(judgeSource), 0o600))
	replace := map[string]string{filepath.Join(dir, "zz_judged.go"): added}
	for _, path := range files {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		if changed := withJudgedAPI(t, text); changed != nil && !strings.HasSuffix(path, "_test.go") {
			copied := filepath.Join(scratch, filepath.Base(path))
			require.NoError(t, os.WriteFile(copied, changed, 0o600))
			replace[path] = copied
		}
	}
	require.Len(t, replace, 2, "one file of %s calls typed.New", dir)
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	overlayPath := filepath.Join(scratch, "overlay.json")
	require.NoError(t, os.WriteFile(overlayPath, overlay, 0o600))
	program = filepath.Join(scratch, "example")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-overlay", overlayPath, "-o", program, ".")
	build.Dir = dir
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

// withJudgedAPI returns a file with its call of typed.New changed; nil if it has none.
func withJudgedAPI(t *testing.T, text []byte) []byte {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	require.NoError(t, err)
	var changed []byte
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.SelectorExpr)
		if ok && call.Sel.Name == "New" {
			if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "typed" {
				changed = slices.Concat(text[:fset.Position(call.Pos()).Offset], []byte("judgedAPI"), text[fset.Position(call.End()).Offset:])
			}
		}
		return true
	})
	return changed
}

// start runs an example until the test ends.
func start(t *testing.T, program, name string, ownErrors bool) *example {
	t.Helper()
	addr, documentAddr := freeAddr(t), freeAddr(t)
	args := []string{"-addr", addr}
	if name == "isr" {
		args = append(args, "-dir", t.TempDir(), "-secret", "a secret")
	}
	run := exec.Command(program, args...)
	run.Env = append(os.Environ(), "APIROUTES_JUDGED_ADDR="+documentAddr)
	if ownErrors {
		run.Env = append(run.Env, "APIROUTES_JUDGED_ERRORS=1")
	}
	var output bytes.Buffer
	run.Stderr = &output
	require.NoError(t, run.Start())
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
		if t.Failed() {
			t.Logf("%.2000s", output.String())
		}
	})
	e := &example{origin: "http://" + addr, seen: map[string]int{}, drawer: drawer{rng: rand.New(rand.NewPCG(1, 2)), known: map[string][]string{}}}
	var text []byte
	require.Eventually(t, func() bool {
		// Only an example that listens has all its endpoints, at their base path.
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return false
		}
		_ = conn.Close()
		res, err := http.Get("http://" + documentAddr)
		if err != nil {
			return false
		}
		defer res.Body.Close()
		text, err = io.ReadAll(res.Body)
		e.base = res.Header.Get("X-Base-Path")
		return err == nil
	}, 20*time.Second, 20*time.Millisecond, "the example does not serve")
	require.NoError(t, json.Unmarshal(text, &e.tree))
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	e.compiler = jsonschema.NewCompiler()
	e.compiler.DefaultDraft(jsonschema.Draft2020)
	e.compiler.AssertFormat()
	e.compiler.RegisterFormat(&jsonschema.Format{Name: "email", Validate: func(any) error { return nil }})
	require.NoError(t, e.compiler.AddResource("document.json", document))
	paths := e.at("/paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path].(map[string]any)
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if object, ok := item[method].(map[string]any); ok && !isEndless(object) {
				e.operations = append(e.operations, operation{strings.ToUpper(method), path, object})
			}
		}
	}
	require.NotEmpty(t, e.operations)
	if name == "realworld" {
		e.signUp(t)
	}
	return e
}

// signUp registers two users of realworld, whose tokens the requests then have.
func (e *example) signUp(t *testing.T) {
	for _, user := range []string{"ada", "bob"} {
		body := fmt.Sprintf(`{"user":{"username":%q,"email":%q,"password":"secret"}}`, user, user+"@example.com")
		res, err := http.Post(e.origin+"/api/users", "application/json", strings.NewReader(body))
		require.NoError(t, err)
		var answer struct{ User struct{ Token string } }
		require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
		require.NoError(t, res.Body.Close())
		require.NotEmpty(t, answer.User.Token)
		e.tokens = append(e.tokens, answer.User.Token)
		e.keep("username", user)
	}
}

// isEndless reports whether an operation answers with events, which go on for as long as
// they are read.
func isEndless(operation map[string]any) bool {
	text, _ := json.Marshal(operation["responses"])
	return bytes.Contains(text, []byte("text/event-stream"))
}

// send draws a request, sends it, and holds the answer against the document.
func (e *example) send(t *testing.T) {
	t.Helper()
	op := pick(e.rng, e.operations)
	method, target := op.method, e.base+e.path(op)
	if method == http.MethodGet && e.rng.IntN(20) == 0 {
		method = http.MethodHead
	}
	body, contentType := e.content(op)
	req, err := http.NewRequest(method, e.origin+target, strings.NewReader(body))
	require.NoError(t, err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	e.header(req)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	require.NoError(t, err)
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	e.hold(t, op, fmt.Sprintf("%s %s %s %.300q", method, target, req.Header, body), res, answer)
	e.seen[fmt.Sprint(res.StatusCode)]++
	if res.StatusCode < 300 {
		d := json.NewDecoder(bytes.NewReader(answer))
		d.UseNumber()
		var v any
		if d.Decode(&v) == nil {
			e.learn("", v)
		}
		for _, parameter := range e.parameters(op, "path") { // one of these was there
			e.keep(parameter["name"].(string), path(op.path, strings.TrimPrefix(req.URL.EscapedPath(), e.base), parameter["name"].(string)))
		}
	}
}

// path returns the value that a parameter has in a path.
func path(template, path, name string) string {
	segments := strings.Split(path, "/")
	for i, segment := range strings.Split(template, "/") {
		if segment == "{"+name+"}" && i < len(segments) {
			text, _ := url.PathUnescape(segments[i])
			return text
		}
	}
	return ""
}

func (e *example) parameters(op operation, in string) (out []map[string]any) {
	list, _ := op.object["parameters"].([]any)
	for _, p := range list {
		if parameter := e.resolve(p.(map[string]any)); parameter["in"] == in {
			out = append(out, parameter)
		}
	}
	return out
}

// parameter draws the text of a parameter, now and then one that is wrong.
func (e *example) parameter(p map[string]any) string {
	name := p["name"].(string)
	if known := e.known[name]; len(known) > 0 && e.rng.IntN(10) < 7 {
		return pick(e.rng, known)
	}
	schema, _ := p["schema"].(map[string]any)
	text := fmt.Sprint(e.value(name, schema))
	if e.rng.IntN(5) == 0 {
		text = nearText(e.rng, text)
	}
	return text
}

func (e *example) path(op operation) string {
	out := op.path
	for _, p := range e.parameters(op, "path") {
		text := e.parameter(p)
		if text == "" || text == "." || text == ".." || e.rng.IntN(30) == 0 {
			text = "none" // the API's own 404 is of no endpoint
		}
		out = strings.ReplaceAll(out, "{"+p["name"].(string)+"}", url.PathEscape(text))
	}
	query := url.Values{}
	for _, p := range e.parameters(op, "query") {
		if required, _ := p["required"].(bool); required || e.rng.IntN(3) == 0 {
			query.Add(p["name"].(string), e.parameter(p))
		}
	}
	if len(query) > 0 {
		out += "?" + query.Encode()
	}
	return out
}

// content draws a body: most fit, or are near to what fits.
func (e *example) content(op operation) (body, contentType string) {
	if e.resolve(op.object)["requestBody"] == nil || e.rng.IntN(30) == 0 {
		return "", ""
	}
	content, _ := e.resolve(op.object["requestBody"].(map[string]any))["content"].(map[string]any)
	contentType = pick(e.rng, slices.Sorted(maps.Keys(content)))
	schema, _ := content[contentType].(map[string]any)["schema"].(map[string]any)
	value := e.value("", schema)
	switch {
	case contentType == "application/x-www-form-urlencoded":
		form := url.Values{}
		if object, ok := value.(map[string]any); ok {
			for name, v := range object {
				form.Set(name, fmt.Sprint(v))
			}
		}
		body = form.Encode()
	default:
		text, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		if body = string(text); e.rng.IntN(3) == 0 {
			body = mutate(e.rng, body)
		}
	}
	switch e.rng.IntN(40) {
	case 0:
		contentType = "text/plain"
	case 1:
		body = body[:len(body)/2]
	case 2:
		body = strings.Repeat(" ", 1<<20) + body
	}
	return body, contentType
}

// header draws who is asking, and what else a client may say.
func (e *example) header(req *http.Request) {
	if len(e.tokens) > 0 {
		switch e.rng.IntN(10) {
		case 0:
		case 1:
			req.Header.Set("Authorization", pick(e.rng, []string{"Token x", "Token", "Bearer x", "Token a b", "Basic YTpi"}))
		default:
			req.Header.Set("Authorization", "Token "+pick(e.rng, e.tokens))
		}
	}
	switch e.rng.IntN(30) {
	case 0:
		req.Header.Set("Origin", "https://foreign.example")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
	case 1:
		req.Header.Set("If-None-Match", "*")
	case 2:
		req.Header.Set("Content-Encoding", "gzip")
	}
}

// hold wants the answer in the document.
func (e *example) hold(t *testing.T, op operation, request string, res *http.Response, body []byte) {
	t.Helper()
	at := "/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(op.path) + "/" + strings.ToLower(op.method) + "/responses/" + fmt.Sprint(res.StatusCode)
	response := e.drawer.at(at)
	require.NotNilf(t, response, "%s is answered %d, which is not in the document: %.300s", request, res.StatusCode, body)
	if ref, ok := response["$ref"].(string); ok {
		at = strings.TrimPrefix(ref, "#")
		response = e.drawer.at(at)
	}
	content, _ := response["content"].(map[string]any)
	if len(body) == 0 && (res.Request.Method == http.MethodHead || len(content) == 0) {
		return
	}
	mediaType, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	require.NoErrorf(t, err, "%s is answered %d with %.300s", request, res.StatusCode, body)
	require.Containsf(t, content, mediaType, "%s is answered %d", request, res.StatusCode)
	if !strings.HasSuffix(mediaType, "json") {
		return // a text: its form is its media type
	}
	at += "/content/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(mediaType) + "/schema"
	schema, err := e.compiler.Compile("document.json#" + (&url.URL{Path: at}).EscapedPath())
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoErrorf(t, err, "%s: %s", request, body)
	require.NoErrorf(t, schema.Validate(value), "%s is answered %d with %s", request, res.StatusCode, body)
}
