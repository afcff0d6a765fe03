package typed_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// certificate writes a certificate for 127.0.0.1 that signs itself, and its key.
func certificate(t *testing.T, notAfter time.Time) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "test"},
		NotBefore:    time.Now().Add(-48 * time.Hour),
		NotAfter:     notAfter,
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", keyDER)
}

// TestServerFields has what a Server refuses: every error says what to change.
func TestServerFields(t *testing.T) {
	cert, key := certificate(t, time.Now().Add(time.Hour))
	otherCert, _ := certificate(t, time.Now().Add(time.Hour))
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	h := http.NotFoundHandler()
	for name, c := range map[string]struct {
		server typed.Server
		want   []string // each in the error
	}{
		"nothing": {typed.Server{}, []string{
			`typed: Server: field Addr: it is empty: write "127.0.0.1:8080", or ":8080" for every interface`,
			"typed: Server: field Handler: it is nil: give it an *API"}},
		"negative": {typed.Server{Addr: ":0", Handler: h, MaxHeaderBytes: -1, MaxConnections: -1, LameDuck: -1}, []string{
			"field MaxHeaderBytes: it is negative: write 0 for 64 KiB", "field MaxConnections: it is negative", "field LameDuck: it is negative"}},
		"probe without a path": {typed.Server{Addr: ":0", Handler: h, Ready: typed.Probe{Check: func(context.Context) error { return nil }}}, []string{
			`field Ready: it has a Check and no Path: write a Path, such as "/readyz"`}},
		"probe without a slash": {typed.Server{Addr: ":0", Handler: h, Live: typed.Probe{Path: "livez"}}, []string{
			`field Live: the path "livez" does not begin with a slash: write "/livez"`}},
		"probes on one path": {typed.Server{Addr: ":0", Handler: h, Live: typed.Probe{Path: "/z"}, Ready: typed.Probe{Path: "/z"}}, []string{
			"field Ready: it has the path of Live"}},
		"no certificate": {typed.Server{Addr: ":0", Handler: h, TLS: &tls.Config{}}, []string{
			"field TLS: it has no certificate: set CertFile and KeyFile"}},
		"no key":           {typed.Server{Addr: ":0", Handler: h, CertFile: cert}, []string{"field KeyFile: it is empty, and CertFile is not"}},
		"a key only":       {typed.Server{Addr: ":0", Handler: h, KeyFile: key}, []string{"field CertFile: it is empty, and KeyFile is not"}},
		"missing file":     {typed.Server{Addr: ":0", Handler: h, CertFile: "absent.pem", KeyFile: key}, []string{"the file absent.pem cannot be read"}},
		"foreign key":      {typed.Server{Addr: ":0", Handler: h, CertFile: otherCert, KeyFile: key}, []string{"the key in " + key + " is not that of the first certificate in " + otherCert}},
		"exchanged files":  {typed.Server{Addr: ":0", Handler: h, CertFile: key, KeyFile: cert}, []string{key + " holds no certificate"}},
		"two certificates": {typed.Server{Addr: ":0", Handler: h, CertFile: cert, KeyFile: cert}, []string{cert + " holds no private key"}},
		"port taken":       {typed.Server{Addr: taken.Addr().String(), Handler: h}, []string{"another process listens there: stop it, or choose another port", "address already in use"}},
		"no port":          {typed.Server{Addr: "127.0.0.1", Handler: h}, []string{`cannot listen on "127.0.0.1": write it as "127.0.0.1:8080"`}},
		"impossible port":  {typed.Server{Addr: ":70000", Handler: h}, []string{`write it as "127.0.0.1:8080"`}},
		"foreign address":  {typed.Server{Addr: "192.0.2.1:0", Handler: h}, []string{"no interface of this machine has that address"}},
		"unknown host":     {typed.Server{Addr: "no.such.host.invalid:0", Handler: h}, []string{"the host is not known here"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.server.Serve(t.Context())
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
	t.Run("a listener is closed", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.ErrorContains(t, (&typed.Server{}).ServeListener(t.Context(), l), "field Handler")
		require.ErrorIs(t, l.Close(), net.ErrClosed)
	})
	t.Run("the context has ended", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, typed.Serve(ctx, "127.0.0.1:0", h))
	})
}

// startServer serves s until the test ends.
func startServer(t *testing.T, s *typed.Server) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- s.ServeListener(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-served)
	})
	return l.Addr().String()
}

func TestServerTLS(t *testing.T) {
	cert, key := certificate(t, time.Now().Add(time.Hour))
	pair, err := tls.LoadX509KeyPair(cert, key)
	require.NoError(t, err)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) })
	for name, c := range map[string]struct {
		server typed.Server
		want   string
	}{
		"files":         {typed.Server{CertFile: cert, KeyFile: key}, "HTTP/2.0"},
		"config":        {typed.Server{TLS: &tls.Config{Certificates: []tls.Certificate{pair}}}, "HTTP/2.0"},
		"function":      {typed.Server{TLS: &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &pair, nil }}}, "HTTP/2.0"},
		"files, config": {typed.Server{CertFile: cert, KeyFile: key, TLS: &tls.Config{MinVersion: tls.VersionTLS13}}, "HTTP/2.0"},
		"no HTTP/2":     {typed.Server{CertFile: cert, KeyFile: key, DisableHTTP2: true}, "HTTP/1.1"},
		"limited":       {typed.Server{CertFile: cert, KeyFile: key, MaxConnections: 1}, "HTTP/2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			c.server.Handler = h
			c.server.Log = slog.New(slog.DiscardHandler)
			addr := startServer(t, &c.server)
			transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
			defer transport.CloseIdleConnections()
			res, err := (&http.Client{Transport: transport}).Get("https://" + addr)
			require.NoError(t, err)
			body, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			_ = res.Body.Close()
			require.Equal(t, c.want, string(body))
		})
	}
}

func TestServerExpiredCertificate(t *testing.T) {
	cert, key := certificate(t, time.Now().Add(-time.Hour))
	var log strings.Builder
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, (&typed.Server{
		Addr: "127.0.0.1:0", Handler: http.NotFoundHandler(), CertFile: cert, KeyFile: key,
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	}).Serve(ctx))
	require.Contains(t, log.String(), "the certificate has expired")
}

func TestServerProbes(t *testing.T) {
	broken := false
	var log strings.Builder
	api := typed.New("Test", "1", nil)
	api.Use(func(http.Handler) http.Handler { return http.NotFoundHandler() }) // access control, say
	addr := startServer(t, &typed.Server{
		Handler: api,
		Ready: typed.Probe{Path: "/readyz", Check: func(context.Context) error {
			if broken {
				return errors.New("dial tcp 10.0.0.1:5432: refused")
			}
			return nil
		}},
		Live: typed.Probe{Path: "/livez"},
		Log:  slog.New(slog.NewTextHandler(&log, nil)),
	})
	for _, c := range []struct {
		method, path string
		broken       bool
		status       int
		body         string
	}{
		{"GET", "/readyz", false, 200, "ok\n"},
		{"HEAD", "/readyz", false, 200, ""},
		{"GET", "/readyz", true, 503, `"The server is not ready."`},
		{"GET", "/livez", true, 200, "ok\n"},
		{"POST", "/livez", false, 405, `"status":405`},
		{"GET", "/livez/", false, 404, ""},
		{"GET", "/", false, 404, ""},
	} {
		broken = c.broken
		req, err := http.NewRequest(c.method, "http://"+addr+c.path, nil)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		_ = res.Body.Close()
		require.Equal(t, c.status, res.StatusCode, c.path)
		require.Contains(t, string(body), c.body)
		require.NotContains(t, string(body), "10.0.0.1")
	}
	http.DefaultClient.CloseIdleConnections()
	require.Contains(t, log.String(), "10.0.0.1")
}

// A check that panics has failed: what asks gets an answer, and the log has the stack.
func TestServerProbePanics(t *testing.T) {
	var log strings.Builder
	addr := startServer(t, &typed.Server{
		Handler: typed.New("Test", "1", nil),
		Live:    typed.Probe{Path: "/livez", Check: func(context.Context) error { panic("the secret fault") }},
		Ready:   typed.Probe{Path: "/readyz", Check: func(context.Context) error { panic(http.ErrAbortHandler) }},
		Log:     slog.New(slog.NewTextHandler(&log, nil)),
	})
	for path, want := range map[string]string{"/livez": `"The server is not live."`, "/readyz": `"The server is not ready."`} {
		res, err := http.Get("http://" + addr + path)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
		require.Contains(t, string(body), want)
		require.NotContains(t, string(body), "secret")
	}
	http.DefaultClient.CloseIdleConnections()
	require.Contains(t, log.String(), "panicked: the secret fault")
	require.Contains(t, log.String(), "server_fields_test.go", "the stack")
}

// What net/http's writer can, the one that a handler gets can as well.
func TestServerWriter(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 200_000) // more than two pieces
	file := filepath.Join(t.TempDir(), "file.txt")
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	mux := http.NewServeMux()
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	mux.HandleFunc("/copy", func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(w, io.MultiReader(strings.NewReader(content)))
		require.NoError(t, err)
	})
	mux.HandleFunc("/early", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("/hijack", func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		require.NoError(t, err)
		_, _ = io.WriteString(conn, "HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n")
		_ = conn.Close()
	})
	mux.HandleFunc("/form", func(w http.ResponseWriter, r *http.Request) {
		require.NoError(t, r.ParseMultipartForm(1))
		files, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "multipart-*"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
	})
	t.Setenv("TMPDIR", t.TempDir())
	addr := startServer(t, &typed.Server{Handler: mux, Log: slog.New(slog.DiscardHandler)})
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/file": {200, content}, "/copy": {200, content}, "/early": {202, ""}, "/hijack": {418, ""},
	} {
		res, err := client.Get("http://" + addr + path)
		require.NoError(t, err, path)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		_ = res.Body.Close()
		require.Equal(t, want.status, res.StatusCode, path)
		require.True(t, want.body == string(body), path)
	}
	form := "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n" + strings.Repeat("x", 11<<20) + "\r\n--b--\r\n"
	res, err := client.Post("http://"+addr+"/form", "multipart/form-data; boundary=b", strings.NewReader(form))
	require.NoError(t, err)
	_ = res.Body.Close()
	require.Equal(t, 200, res.StatusCode)
	require.Eventually(t, func() bool {
		files, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "multipart-*"))
		return err == nil && len(files) == 0
	}, 5*time.Second, time.Millisecond, "temporary files are removed")
}
