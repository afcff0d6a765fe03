// Package work states the six workloads: the request, and the answer that every
// contender has to give before it is timed.
package work

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Work is one workload.
type Work struct {
	Name    string // "W1"
	Title   string // one line for the table
	Method  string
	Target  string // path and query
	Header  http.Header
	Body    string
	Status  int
	Answer  string   // the JSON that has to come back; empty for W6
	Failing []string // W6: the members that have to be named, dotted, sorted
}

// Routes are the paths that every contender serves, in net/http's grammar.
const (
	HelloRoute  = "GET /hello"
	UserRoute   = "GET /users/{id}"
	CreateRoute = "POST /users"
	BatchRoute  = "POST /batch"
	RowsRoute   = "GET /rows"
)

// UserBody is the body of W3: 264 bytes, eight members.
const UserBody = `{"name":"Ada Lovelace","email":"ada.lovelace@example.com","age":36,"role":"member",` +
	`"bio":"Writes the first programs, on paper.","newsletter":true,` +
	`"address":{"street":"12 St James Sq","city":"London","zip":"SW1Y 4","country":"GB"},` +
	`"tags":["math","engines","notes"]}`

// badBody breaks one rule in each of four members, one of them nested.
const badBody = `{"name":"A","email":"ada.lovelace.example.com","age":36,"role":"sovereign",` +
	`"bio":"Writes the first programs, on paper.","newsletter":true,` +
	`"address":{"street":"12 St James Sq","city":"London","zip":"SW1Y 4","country":"GBR"},` +
	`"tags":["math","engines","notes"]}`

// All returns W1 to W6.
func All() []Work {
	jsonHeader := http.Header{"Content-Type": {"application/json"}}
	var created NewUser
	var batch Batch
	mustDecode(UserBody, &created)
	mustDecode(batchBody(), &batch)
	return []Work{
		{
			Name: "W1", Title: "GET, a constant JSON object",
			Method: http.MethodGet, Target: "/hello", Header: http.Header{},
			Status: http.StatusOK, Answer: encode(Greeting{Message: "Hello"}),
		},
		{
			Name: "W2", Title: "GET, four parameters from path, query and header, small JSON answer",
			Method: http.MethodGet, Target: "/users/42?verbose=true&limit=10",
			Header: http.Header{"X-Trace": {"f00dfeedcafe"}},
			Status: http.StatusOK, Answer: encode(Lookup{ID: 42, Verbose: true, Limit: 10, Trace: "f00dfeedcafe"}),
		},
		{
			Name: "W3", Title: "POST 264 bytes of JSON with rules, 201 and the body with an id",
			Method: http.MethodPost, Target: "/users", Header: jsonHeader, Body: UserBody,
			Status: http.StatusCreated, Answer: encode(Echo(created)),
		},
		{
			Name: "W4", Title: "POST 8.6 KB of JSON, 100 items with the same rules",
			Method: http.MethodPost, Target: "/batch", Header: jsonHeader, Body: batchBody(),
			Status: http.StatusCreated, Answer: encode(Import(batch)),
		},
		{
			Name: "W5", Title: "GET, 1000 rows, 110 KB of JSON",
			Method: http.MethodGet, Target: "/rows", Header: http.Header{},
			Status: http.StatusOK, Answer: encode(Rows()),
		},
		{
			Name: "W6", Title: "W3 with four failing members, 422 and what failed",
			Method: http.MethodPost, Target: "/users", Header: jsonHeader, Body: badBody,
			Status:  http.StatusUnprocessableEntity,
			Failing: []string{"address.country", "email", "name", "role"},
		},
	}
}

// Named returns one workload; it panics for a name that is none.
func Named(name string) Work {
	for _, w := range All() {
		if w.Name == name {
			return w
		}
	}
	panic("work: no workload " + name)
}

// Rows are the rows of W5. Contenders build them once: reading a database is not measured.
func Rows() []Row {
	rows := make([]Row, 1000)
	for i := range rows {
		rows[i] = Row{
			ID:     i + 1,
			Name:   fmt.Sprintf("Person %d", i+1),
			Email:  fmt.Sprintf("person.%d@example.com", i+1),
			Active: i%3 != 0,
			Score:  float64(i*37%1000) / 8,
			Tags:   []string{"a", "b"},
		}
	}
	return rows
}

func batchBody() string {
	roles := []string{"admin", "member", "guest"}
	var b strings.Builder
	b.WriteString(`{"items":[`)
	for i := range 100 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"User %d","email":"p%d@example.com","age":%d,"role":"%s","tags":["a","b"]}`,
			i, i, 18+i%60, roles[i%3])
	}
	b.WriteString(`]}`)
	return b.String()
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func mustDecode(s string, v any) {
	if err := json.Unmarshal([]byte(s), v); err != nil {
		panic(err)
	}
}
