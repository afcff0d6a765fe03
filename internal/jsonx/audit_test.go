package jsonx_test

import (
	"encoding/json"
	"io"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

type (
	self     *self
	tree     struct{ Kids []tree }
	list     struct{ Next *list }
	anything map[string]any
	pinger   struct{ Pong *ponger }
	ponger   struct{ Ping map[string]pinger }
)

type hidden struct{ X int }

// writer has only a way out of Go.
type writer struct{ F func() }

func (writer) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

// reader has only a way into Go.
type reader struct{ F func() }

func (*reader) UnmarshalJSON([]byte) error { return nil }

func TestAudit(t *testing.T) {
	type both struct{ enc, dec bool }
	ok, no := both{true, true}, both{}
	tests := []struct {
		in   any
		want both
	}{
		{0, ok}, {"", ok}, {[]int{}, ok}, {[2]string{}, ok}, {map[string]int{}, ok}, {new(*int), ok},
		{tree{}, ok}, {list{}, ok}, {anything{}, ok}, {pinger{}, ok},
		{time.Time{}, ok}, {time.Second, ok}, {json.RawMessage{}, ok}, {json.Number(""), ok}, {big.Int{}, ok},
		{netip.Addr{}, ok}, {upper{}, both{false, true}}, {url.URL{}, ok}, {struct{ E any }{}, ok},
		{map[int8]int{}, ok}, {map[float64]int{}, ok}, {map[time.Duration]int{}, ok}, {map[time.Time]int{}, ok},
		{map[netip.Addr]int{}, ok}, {map[*int]int{}, ok}, {map[any]int{}, ok}, {map[[2]byte]int{}, ok},
		{map[bool]int{}, no}, {map[struct{ A int }]int{}, no}, {map[io.Reader]int{}, both{true, false}}, {map[complex64]int{}, no},
		{make(chan int), no}, {func() {}, no}, {1i, no}, {unsafe.Pointer(nil), no}, {self(nil), no},
		{struct{ A []chan int }{}, no}, {struct{ M sync.Mutex }{}, no}, {struct{ hidden }{}, ok},
		{struct{ *hidden }{}, both{true, false}}, {struct{ R io.Reader }{}, both{true, false}},
		{writer{}, both{true, false}}, {reader{}, both{false, true}},
		{withTag[bool](`json:",string"`), no},
		{withTag[string](`json:",string"`), no},
		{withTag[*int](`json:",string"`), ok},
		{withTag[time.Duration](`json:",string"`), no},
		{withTag[time.Duration](`json:",string,format:sec"`), ok},
		{withTag[time.Time](`json:",string,format:unix"`), ok},
		{withTag[time.Time](`json:",string"`), no},
		{withTag[[]int](`json:",string"`), no},
		{withTag[time.Duration](`json:",format:weeks"`), no},
		{withTag[time.Time](`json:",format:Tomorrow"`), no},
		{withTag[*time.Time](`json:",format:Tomorrow"`), no},
		{withTag[*time.Time](`json:",format:'2006'"`), ok},
		{withTag[time.Time](`json:",format:'2006'"`), ok},
		{withTag[time.Time](`json:",format:'2006-01'"`), ok},
		{withTag[[]byte](`json:",format:hex"`), ok},
		{withTag[[]byte](`json:",format:base65"`), no},
		{withTag[float32](`json:",format:nonfinite"`), ok},
		{withTag[int](`json:",format:hex"`), no},
		{withTag[[]int](`json:",format:emitnull"`), ok},
		{withTag[map[string]int](`json:",format:emitempty"`), ok},
	}
	for _, test := range tests {
		typ := reflect.TypeOf(test.in)
		e, encodeErr := jsonx.NewEncoder(typ)
		_, decodeErr := jsonx.NewDecoder(typ, jsonx.Options{})
		if got := (both{encodeErr == nil, decodeErr == nil}); got != test.want {
			t.Errorf("%s: encode %v, decode %v", typ, encodeErr, decodeErr)
		}
		for _, err := range []error{encodeErr, decodeErr} {
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v is not a sentence", typ, err)
			}
		}
		if e != nil { // what the audit takes, json v2 takes
			p := reflect.New(typ)
			if typ != reflect.TypeFor[url.URL]() {
				fill(p.Elem(), 2)
			}
			if _, err := e(nil, p.Interface()); err != nil {
				t.Errorf("%s: %v", typ, err)
			}
		}
	}
}
