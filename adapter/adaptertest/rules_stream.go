package adaptertest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

func same[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s: %v, want %v", what, got, want)
	}
	return nil
}

// await bounds the wait for what the other side of a connection does.
func await[T any](what string, c <-chan T) (T, error) {
	select {
	case v := <-c:
		return v, nil
	case <-time.After(patience):
		var zero T
		return zero, fmt.Errorf("%s did not happen within %v", what, patience)
	}
}

// streams is answers that are made bit by bit.
func streams() []rule {
	return []rule{
		ask("stream/unknown length", "A stream whose length nobody knows is chunked.", get("/chunks"), wish{200, []string{"Content-Type: text/plain"}, "one two three"}),
		ask("stream/known length", "A stream that knows its length says so.", get("/sized"), wish{200, []string{"Content-Length: 15"}, "of a known size"}),
		ask("stream/empty", "A stream may be empty.", get("/nothing-to-read"), wish{status: 200}),
		ask("stream/HEAD", "HEAD of a stream has no body.", send("HEAD", "/chunks", ""), wish{status: 200}),
		ask("stream/HEAD of a known length", "HEAD of a stream has the length that it knows.", send("HEAD", "/sized", ""), wish{200, []string{"Content-Length: 15"}, ""}),
		{"stream/cut", "A stream that breaks cuts the connection, so that half of it cannot pass for all.", func(b *bench) error {
			got, err := b.compare(get("/breaks"))
			if err != nil {
				return err
			}
			return same("truncated", got.truncated, true)
		}},
		{"stream/cut is reported", "A stream that breaks is reported.", func(b *bench) error {
			before := b.reports.Load()
			if _, err := b.router.send(get("/breaks")); err != nil {
				return err
			}
			for deadline := time.Now().Add(patience); b.reports.Load() == before && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond) // the report follows the cut, which is all that a client sees
			}
			return same("reports", b.reports.Load()-before, 1)
		}},
		{"stream/events", "The head of an event stream does not wait for the first event.", events},
		{"stream/flushed", "Each piece of a stream is sent before the next is made.", stepwise},
		{"stream/closed", "A payload that is an io.Closer is closed, once.", func(b *bench) error {
			if _, err := b.compare(get("/closes")); err != nil {
				return err
			}
			if _, err := await("the payload's Close", b.site.closed); err != nil {
				return err
			}
			return same("further calls of Close", len(b.site.closed), 0)
		}},
		{"stream/client leaves", "When the client leaves, the payload is read no further, and closed.", func(b *bench) error {
			conn, err := b.router.dial()
			if err != nil {
				return err
			}
			if _, err := conn.Write(get("/endless").bytes()); err != nil {
				return err
			}
			if _, err := io.ReadFull(conn, make([]byte, 64<<10)); err != nil {
				return fmt.Errorf("the stream did not begin: %w", err)
			}
			_ = conn.Close() // the point of the case
			_, err = await("the payload's Close", b.site.closed)
			return err
		}},
		ask("stream/middleware", "A stream passes net/http middleware.", get("/wrapped-stream"), wish{200, []string{"X-Wrapped: GET /wrapped-stream"}, "one two"}),
		{"connection/kept", "Several requests on one connection are answered in order.", func(b *bench) error {
			targets := []string{"/u/1", "/chunks", "/n/x", "/f/a", "/nowhere", "/tagged", "/sized", "/u/2"}
			return b.converse(false, targets)
		}},
		{"connection/pipelined", "Requests that are sent at once are answered in order.", func(b *bench) error {
			return b.converse(true, []string{"/u/1", "/u/2", "/n/x", "/u/3"})
		}},
		{"connection/body not read", "A body that no handler reads is not taken for the next request.", func(b *bench) error {
			conn, err := b.router.dial()
			if err != nil {
				return err
			}
			defer conn.Close()
			first := "POST /nothing HTTP/1.1\r\nHost: example.com\r\nContent-Length: 25\r\n\r\nGET /u/smuggled HTTP/1.1\n"
			second := "GET /u/next HTTP/1.1\r\nHost: example.com\r\n\r\n"
			if _, err := conn.Write([]byte(first + second)); err != nil {
				return err
			}
			r := bufio.NewReader(conn)
			if got, err := receive(r, false); err != nil || got.status != http.StatusNoContent {
				return fmt.Errorf("first: %d, %w", got.status, err)
			}
			got, err := receive(r, false)
			return errors.Join(err, same("second", got.body, said("id", "next")))
		}},
	}
}

// events waits for the head before there is an event.
func events(b *bench) error {
	conn, err := b.router.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write(get("/events").bytes()); err != nil {
		return err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	b.site.next <- struct{}{}
	got, err := io.ReadAll(res.Body)
	return errors.Join(err, same("events", string(got), "data: 1\n\n"))
}

func stepwise(b *bench) error {
	conn, err := b.router.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write(get("/stepwise").bytes()); err != nil {
		return err
	}
	r := bufio.NewReader(conn)
	b.site.next <- struct{}{} // net/http sends the head with the first piece
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		return err
	}
	pieces := bufio.NewReader(res.Body)
	for i := range 3 {
		if i > 0 {
			b.site.next <- struct{}{}
		}
		if line, err := pieces.ReadString('\n'); err != nil || line != "piece\n" {
			return fmt.Errorf("piece %d: %q, %w", i, line, err)
		}
	}
	close(b.site.next)
	left, err := io.ReadAll(pieces)
	return errors.Join(err, same("after the last piece", string(left), ""))
}

// converse sends requests on one connection, one after the other or all at once.
func (b *bench) converse(atOnce bool, targets []string) error {
	conn, err := b.router.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	requests := make([]string, len(targets))
	for i, target := range targets {
		requests[i] = "GET " + target + " HTTP/1.1\r\nHost: example.com\r\n\r\n"
	}
	if atOnce {
		if _, err := io.WriteString(conn, strings.Join(requests, "")); err != nil {
			return err
		}
	}
	r := bufio.NewReader(conn)
	for i, target := range targets {
		if !atOnce {
			if _, err := io.WriteString(conn, requests[i]); err != nil {
				return err
			}
		}
		got, err := receive(r, false)
		if err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
		want, err := b.reference.send(get(target))
		if err != nil {
			return err
		}
		if err := same(target, got.status, want.status); err != nil {
			return err
		}
		if want.status == http.StatusNotFound {
			continue // in whose words depends on the router
		}
		if err := same(target, got.body, want.body); err != nil {
			return err
		}
	}
	return nil
}
