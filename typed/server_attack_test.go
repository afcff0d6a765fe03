package typed_test

import (
	"context"
	"encoding/xml"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// judge returns the path of a program that tests servers. These tests take a minute, so
// they are among the proofs.
func judge(t *testing.T, name string) string {
	t.Helper()
	if os.Getenv("APIROUTES_PROOF") != "1" {
		t.Skip("runs with APIROUTES_PROOF=1")
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// TestH2spec has h2spec judge HTTP/2 over TLS and without: what fails is what fails with
// net/http's own server.
func TestH2spec(t *testing.T) {
	h2spec := judge(t, "h2spec")
	cert, key := certificate(t, time.Now().Add(time.Hour))
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "judged by h2spec")
	})
	failures := func(addr string, args ...string) (failed []string, tests int) {
		host, port, err := net.SplitHostPort(addr)
		require.NoError(t, err)
		report := filepath.Join(t.TempDir(), "report.xml")
		out, _ := exec.CommandContext(t.Context(), h2spec, append(args, "-h", host, "-p", port, "-j", report)...).CombinedOutput()
		text, err := os.ReadFile(report)
		require.NoError(t, err, string(out))
		var suites struct {
			Suite []struct {
				Case []struct {
					Package string  `xml:"package,attr"`
					Name    string  `xml:"classname,attr"`
					Failure *string `xml:"failure"`
					Error   *string `xml:"error"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		require.NoError(t, xml.Unmarshal(text, &suites))
		for _, s := range suites.Suite {
			for _, c := range s.Case {
				tests++
				if c.Failure != nil || c.Error != nil {
					failed = append(failed, c.Package+": "+c.Name)
				}
			}
		}
		slices.Sort(failed)
		return failed, tests
	}
	for name, tls := range map[string]bool{"h2c": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			ours := &typed.Server{Handler: h, Log: slog.New(slog.DiscardHandler)}
			bare := &http.Server{Handler: h, Protocols: new(http.Protocols), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			var args []string
			if tls {
				args = []string{"-t", "-k"}
				ours.CertFile, ours.KeyFile = cert, key
				bare.Protocols.SetHTTP2(true)
				go func() { _ = bare.ServeTLS(l, cert, key) }()
			} else {
				ours.H2C = true
				bare.Protocols.SetUnencryptedHTTP2(true)
				go func() { _ = bare.Serve(l) }()
			}
			defer bare.Close()
			want, _ := failures(l.Addr().String(), args...)
			got, tests := failures(startServer(t, ours), args...)
			require.Greater(t, tests, 100)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("failures (-net/http +typed.Server):\n%s", diff)
			}
			t.Logf("%d cases, %d fail with net/http and here", tests, len(got))
		})
	}
}

// TestSlowClients has slowhttptest send slow headers, contents and ranges, and read
// slowly, over 500 connections each: whoever asks meanwhile is answered.
func TestSlowClients(t *testing.T) {
	slowhttptest := judge(t, "slowhttptest")
	api := typed.New("Test", "1", nil)
	large := make([]int, 50_000)
	typed.Handle(api, "GET /", typed.Func(func(context.Context, typed.None) ([]int, error) { return large, nil }))
	typed.Handle(api, "POST /", typed.Func(func(_ context.Context, in struct {
		Text string `json:"text"`
	}) (string, error) {
		return in.Text, nil
	}))
	typed.Handle(api, "GET /probe", typed.Func(func(context.Context, typed.None) (string, error) { return "well", nil }))
	addr := startServer(t, &typed.Server{Handler: api, Drain: time.Second, Log: slog.New(slog.DiscardHandler)})
	for name, args := range map[string][]string{
		"header": {"-H"}, "content": {"-B", "-f", "application/json"}, "range": {"-R"}, "read": {"-X", "-w", "10", "-y", "20", "-n", "2", "-z", "8"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append(args, "-c", "500", "-r", "500", "-l", strconv.Itoa(8), "-i", "2", "-p", "3", "-u", "http://"+addr+"/")
			done := make(chan error, 1)
			cmd := exec.CommandContext(t.Context(), slowhttptest, args...)
			go func() { done <- cmd.Run() }()
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 3 * time.Second}
			probes := 0
			for {
				res, err := client.Get("http://" + addr + "/probe")
				require.NoError(t, err)
				_ = res.Body.Close()
				require.Equal(t, http.StatusOK, res.StatusCode)
				probes++
				select {
				case err := <-done:
					require.NoError(t, err)
					t.Logf("%d probes answered", probes)
					return
				case <-time.After(100 * time.Millisecond):
				}
			}
		})
	}
}
