package stream_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/stream"
)

func readLines(src io.Reader, max int) (lines []string, err error) {
	r := stream.NewLineReader(src, max)
	for {
		line, err := r.Next()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			if _, again := r.Next(); again != err {
				return lines, errors.New("the error does not stay")
			}
			return lines, err
		}
		lines = append(lines, string(line))
	}
}

func TestLineReader(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	for _, tt := range []struct {
		name, text string
		max        int
		want       []string
		err        error
	}{
		{"nothing", "", 10, nil, nil},
		{"an end at the end", "a\nb\n", 10, []string{"a", "b"}, nil},
		{"no end at the end", "a\nb", 10, []string{"a", "b"}, nil},
		{"CR LF", "a\r\nb\r\n", 10, []string{"a", "b"}, nil},
		{"CR at the end", "a\r", 10, []string{"a"}, nil},
		{"a byte order mark", "\uFEFFa\n\uFEFFb\n", 10, []string{"a", "\uFEFFb"}, nil},
		{"a byte order mark alone", "\uFEFF", 10, nil, nil},
		{"blanks", "\n \t\r\n  a  \n\n\nb\n\n", 10, []string{"a", "b"}, nil},
		{"a line of the limit", "12345\n12345\r\n12345", 5, []string{"12345", "12345", "12345"}, nil},
		{"a mark and a line of the limit", "\uFEFF12345\n", 5, []string{"12345"}, nil},
		{"a mark, a line of the limit and CR LF", "\uFEFF12345\r\n1\n", 5, []string{"12345", "1"}, nil},
		{"a mark, a line of the limit and CR", "\uFEFF12345\r", 5, []string{"12345"}, nil},
		{"more than the limit", "a\n123456\nb\n", 5, []string{"a"}, stream.ErrTooLong},
		{"more than the limit at the end", "a\n123456", 5, []string{"a"}, stream.ErrTooLong},
		{"10 MB", long + "\na\n", len(long), []string{long, "a"}, nil},
		{"10 MB and one byte", "a\n" + long + "x\n", len(long), []string{"a"}, stream.ErrTooLong},
		{"without any end", long, 1 << 10, nil, stream.ErrTooLong},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readLines(strings.NewReader(tt.text), tt.max)
			if diff := cmp.Diff(tt.want, got); diff != "" || err != tt.err {
				t.Errorf("%v %.200s", err, diff)
			}
			if len(tt.text) > 1<<20 {
				return
			}
			got, err = readLines(iotest.OneByteReader(strings.NewReader(tt.text)), tt.max)
			if diff := cmp.Diff(tt.want, got); diff != "" || err != tt.err {
				t.Errorf("byte by byte: %v %s", err, diff)
			}
		})
	}
}

// Half a line is none: a body that was cut must not give a row.
func TestLineReaderBroken(t *testing.T) {
	broken := errors.New("broken")
	got, err := readLines(io.MultiReader(strings.NewReader("1\n2\n34"), iotest.ErrReader(broken)), 10)
	if diff := cmp.Diff([]string{"1", "2"}, got); diff != "" || err != broken {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := readLines(stuck{}, 10); err != io.ErrNoProgress {
		t.Errorf("%v: a reader that gives nothing, for ever", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// counting counts what it was asked for.
type counting struct {
	io.Reader
	largest int
}

func (c *counting) Read(p []byte) (int, error) {
	c.largest = max(c.largest, len(p))
	return c.Reader.Read(p)
}

// A line that is too long is refused before it is in memory, and a client that stalls
// holds what it has sent, twice at most.
func TestLineReaderMemory(t *testing.T) {
	src := &counting{Reader: iotest.OneByteReader(strings.NewReader(strings.Repeat("x", 100<<10)))}
	if _, err := readLines(src, 64<<10); err != stream.ErrTooLong || src.largest > 128<<10 {
		t.Errorf("%v %d", err, src.largest)
	}
	src = &counting{Reader: strings.NewReader(strings.Repeat("123456789\n", 100_000))}
	if lines, err := readLines(src, 1<<20); err != nil || len(lines) != 100_000 || src.largest > 32<<10 {
		t.Errorf("%v %d %d: short lines need no large buffer", err, len(lines), src.largest)
	}
}

func TestEndLine(t *testing.T) {
	for value, want := range map[string]string{`{"a":1}`: "{\"a\":1}\n", "{\n\"a\":\r\n1}": "{ \"a\":  1}\n", "1\n": "1 \n", "\n": " \n"} {
		if got := stream.EndLine([]byte("x\n"+value), len("x\n")); string(got) != "x\n"+want {
			t.Errorf("%q: %q", value, got)
		}
	}
}

func FuzzLineReader(f *testing.F) {
	for _, text := range []string{"", "a\nb", "\uFEFF{}\r\n\r\n[]\n", "\r\r\n", strings.Repeat("x", 5000) + "\n1"} {
		f.Add([]byte(text), 100)
	}
	f.Fuzz(func(t *testing.T, text []byte, max int) {
		max &= 0x1fff
		whole, err := readLines(bytes.NewReader(text), max)
		again, errAgain := readLines(iotest.OneByteReader(bytes.NewReader(text)), max)
		if diff := cmp.Diff(whole, again); diff != "" || err != errAgain {
			t.Fatalf("other pieces, other lines: %v %v %s", err, errAgain, diff)
		}
		// The plain way to say it, over the whole text.
		var want []string
		var tooLong bool
		for i, line := range bytes.Split(text, []byte("\n")) {
			if i == 0 {
				line = bytes.TrimPrefix(line, []byte("\uFEFF"))
			}
			if tooLong = len(bytes.TrimSuffix(line, []byte("\r"))) > max; tooLong {
				break
			}
			if line = bytes.Trim(line, " \t\r"); len(line) > 0 {
				want = append(want, string(line))
			}
		}
		if diff := cmp.Diff(want, whole); diff != "" || tooLong != (err == stream.ErrTooLong) {
			t.Fatalf("%v, too long %v: %s", err, tooLong, diff)
		}
	})
}
