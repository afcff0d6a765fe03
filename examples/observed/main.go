// Observed is an API with traces, metrics and logs that belong together. By default
// everything is printed; -otlp sends traces and metrics to a collector of OpenTelemetry.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"os"

	"github.com/apiroutes/apiroutes/adapter/oteladapter"
	"github.com/apiroutes/apiroutes/typed"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	otlp := flag.String("otlp", "", "URL of a collector, such as http://127.0.0.1:4318; empty: print")
	flag.Parse()
	if err := run(*addr, *otlp); err != nil {
		log.Fatal(err)
	}
}

func run(addr, otlp string) error {
	ctx := context.Background()
	shutdown, err := setUp(ctx, otlp)
	if err != nil {
		return err
	}
	slog.SetDefault(slog.New(oteladapter.LogHandler(slog.NewTextHandler(os.Stderr, nil))))
	fmt.Printf(`Listening on %[1]s. Try:

  curl -i http://%[1]s/users/1
  curl -i 'http://%[1]s/users?limit=1000'
  curl -i http://%[1]s/users/1/card

`, addr)
	err = typed.Serve(ctx, addr, newAPI("http://"+addr))
	if failed := shutdown(ctx); err == nil {
		err = failed
	}
	return err
}
