package upload_test

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/upload"
)

// read reads a whole body, and says what came.
func read(body io.Reader, limit int64) (parts []upload.Part, contents []string, err error) {
	r := upload.NewReader(body, "XX", limit)
	for {
		p, err := r.Next()
		if err == io.EOF {
			return parts, contents, nil
		}
		if err != nil {
			return parts, contents, err
		}
		text, err := r.Text(1 << 20)
		if err != nil {
			return parts, contents, err
		}
		parts, contents = append(parts, p), append(contents, string(text))
	}
}

// However the bytes come, the parts are the same.
func TestReaderInPieces(t *testing.T) {
	body := "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX\r\nContent-Disposition: form-data; name=\"b\"; filename=\"c\"\r\nContent-Type: text/x\r\n\r\n" + strings.Repeat("2", 10_000) + "\r\n--XX--"
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(body), "byte by byte": iotest.OneByteReader(strings.NewReader(body)),
		"halves": iotest.HalfReader(strings.NewReader(body)), "with the end": iotest.DataErrReader(strings.NewReader(body)),
	} {
		parts, contents, err := read(r, int64(len(body)))
		require.NoError(t, err, name)
		require.Equal(t, []upload.Part{{Name: "a"}, {Name: "b", Filename: "c", IsFile: true, Type: "text/x"}}, parts, name)
		require.Equal(t, []string{"1", strings.Repeat("2", 10_000)}, contents, name)
	}
	_, _, err := read(strings.NewReader(body), int64(len(body))-1)
	require.ErrorIs(t, err, upload.ErrTooLarge)
	errNet := errors.New("the network is gone")
	for _, n := range []int{0, 3, 20, 60, len(body) - 1} {
		_, _, err = read(io.MultiReader(strings.NewReader(body[:n]), iotest.ErrReader(errNet)), 1<<20)
		var source *upload.SourceError
		require.ErrorAs(t, err, &source)
		require.ErrorIs(t, err, errNet)
	}
}

// A head of just 8 KiB is taken, wherever it stands in what is read ahead.
func TestReaderLargestHead(t *testing.T) {
	const fixed = len("Content-Disposition: form-data; name=a\r\n") + len("X: \r\n")
	for _, before := range []int{0, 1, 4000, 4095, 4096, 9000} {
		for _, extra := range []int{0, 1} {
			body := "--XX\r\nContent-Disposition: form-data; name=z\r\n\r\n" + strings.Repeat("z", before) +
				"\r\n--XX\r\nContent-Disposition: form-data; name=a\r\nX: " + strings.Repeat("x", 8<<10-fixed+extra) + "\r\n\r\n1\r\n--XX--\r\n"
			_, contents, err := read(strings.NewReader(body), 1<<20)
			if extra == 0 {
				require.NoError(t, err, before)
				require.Len(t, contents, 2)
				continue
			}
			require.ErrorContains(t, err, "more than 8192 bytes")
		}
	}
}

// FuzzReader reads any body, by the rules that a body has to keep.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX--\r\n",
		"--XX\r\nContent-Disposition: form-data; name=\"a\"; filename=\"..\\\\b\\\"c\"\r\nContent-Type: a/b\r\n\r\n1\r\n--XX\r\nContent-Disposition: form-data; name=b; filename*=UTF-8''x\r\n\r\n\r\n--XX--",
		"--XX--", "--XX\r\n\r\n--XX--", "pre\r\n--XX\nContent-Disposition: form-data; name=a\n\n1\n--XX--\n", "", "--XX\r\nContent-Disposition: attachment\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		parts, contents, err := read(bytes.NewReader(body), 1<<16)
		again, same, err2 := read(iotest.OneByteReader(bytes.NewReader(body)), 1<<16)
		if (err == nil) != (err2 == nil) || len(parts) != len(again) {
			t.Fatalf("%d parts and %v at once, %d and %v byte by byte", len(parts), err, len(again), err2)
		}
		var fault *upload.Error
		if err != nil && (!errors.As(err, &fault) || fault.Status < 400 || fault.Status > 422 || fault.Detail == "") {
			t.Fatalf("%v", err)
		}
		for i, p := range parts {
			if contents[i] != same[i] || p != again[i] {
				t.Fatalf("part %d: %+v %q, byte by byte %+v %q", i, p, contents[i], again[i], same[i])
			}
			if len(p.Filename) > 255 || strings.ContainsAny(p.Filename, "/\\") || strings.ContainsFunc(p.Filename, unicode.IsControl) || p.Filename != "" && !p.IsFile {
				t.Fatalf("part %d is called %q", i, p.Filename)
			}
		}
		// What is written again as mime/multipart writes it is read alike.
		if err != nil || len(parts) == 0 {
			return
		}
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.SetBoundary("XX")
		for i, p := range parts {
			if strings.ContainsAny(p.Name+p.Filename, "\\\"\r\n") || strings.ContainsFunc(p.Name, unicode.IsControl) || strings.Contains(contents[i], "\n--XX") || strings.HasPrefix(contents[i], "--XX") {
				return // is written differently
			}
			part, err := w.CreateFormField(p.Name)
			if p.IsFile {
				part, err = w.CreateFormFile(p.Name, p.Filename)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(part, contents[i])
		}
		_ = w.Close()
		written, texts, err := read(&b, 1<<20)
		if err != nil || len(written) != len(parts) {
			t.Fatalf("written again: %d parts, %v", len(written), err)
		}
		for i := range parts {
			if written[i].Name != parts[i].Name || written[i].Filename != parts[i].Filename || texts[i] != contents[i] {
				t.Fatalf("written again: %+v %q, was %+v %q", written[i], texts[i], parts[i], contents[i])
			}
		}
	})
}

// A disk that is full is a fault of the server, and leaves nothing. The test runs itself
// with a bound on the size of files.
func TestStoreOnFullDisk(t *testing.T) {
	if dir := os.Getenv("UPLOAD_FULL_DISK"); dir != "" {
		r := upload.NewReader(strings.NewReader("--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n"+strings.Repeat("x", 1<<20)+"\r\n--XX--"), "XX", 2<<20)
		p, err := r.Next()
		require.NoError(t, err)
		var s upload.Store
		_, err = s.Read(r, p, upload.Rules{})
		var fault *upload.Error
		require.ErrorAs(t, err, &fault)
		require.Equal(t, 500, fault.Status)
		require.ErrorContains(t, fault.Cause, "file too large")
		s.Close()
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
		return
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh, whose ulimit bounds the size of files")
	}
	dir := t.TempDir()
	cmd := exec.Command(sh, "-c", `ulimit -f 512 && exec "$0" -test.run '^TestStoreOnFullDisk$'`, os.Args[0])
	cmd.Env = append(os.Environ(), "UPLOAD_FULL_DISK="+dir, "TMPDIR="+dir, "GOCOVERDIR=")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "PASS")
}
