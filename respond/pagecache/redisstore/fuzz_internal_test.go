package redisstore

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// What somebody else publishes or appends under our names is an error, and no more: what is
// read can be written again.
func FuzzMessage(f *testing.F) {
	f.Add("e 1 node 2 1 " + string(appendMarks(nil, []string{"p:/a", "", "t:\x00 ü"})))
	f.Add("e 18446744073709551615 n 0 0 \xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	f.Add("      ")
	f.Fuzz(func(t *testing.T, m string) {
		epoch, e, err := parseMessage(m)
		if err != nil {
			return
		}
		hard := "0"
		if e.bump.Hard {
			hard = "1"
		}
		again := strings.Join([]string{
			epoch, decimal(e.seq), e.node, decimal(uint64(e.bump.At)), hard, string(appendMarks(nil, e.bump.Marks)),
		}, " ")
		epoch2, e2, err := parseMessage(again)
		if err != nil || epoch2 != epoch || e2.seq != e.seq || e2.bump.At != e.bump.At || e2.bump.Hard != e.bump.Hard || !slices.Equal(e2.bump.Marks, e.bump.Marks) {
			t.Errorf("%q was read as %+v and written as %q: %v", m, e, again, err)
		}
	})
}

// No bytes that a server may hold are taken for a page but those that were put, and none
// panic. A sealed page is good for its name and its epoch only.
func FuzzPage(f *testing.F) {
	e := &pagecache.Entry{Tuple: []byte("t"), Token: 7, Marks: []string{"p:/a"}, Born: time.Unix(1, 0), Fresh: time.Minute, Status: 200, Body: []byte("body")}
	s := newSealer(bytes.Repeat([]byte{1}, sealLen), "program")
	sealed, err := encode(s.cipher("epoch"), "name", e)
	if err != nil {
		f.Fatal(err)
	}
	plain, err := encode(nil, "name", e)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(plain)
	f.Add([]byte("0000000000000007"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := decode(s.cipher("epoch"), "name", b); err == nil && (e.Token != 7 || string(e.Body) != "body") {
			t.Errorf("foreign bytes are the page %+v", e)
		}
		for _, place := range [][2]string{{"epoch", "other"}, {"other", "name"}} {
			if _, err := decode(s.cipher(place[0]), place[1], b); !errors.Is(err, pagecache.ErrDamaged) {
				t.Errorf("a page of another place is taken: %v", err)
			}
		}
		if e, err := decode(nil, "name", b); err == nil {
			again, err := encode(nil, "name", e)
			if err != nil || len(again) == 0 {
				t.Errorf("a page cannot be written again: %v", err)
			}
		} else if !errors.Is(err, pagecache.ErrDamaged) {
			t.Errorf("the error of a damaged page is %v", err)
		}
	})
}
