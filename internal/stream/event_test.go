package stream_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/stream"
)

func TestAppendEvent(t *testing.T) {
	for _, tt := range []struct {
		name string
		head stream.Head
		data string
		want string // "": refused
	}{
		{"data alone", stream.Head{}, `{"a":1}`, "data: {\"a\":1}\n\n"},
		{"everything", stream.Head{ID: "7", Name: "added", Retry: 1500 * time.Millisecond}, "x", "id: 7\nevent: added\nretry: 1500\ndata: x\n\n"},
		{"no data", stream.Head{Name: "heartbeat"}, "", "event: heartbeat\ndata: \n\n"},
		{"lines of each kind", stream.Head{}, "a\nb\r\nc\rd\n", "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"},
		{"a colon, a space, something like a field", stream.Head{}, " : id: 1", "data:  : id: 1\n\n"},
		{"less than a millisecond", stream.Head{Retry: 1}, "x", "retry: 1\ndata: x\n\n"},
		{"an ID with a line break", stream.Head{ID: "1\ndata: injected"}, "x", ""},
		{"an ID with a CR", stream.Head{ID: "1\r"}, "x", ""},
		{"an ID with a NUL", stream.Head{ID: "1\x00"}, "x", ""},
		{"a name with a line break", stream.Head{Name: "a\nid: 9"}, "x", ""},
		{"a name with a NUL", stream.Head{Name: "\x00"}, "x", ""},
		{"a negative time", stream.Head{Retry: -1}, "x", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := stream.AppendEvent([]byte("before"), &tt.head, []byte(tt.data))
			if (err != nil) != (tt.want == "") || string(got) != "before"+tt.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// event is one that was read.
type event struct {
	Head stream.Head
	Data string
}

func readEvents(src io.Reader, max int) (events []event, lastID string, err error) {
	r := stream.NewEventReader(src, max)
	for {
		var e event
		data, err := r.Next(&e.Head)
		if err == io.EOF {
			return events, r.LastID(), nil
		}
		if err != nil {
			return events, r.LastID(), err
		}
		e.Data = string(data)
		events = append(events, e)
	}
}

// The samples of WHATWG HTML, 9.2.6, and what its rules say beside them.
func TestEventReader(t *testing.T) {
	message := func(data string) event { return event{Data: data} }
	for _, tt := range []struct {
		name, text string
		want       []event
		last       string
	}{
		{"three lines", "data: YHOO\ndata: +2\ndata: 10\n\n", []event{message("YHOO\n+2\n10")}, ""},
		{"four blocks", ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
			[]event{{stream.Head{ID: "1"}, "first event"}, message("second event"), message(" third event")}, ""},
		{"empty data", "data\n\ndata\ndata\n\ndata:", []event{message(""), message("\n")}, ""},
		{"a space", "data:test\n\ndata: test\n\n", []event{message("test"), message("test")}, ""},
		{"CR, LF and CR LF", "data: a\rdata: b\r\ndata: c\n\r\n", []event{message("a\nb\nc")}, ""},
		{"a byte order mark", "\uFEFFdata: a\n\n", []event{message("a")}, ""},
		{"half an event", "data: a\n\ndata: b\n", []event{message("a")}, ""},
		{"half a line", "data: a\n\ndata: b", []event{message("a")}, ""},
		{"unknown fields", "datum: a\ndata: b\n\n", []event{message("b")}, ""},
		{"an ID that stays", "id: 1\ndata: a\n\ndata: b\n\n", []event{{stream.Head{ID: "1"}, "a"}, {stream.Head{ID: "1"}, "b"}}, "1"},
		{"an ID with a NUL", "id: 1\nid: 2\x00\ndata: a\n\n", []event{{stream.Head{ID: "1"}, "a"}}, "1"},
		{"an ID without data", "event: x\nid: 5\n\ndata: a\n\n", []event{{stream.Head{ID: "5"}, "a"}}, "5"},
		{"names", "event: x\ndata: a\n\ndata: b\n\n", []event{{stream.Head{Name: "x"}, "a"}, message("b")}, ""},
		{"retry", "retry: 20\ndata: a\n\nretry: 2x\ndata: b\n\nretry: 99999999999999999999\ndata: c\n\nretry:\ndata: d\n\n",
			[]event{{stream.Head{Retry: 20 * time.Millisecond}, "a"}, message("b"), message("c"), message("d")}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, src := range map[string]io.Reader{"at once": strings.NewReader(tt.text), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.text))} {
				got, last, err := readEvents(src, 100)
				if diff := cmp.Diff(tt.want, got); diff != "" || err != nil || last != tt.last {
					t.Errorf("%s: %v, last %q: %s", name, err, last, diff)
				}
			}
		})
	}
	for _, text := range []string{"data: " + strings.Repeat("a", 100) + "\n\n", strings.Repeat("data: aaaaaaaaa\n", 20) + "\n", strings.Repeat(":", 1000)} {
		if _, _, err := readEvents(strings.NewReader(text), 50); err != stream.ErrTooLong {
			t.Errorf("%v: a client that reads what a server sends needs a bound", err)
		}
	}
	broken := errors.New("broken")
	if got, _, err := readEvents(io.MultiReader(strings.NewReader("data: a\n\ndata: b\n"), iotest.ErrReader(broken)), 50); err != broken || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
}

// What was written is what is read, whatever the pieces it comes in.
func TestEventsRoundTrip(t *testing.T) {
	draws := 1000
	if os.Getenv("APIROUTES_PROOF") == "1" {
		draws *= 100
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	text := func(letters string) string {
		var b strings.Builder
		all := []rune(letters)
		for range rnd.IntN(12) {
			b.WriteRune(all[rnd.IntN(len(all))])
		}
		return b.String()
	}
	for range draws {
		var wire []byte
		var want []event
		last := ""
		for range rnd.IntN(4) {
			e := event{stream.Head{ID: text("a1: é"), Name: text("b: "), Retry: time.Duration(rnd.IntN(3)) * time.Millisecond}, text("a: \ndid\uFEFF")}
			var err error
			if wire, err = stream.AppendEvent(wire, &e.Head, []byte(e.Data)); err != nil {
				t.Fatal(err)
			}
			if rnd.IntN(3) == 0 {
				wire = append(wire, stream.Comment...)
			}
			if e.Head.ID != "" {
				last = e.Head.ID
			}
			e.Head.ID = last
			want = append(want, e)
		}
		got, _, err := readEvents(iotest.HalfReader(bytes.NewReader(wire)), 1000)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("%q: %v %s", wire, err, diff)
		}
	}
	t.Logf("%d streams", draws)
}

func FuzzEventReader(f *testing.F) {
	f.Add([]byte("id: 1\nevent: a\nretry: 3\ndata: x\r\ndata\r\r:\n\n"), 20)
	f.Add([]byte("\uFEFFdata: a\n\n"), 5)
	f.Fuzz(func(t *testing.T, text []byte, max int) {
		max &= 0xff
		whole, last, err := readEvents(bytes.NewReader(text), max)
		again, lastAgain, errAgain := readEvents(iotest.OneByteReader(bytes.NewReader(text)), max)
		if diff := cmp.Diff(whole, again); diff != "" || last != lastAgain || err != errAgain {
			t.Fatalf("other pieces, other events: %v %v %s", err, errAgain, diff)
		}
		for _, e := range whole {
			if len(e.Data) > max || strings.ContainsAny(e.Head.ID+e.Head.Name, "\r\n") || strings.ContainsAny(e.Head.ID, "\x00") || strings.Contains(e.Data, "\r") {
				t.Fatalf("%+v", e)
			}
		}
	})
}
