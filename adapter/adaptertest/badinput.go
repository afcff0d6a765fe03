package adaptertest

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

//go:embed testdata/bad_inputs.json
var testdata embed.FS

// badInput is a request that is wrong in some way, and the statuses that it may get.
type badInput struct {
	ID      string
	Name    string
	Request struct {
		Method  string
		Path    string
		Headers [][2]string
		Body    string
		BodyB64 []byte    `json:"body_b64"`
		RawB64  []byte    `json:"raw_b64"` // the whole request, instead of all that
		Gen     generator // makes a body or path that is too large for a file
	}
	Status []int // 0 is a connection closed without an answer
}

type generator struct {
	Op, Prefix, Unit, Suffix, Open, Close, Body, Field string
	Count                                              int
	Base                                               map[string]any
	ItemRepeat                                         []any `json:"item_repeat"`
}

func badInputs() []badInput {
	text, err := testdata.ReadFile("testdata/bad_inputs.json")
	if err != nil {
		panic(err)
	}
	var inputs []badInput
	if err := json.Unmarshal(text, &inputs); err != nil {
		panic(err)
	}
	return inputs
}

// check compares the answers of the router and net/http, whole.
func (in badInput) check(b *bench) error {
	request, head := in.bytes()
	got, err := b.router.sendRaw(request, head, in.Request.RawB64 != nil)
	if err != nil {
		return fmt.Errorf("%.200q: %w", request, err)
	}
	if b.own != 0 {
		return same("status of the router's own answer", got.status, b.own)
	}
	// A server that closes while the client still sends may lose its answer on the way.
	lost := got.status == 0 && slices.Contains(in.Status, http.StatusRequestEntityTooLarge)
	if !slices.Contains(in.Status, got.status) && !lost {
		return fmt.Errorf("%.200q: status %d, want one of %v; body %.200q", request, got.status, in.Status, got.body)
	}
	for _, leak := range []string{"goroutine ", ".go:", "main.", "struct {", "Go struct field", "cannot unmarshal", "*json.", "/home", "/usr/"} {
		if strings.Contains(got.body, leak) {
			return fmt.Errorf("%.200q: the answer holds %q: %.300q", request, leak, got.body)
		}
	}
	if lost {
		return nil
	}
	want, err := b.reference.sendRaw(request, head, in.Request.RawB64 != nil)
	if err != nil {
		return fmt.Errorf("net/http: %w", err)
	}
	if want.status == 0 && slices.Contains(in.Status, http.StatusRequestEntityTooLarge) {
		return nil
	}
	delete(want.header, Header) // net/http refuses some requests before any middleware runs
	delete(got.header, Header)
	return differ(query{method: in.Request.Method, target: fmt.Sprintf("%.200s", in.Request.Path)}, want, got)
}

func (in badInput) bytes() (request []byte, head bool) {
	r := in.Request
	if r.RawB64 != nil {
		return r.RawB64, false
	}
	q := query{method: r.Method, target: r.Path, body: r.Body}
	if r.BodyB64 != nil {
		q.body = string(r.BodyB64)
	}
	for _, h := range r.Headers {
		q.header = append(q.header, h[0]+": "+h[1])
	}
	r.Gen.apply(&q)
	return q.bytes(), r.Method == http.MethodHead
}

// most bounds what is made: over the server's limit is over it.
const most = 8 << 20

func (g generator) apply(q *query) {
	count := min(g.Count, most)
	switch g.Op {
	case "":
	case "repeat":
		q.body = g.Prefix + strings.Repeat(g.Unit, count) + g.Suffix
	case "repeat_path":
		q.target = g.Prefix + strings.Repeat(g.Unit, count)
	case "nest":
		q.body = g.Prefix + strings.Repeat(g.Open, count) + strings.Repeat(g.Close, count) + g.Suffix
	case "pad_name_to": // one byte more than the limit of 1 MiB
		const prefix, suffix = `{"name":"`, `","email":"ada@example.com","address":{"city":"Paris"}}`
		q.body = prefix + strings.Repeat("a", 1<<20+1-len(prefix)-len(suffix)) + suffix
	case "json_array":
		unit, _ := g.ItemRepeat[0].(string)
		times, _ := g.ItemRepeat[1].(float64)
		items := make([]string, count)
		for i := range items {
			items[i] = strings.Repeat(unit, int(times))
		}
		g.Base[g.Field] = items
		body, err := json.Marshal(g.Base)
		if err != nil {
			panic(err)
		}
		q.body = string(body)
	case "gzip_zeros": // nobody expands it
		q.body = string(zip(make([]byte, most)))
	case "gzip_twice":
		q.body = string(zip(zip([]byte(g.Body))))
	default:
		panic("no generator is called " + g.Op)
	}
}

func zip(content []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
