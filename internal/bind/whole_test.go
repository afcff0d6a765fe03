package bind_test

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// whole carries a request whose content is in the server's memory.
type whole struct {
	wire.NetHTTP
	content []byte
}

func (w *whole) Content() ([]byte, bool) { return w.content, true }

// A content that is in memory binds as one that is read, is not changed, and is not kept.
func FuzzWhole(f *testing.F) {
	for _, contentType := range []string{jsonType, "text/plain", "application/x-www-form-urlencoded", ""} {
		for _, body := range []string{"", `{"name":"Ada","age":36}`, `{"name":"\u0041\n","age":"x"}`, `{"name":`, "a=1&a=%41", strings.Repeat(" ", 40) + "7"} {
			f.Add(body, contentType, "", true)
			f.Add(body, contentType, "gzip", false)
		}
	}
	type raw struct {
		Query string `query:"q"`
		Body  []byte `body:""`
	}
	type form struct {
		A []string `form:"a"`
	}
	type optional struct {
		Body *user `body:""`
	}
	o := bind.Options{Method: "POST", MaxBody: 40}
	binds := map[string]func(t *testing.T, read *wire.NetHTTP, held *whole){
		"JSON":     holdsAsRead[user](f, o),
		"optional": holdsAsRead[optional](f, o),
		"form":     holdsAsRead[form](f, o),
		"field":    holdsAsRead[raw](f, o),
		"bytes":    holdsAsRead[[]byte](f, o),
	}
	f.Fuzz(func(t *testing.T, body, contentType, encoding string, sized bool) {
		for name, bind := range binds {
			r := httptest.NewRequest("POST", "/", strings.NewReader(body))
			if contentType != "" {
				r.Header["Content-Type"] = []string{contentType}
			}
			if encoding != "" {
				r.Header["Content-Encoding"] = []string{encoding}
			}
			if !sized {
				r.ContentLength = -1
			}
			held := &whole{wire.NetHTTP{R: r}, []byte(body)}
			bind(t, &wire.NetHTTP{R: r}, held)
			if t.Failed() {
				t.Fatalf("%s of %q as %q", name, body, contentType)
			}
		}
	})
}

func holdsAsRead[T any](f *testing.F, o bind.Options) func(t *testing.T, read *wire.NetHTTP, held *whole) {
	plan := compile[T](f, o)
	return func(t *testing.T, read *wire.NetHTTP, held *whole) {
		var want, got T
		before := bytes.Clone(held.content)
		heldR := plan.Bind(held, nil, &got)
		if !bytes.Equal(before, held.content) {
			t.Error("the content was changed")
		}
		for i := range held.content { // the server uses it again
			held.content[i] = 'x'
		}
		readR := plan.Bind(read, nil, &want)
		if brief(heldR) != brief(readR) {
			t.Errorf("held %q, read %q", brief(heldR), brief(readR))
		}
		if readR == nil {
			equal(t, want, got)
		}
	}
}
