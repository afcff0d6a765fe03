package typed_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/typed"
)

// checkDatabase stands for db.PingContext.
func checkDatabase(context.Context) error { return nil }

// A server behind a load balancer: it says when it is ready, and goes on for ten
// seconds after it has said that it no longer is.
func ExampleServer() {
	server := &typed.Server{
		Addr:     ":8080",
		Handler:  newBooksAPI(),
		Ready:    typed.Probe{Path: "/readyz", Check: checkDatabase},
		Live:     typed.Probe{Path: "/livez"},
		LameDuck: 10 * time.Second,
		Drain:    15 * time.Second,
	}
	if err := server.Serve(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// A certificate of one's own, and a port that a platform assigns.
func ExampleServer_tls() {
	server := &typed.Server{
		Addr:     ":" + os.Getenv("PORT"),
		Handler:  newBooksAPI(),
		CertFile: "/etc/books/tls.crt",
		KeyFile:  "/etc/books/tls.key",
	}
	if err := server.Serve(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// Clients that show a certificate, for what no header says who they are.
func ExampleServer_mutualTLS() {
	issuers, err := os.ReadFile("/etc/books/clients.crt")
	if err != nil {
		log.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(issuers)
	server := &typed.Server{
		Addr:         ":8443",
		Handler:      newBooksAPI(), // a handler finds the certificate in typed.HTTPRequest(ctx).TLS
		CertFile:     "/etc/books/tls.crt",
		KeyFile:      "/etc/books/tls.key",
		TLS:          &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool},
		DisableHTTP2: true, // as for handlers that take over connections
	}
	if err := server.Serve(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// Limits that are narrower than the defaults, behind a load balancer that speaks HTTP/2
// without TLS.
func ExampleServer_ServeListener() {
	server := &typed.Server{
		Handler:           newBooksAPI(),
		H2C:               true,
		ReadHeaderTimeout: time.Second,      // a header that comes byte by byte
		ReadTimeout:       10 * time.Second, // a whole request
		WriteTimeout:      20 * time.Second, // an answer that its client does not take
		IdleTimeout:       30 * time.Second, // a connection without requests
		MaxHeaderBytes:    16 << 10,
		MaxConnections:    1000,
		Log:               slog.New(slog.DiscardHandler),
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // or one that the system hands on
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error)
	go func() { served <- server.ServeListener(ctx, listener) }()

	r, _ := http.NewRequest("GET", "http://"+listener.Addr().String()+"/books", nil)
	r.Header.Set("X-Long", strings.Repeat("x", 32<<10))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = res.Body.Close()
	fmt.Println(res.Status)
	stop()
	fmt.Println(<-served)
	// Output:
	// 431 Request Header Fields Too Large
	// <nil>
}

// A health check that stands beside the API.
func ExampleProbe() {
	server := &typed.Server{
		Addr:    ":8080",
		Handler: newBooksAPI(),
		Ready:   typed.Probe{Path: "/readyz", Check: checkDatabase},
	}
	log.Println(server.Serve(context.Background()))
}

// A handler of net/http beside the API that sends events until its client has left or the
// server drains.
func ExampleDraining() {
	mux := http.NewServeMux()
	mux.Handle("/api/", newBooksAPI())
	mux.HandleFunc("GET /clock", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			select {
			case <-typed.Draining(r.Context()):
				return
			case <-r.Context().Done():
				return
			case now := <-time.After(time.Second):
				_, _ = w.Write([]byte("data: " + now.Format(time.TimeOnly) + "\n\n"))
				_ = http.NewResponseController(w).Flush()
			}
		}
	})
	log.Println(typed.Serve(context.Background(), ":8080", mux))
}
