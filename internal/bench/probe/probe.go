// Package probe asks every contender what it refuses: the same work is only the
// same if the same requests are turned away, and that is measured, not believed.
package probe

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// Probe is one request that a strict server refuses.
type Probe struct {
	Name   string
	Work   string // the workload that it is a variation of
	Method string
	Target string // path and query of those who serve the workload as it is asked
	Type   string // Content-Type
	Coding string // Content-Encoding
	Body   string
}

// Probes returns what is asked, in the order of the table.
func Probes() []Probe {
	const asJSON = "application/json"
	post := func(name, body string) Probe {
		return Probe{Name: name, Work: "W3", Method: http.MethodPost, Target: "/users", Type: asJSON, Body: body}
	}
	swap := func(old, replacement string) string {
		return strings.Replace(work.UserBody, old, replacement, 1)
	}
	get := func(name, target string) Probe {
		return Probe{Name: name, Work: "W2", Method: http.MethodGet, Target: target}
	}
	return []Probe{
		post("a member that the type does not have", swap(`"age":36`, `"age":36,"nickname":"Ada"`)),
		post("a member twice", swap(`"age":36`, `"age":36,"age":37`)),
		post("a member's name in capitals", swap(`"bio"`, `"BIO"`)),
		post("`null` for a string", swap(`"Writes the first programs, on paper."`, `null`)),
		post("a string that is not UTF-8", swap("London", "Lond\xffon")),
		post("a second value behind the body", work.UserBody+`{}`),
		post("an empty body", ""),
		post("an element that breaks its rule", swap(`"notes"`, `""`)),
		{Name: "JSON declared as text/plain", Work: "W3", Method: http.MethodPost, Target: "/users", Type: "text/plain", Body: work.UserBody},
		{Name: "a body said to be gzip", Work: "W3", Method: http.MethodPost, Target: "/users", Type: asJSON, Coding: "gzip", Body: work.UserBody},
		post("a body of 2 MiB", padded(2<<20)),
		post("a body of 8 MiB", padded(8<<20)),
		get("a number that is none", "/users/42?limit=ten"),
		get("a boolean that is none", "/users/42?verbose=maybe"),
		get("one parameter twice", "/users/42?limit=10&limit=20"),
		{Name: "a method that the path does not have", Work: "W3", Method: http.MethodDelete, Target: "/users"},
	}
}

// padded is UserBody with blanks up to size: valid, only large.
func padded(size int) string {
	return work.UserBody[:len(work.UserBody)-1] + strings.Repeat(" ", size-len(work.UserBody)) + "}"
}

// Absent stands for the status of a probe that a contender cannot be asked: it has no
// such parameters.
const Absent = -1

// targetFor is where c is asked; empty if it cannot be.
func (p Probe) targetFor(c contender.Contender) string {
	asked := work.Named(p.Work)
	own := c.Ask(asked).Work.Target
	switch {
	case own == asked.Target:
		return p.Target
	case p.Work == "W3":
		return own
	default:
		return ""
	}
}

// Status sends every probe to c over a connection and returns the statuses in
// the order of [Probes]; 0 where the server cut the connection instead, and [Absent].
func Status(c contender.Contender) ([]int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	defer func() { _ = l.Close() }()
	go func() { _ = c.Listen(l) }() // ends when the listener closes

	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	var statuses []int
	for _, p := range Probes() {
		target := p.targetFor(c)
		if target == "" {
			statuses = append(statuses, Absent)
			continue
		}
		req, err := http.NewRequest(p.Method, "http://"+l.Addr().String()+target, strings.NewReader(p.Body))
		if err != nil {
			return nil, fmt.Errorf("probe: %s: %w", p.Name, err)
		}
		if p.Type != "" {
			req.Header.Set("Content-Type", p.Type)
		}
		if p.Coding != "" {
			req.Header.Set("Content-Encoding", p.Coding)
		}
		resp, err := client.Do(req)
		if err != nil {
			statuses = append(statuses, 0)
			continue
		}
		_, _ = io.Copy(io.Discard, resp.Body) // only the status is looked at
		_ = resp.Body.Close()
		statuses = append(statuses, resp.StatusCode)
	}
	return statuses, nil
}
