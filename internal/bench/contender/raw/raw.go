// Package raw is the baseline: what a careful engineer writes by hand on net/http.
//
// The body is limited, decoded strictly (no unknown members, nothing behind the
// value) and validated; every client fault is a problem document that says what
// failed. Nothing is pooled or generated: that is what hands write.
package raw

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-playground/validator/v10"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// New returns the baseline behind http.ServeMux: answers are encoded straight into
// the writer, as most hands do.
func New() contender.Contender { return serve("raw", writeJSON) }

// NewBuffered returns the baseline for those who are as careful about answers as about
// requests: an answer is encoded before its head is written, so that a value that
// cannot be encoded is a clean 500, and has a Content-Length.
func NewBuffered() contender.Contender { return serve("raw, buffered", writeBuffered) }

func serve(name string, write writer) contender.Contender {
	s := NewServer(func(r *http.Request) string { return r.PathValue("id") })
	s.write = write
	mux := http.NewServeMux()
	mux.HandleFunc(work.HelloRoute, s.Hello)
	mux.HandleFunc(work.UserRoute, s.User)
	mux.HandleFunc(work.CreateRoute, s.Create)
	mux.HandleFunc(work.BatchRoute, s.Batch)
	mux.HandleFunc(work.RowsRoute, s.Rows)
	return contender.NetHTTP(name, "", mux)
}

// Server holds the handlers, for any router that takes http.HandlerFunc.
type Server struct {
	write    writer
	validate *validator.Validate
	pathID   func(*http.Request) string
	rows     []work.Row
}

// NewServer returns the handlers; pathID reads {id} the way the router offers it.
func NewServer(pathID func(*http.Request) string) *Server {
	return &Server{write: writeJSON, validate: NewValidator(), pathID: pathID, rows: work.Rows()}
}

// NewValidator reports members by their JSON names.
func NewValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(jsonName)
	return v
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// Hello serves W1.
func (s *Server) Hello(w http.ResponseWriter, _ *http.Request) {
	s.write(w, http.StatusOK, work.Greeting{Message: "Hello"})
}

// lookup holds the parameters of W2 under their rules.
type lookup struct {
	ID      int    `json:"id" validate:"min=1"`
	Verbose bool   `json:"verbose"`
	Limit   int    `json:"limit" validate:"min=1,max=100"`
	Trace   string `json:"X-Trace" validate:"max=64"`
}

// User serves W2.
func (s *Server) User(w http.ResponseWriter, r *http.Request) {
	in := lookup{Limit: 20, Trace: r.Header.Get("X-Trace")}
	var err error
	if in.ID, err = strconv.Atoi(s.pathID(r)); err != nil {
		writeProblem(w, http.StatusUnprocessableEntity, "id must be an integer", nil)
		return
	}
	q := r.URL.Query()
	if v := q.Get("verbose"); v != "" {
		if in.Verbose, err = strconv.ParseBool(v); err != nil {
			writeProblem(w, http.StatusUnprocessableEntity, "verbose must be true or false", nil)
			return
		}
	}
	if v := q.Get("limit"); v != "" {
		if in.Limit, err = strconv.Atoi(v); err != nil {
			writeProblem(w, http.StatusUnprocessableEntity, "limit must be an integer", nil)
			return
		}
	}
	if !s.valid(w, &in) {
		return
	}
	s.write(w, http.StatusOK, work.Lookup{ID: in.ID, Verbose: in.Verbose, Limit: in.Limit, Trace: in.Trace})
}

// Create serves W3 and W6.
func (s *Server) Create(w http.ResponseWriter, r *http.Request) {
	var in work.NewUser
	if decode(w, r, &in) && s.valid(w, &in) {
		s.write(w, http.StatusCreated, work.Echo(in))
	}
}

// Batch serves W4.
func (s *Server) Batch(w http.ResponseWriter, r *http.Request) {
	var in work.Batch
	if decode(w, r, &in) && s.valid(w, &in) {
		s.write(w, http.StatusCreated, work.Import(in))
	}
}

// Rows serves W5.
func (s *Server) Rows(w http.ResponseWriter, _ *http.Request) {
	s.write(w, http.StatusOK, s.rows)
}

const maxBody = 1 << 20

// decode reads one strict JSON value into dst, or answers and reports false.
func decode(w http.ResponseWriter, r *http.Request, dst any) bool {
	if ct := r.Header.Get("Content-Type"); ct != "application/json" && !strings.HasPrefix(ct, "application/json;") {
		writeProblem(w, http.StatusUnsupportedMediaType, "the body must be application/json", nil)
		return false
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	err := dec.Decode(dst)
	if err == nil {
		if _, err = dec.Token(); err == io.EOF {
			return true
		}
		if err == nil {
			err = errors.New("data behind the value")
		}
	}
	status, detail := http.StatusBadRequest, "the body is not valid JSON of the expected shape"
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		status, detail = http.StatusRequestEntityTooLarge, "the body is too large"
	}
	writeProblem(w, status, detail, nil)
	return false
}

// problem is RFC 9457 with the failures beside it.
type problem struct {
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Detail string    `json:"detail,omitempty"`
	Errors []Failure `json:"errors,omitempty"`
}

// Failure is one member that broke a rule.
type Failure struct {
	Field  string `json:"field"`
	Rule   string `json:"rule"`
	Param  string `json:"param,omitempty"`
	Detail string `json:"detail"`
}

// valid checks the rules of *in, or answers and reports false.
func (s *Server) valid(w http.ResponseWriter, in any) bool {
	err := s.validate.Struct(in)
	if err == nil {
		return true
	}
	writeProblem(w, http.StatusUnprocessableEntity, "the request broke rules", Failures(err))
	return false
}

// Failures says in words what validator found; nil for any other error.
func Failures(err error) []Failure {
	found, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return nil
	}
	out := make([]Failure, len(found))
	for i, f := range found {
		_, field, _ := strings.Cut(f.Namespace(), ".")
		out[i] = Failure{Field: field, Rule: f.Tag(), Param: f.Param(), Detail: sentence(f.Tag(), f.Param())}
	}
	return out
}

func sentence(rule, param string) string {
	switch rule {
	case "required":
		return "is required"
	case "min":
		return "must be at least " + param
	case "max":
		return "must be at most " + param
	case "len":
		return "must have length " + param
	case "oneof":
		return "must be one of " + param
	case "email":
		return "must be an e-mail address"
	default:
		return "breaks the rule " + rule
	}
}

func writeProblem(w http.ResponseWriter, status int, detail string, failures []Failure) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	// The client went away: there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(problem{
		Title: http.StatusText(status), Status: status, Detail: detail, Errors: failures,
	})
}

// writer answers with a value as JSON.
type writer func(w http.ResponseWriter, status int, v any)

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func writeBuffered(w http.ResponseWriter, status int, v any) {
	var buf bytes.Buffer
	if err := json.NewEncoder(&buf).Encode(v); err != nil {
		writeProblem(w, http.StatusInternalServerError, "", nil)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes())
}
