package typed_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/validate"
)

// between judges itself, wherever it stands in a request.
type between struct {
	From int `json:"from"`
	To   int `json:"to"`
}

func (b between) Validate(context.Context) error {
	if b.To < b.From {
		return validate.Failure{Field: "To", Rule: "order", Message: "must not be before from"}
	}
	return nil
}

// TestSelfCheckersInRequests tells where in the request a value is that refused itself.
func TestSelfCheckersInRequests(t *testing.T) {
	t.Parallel()
	const bad = `{"from":2,"to":1}`
	api := typed.New("Test", "1", nil)
	accept(api, "POST /direct", between{})
	accept(api, "POST /whole/{id}", struct {
		ID   int     `path:"id"`
		Body between `body:""`
	}{})
	accept(api, "POST /list", []between{})
	accept(api, "POST /member", struct {
		Span  typed.Optional[between]   `json:"span"`
		Spans typed.Optional[[]between] `json:"spans"`
	}{})
	accept(api, "GET /query", struct {
		Span *between `query:"span"`
	}{})
	accept(api, "POST /form", struct {
		Meta between     `part:"meta"`
		File *typed.File `form:"file"`
	}{})
	for _, tt := range []struct {
		method, target, body string
		header               []string
		want                 string
	}{
		{"POST", "/direct", bad, nil, `{"in":"body","pointer":"/to",`},
		{"POST", "/whole/1", bad, nil, `{"in":"body","pointer":"/to",`},
		{"POST", "/list", "[" + bad + "]", nil, `{"in":"body","pointer":"/0/to",`},
		{"POST", "/member", `{"span":` + bad + `}`, nil, `{"in":"body","pointer":"/span/to",`},
		{"POST", "/member", `{"spans":[` + bad + `]}`, nil, `{"in":"body","pointer":"/spans/0/to",`},
		{"GET", "/query?span[from]=2&span[to]=1", "", nil, `{"in":"query","name":"span[to]",`},
		{"GET", "/query", "", nil, ""},
		{"POST", "/form", "--x\r\nContent-Disposition: form-data; name=meta\r\nContent-Type: application/json\r\n\r\n" + bad + "\r\n--x--\r\n",
			[]string{"Content-Type", "multipart/form-data; boundary=x"}, `{"in":"form","pointer":"/to","name":"meta",`},
	} {
		header := tt.header
		if header == nil && tt.body != "" {
			header = []string{"Content-Type", "application/json"}
		}
		w := do(api, tt.method, tt.target, tt.body, header...)
		want := ""
		if tt.want != "" {
			want = `{"title":"Unprocessable Content","status":422,"detail":"The request is invalid; see errors for details.","errors":[` +
				tt.want + `"rule":"order","detail":"must not be before from"}]}`
		}
		if diff := cmp.Diff(want, w.Body.String()); diff != "" {
			t.Errorf("%s %s: %d %s", tt.method, tt.target, w.Code, diff)
		}
	}
}

// accept declares an endpoint that takes a Req and answers nothing.
func accept[Req any](api *typed.API, pattern string, _ Req) {
	typed.Handle(api, pattern, typed.Func(func(context.Context, Req) (typed.None, error) { return typed.None{}, nil }))
}
