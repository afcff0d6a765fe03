package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// A judge sends requests to an API and holds the content of those that it accepts, and
// all that it answers, against the API's own document.
type judge struct {
	api      *typed.API
	compiler *jsonschema.Compiler
	paths    map[string]map[string]json.RawMessage // the document's operations
	called   map[string]bool                       // "GET /articles 200"
	held     int                                   // contents against a schema
}

func newJudge(t *testing.T, api *typed.API) *judge {
	t.Helper()
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	text, err := doc.JSON()
	require.NoError(t, err)
	var paths struct {
		Paths map[string]map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(text, &paths))
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	require.NoError(t, c.AddResource("document.json", tree))
	return &judge{api: api, compiler: c, paths: paths.Paths, called: map[string]bool{}}
}

type answer struct {
	status int
	header http.Header
	body   string
}

// send sends one request; target begins below the base path.
func (j *judge) send(t *testing.T, method, target, token, body string, header ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, "/api"+target, strings.NewReader(body))
	if body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Token "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	j.api.ServeHTTP(w, r)
	a := answer{w.Code, w.Header(), w.Body.String()}
	j.judge(t, r.Method, r.URL.Path, body, a)
	return a
}

// judge holds an answer against the document, and the content of a request that was accepted.
func (j *judge) judge(t *testing.T, method, target, body string, a answer) {
	t.Helper()
	path := j.template(target)
	operation := j.paths[path][strings.ToLower(method)]
	if operation == nil {
		return // no endpoint
	}
	j.called[method+" "+path+" "+strconv.Itoa(a.status)] = true
	j.holdAnswer(t, path, method, operation, a)
	if a.status < 300 && body != "" {
		j.hold(t, "/paths/"+escape(path)+"/"+strings.ToLower(method)+"/requestBody/content/application~1json/schema", body)
	}
}

// watch is middleware that judges what passes.
func (j *judge) watch(t *testing.T) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			r.Body = io.NopCloser(bytes.NewReader(body))
			seen := httptest.NewRecorder()
			next.ServeHTTP(seen, r)
			j.judge(t, r.Method, r.URL.Path, string(body), answer{seen.Code, seen.Header(), seen.Body.String()})
			maps.Copy(w.Header(), seen.Header())
			w.WriteHeader(seen.Code)
			_, _ = w.Write(seen.Body.Bytes())
		})
	}
}

// template finds the path of the document that a request is for: the one with the fewest
// parameters of those that fit.
func (j *judge) template(path string) (best string) {
	segments := strings.Split(strings.TrimPrefix(path, "/api"), "/")
	fewest := len(segments) + 1
	for template := range j.paths {
		parts := strings.Split(template, "/")
		parameters, fits := 0, len(parts) == len(segments)
		for i := 0; fits && i < len(parts); i++ {
			if strings.HasPrefix(parts[i], "{") {
				parameters++
			} else {
				fits = parts[i] == segments[i]
			}
		}
		if fits && parameters < fewest {
			best, fewest = template, parameters
		}
	}
	return best
}

// holdAnswer wants the status in the document, with the media type and form that was sent.
func (j *judge) holdAnswer(t *testing.T, path, method string, operation json.RawMessage, a answer) {
	t.Helper()
	type response struct {
		Ref     string                     `json:"$ref"`
		Content map[string]json.RawMessage `json:"content"`
	}
	var o struct{ Responses map[string]response }
	require.NoError(t, json.Unmarshal(operation, &o))
	status := strconv.Itoa(a.status)
	r, documented := o.Responses[status]
	require.Truef(t, documented, "%s %s answers %d, which is not in the document: %s", method, path, a.status, a.body)
	at := "/paths/" + escape(path) + "/" + strings.ToLower(method) + "/responses/" + status
	if r.Ref != "" {
		at = strings.TrimPrefix(r.Ref, "#")
	}
	if a.body == "" {
		require.Empty(t, r.Content, "%s %s answers %d without content", method, path, a.status)
		return
	}
	mediaType, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	require.NoError(t, err)
	j.hold(t, at+"/content/"+escape(mediaType)+"/schema", a.body)
}

func (j *judge) hold(t *testing.T, pointer, content string) {
	t.Helper()
	schema, err := j.compiler.Compile("document.json#" + pointer)
	require.NoErrorf(t, err, "the document has %s", pointer)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(content))
	require.NoError(t, err, content)
	require.NoError(t, schema.Validate(value), "%s: %s", pointer, content)
	j.held++
}

func escape(segment string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(segment)
}

// at returns what stands at a pointer of a JSON text, as JSON; "" where there is nothing.
func at(t *testing.T, text, pointer string) string {
	t.Helper()
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&v), text)
	for _, name := range strings.Split(pointer, "/")[1:] {
		switch in := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = in[name]; !ok {
				return ""
			}
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(in) {
				return ""
			}
			v = in[i]
		default:
			return ""
		}
	}
	out, err := json.Marshal(v)
	require.NoError(t, err)
	return string(out)
}
