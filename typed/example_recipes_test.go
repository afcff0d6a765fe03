package typed_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type Issue struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

type GetIssue struct {
	ID int `path:"id"`
}

type RenameIssue struct {
	ID      int      `path:"id"`
	IfMatch []string `header:"If-Match"` // a comma in quotes splits nothing: `"a,b"` is one element
	Title   string   `json:"title" validate:"required,max=200"`
}

// mayWrite judges If-Match. The comparison is the strong one of RFC 9110, 8.8.3.2, because
// tag is strong: no weak tag is equal to it.
func mayWrite(ifMatch []string, tag string) error {
	switch {
	case len(ifMatch) == 0:
		return respond.PreconditionRequired("Send the ETag of the issue in If-Match.")
	case slices.Contains(ifMatch, tag) || slices.Equal(ifMatch, []string{"*"}):
		return nil
	}
	return respond.PreconditionFailed("The issue has changed since you read it.")
}

func Example_conditionalWrite() {
	var mu sync.Mutex // a program with a database: UPDATE … WHERE id = ? AND version = ?
	issue, version := Issue{ID: 1, Title: "Login fails"}, 1
	tag := func() string { return fmt.Sprintf(`"%d"`, version) }

	api := typed.New("Issues", "1.0.0", nil)
	tagged := typed.ResponseHeader("ETag", "the version of the issue, for If-Match", 200)
	typed.Handle(api, "GET /issues/{id}",
		func(_ context.Context, _ GetIssue, res *typed.Response[Issue]) (typed.Answer, error) {
			mu.Lock()
			defer mu.Unlock()
			return res.Header("ETag", tag()).JSON(issue)
		}, tagged)
	typed.Handle(api, "PATCH /issues/{id}",
		func(_ context.Context, in RenameIssue, res *typed.Response[Issue]) (typed.Answer, error) {
			mu.Lock()
			defer mu.Unlock()
			if err := mayWrite(in.IfMatch, tag()); err != nil {
				return typed.Fail(err)
			}
			issue.Title = in.Title
			version++
			return res.Header("ETag", tag()).JSON(issue)
		}, tagged, typed.Fails(412, 428))

	read := show(api, "GET", "/issues/1", "").Get("ETag")
	written := show(api, "PATCH", "/issues/1", `{"title":"Login is slow"}`, "If-Match", read).Get("ETag")
	fmt.Println(read, "has become", written)
	show(api, "PATCH", "/issues/1", `{"title":"Login hangs"}`, "If-Match", read)
	show(api, "PATCH", "/issues/1", `{"title":"Login hangs"}`)
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Login fails"}
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Login is slow"}
	// "1" has become "2"
	// 412 application/problem+json
	// {"title":"Precondition Failed","status":412,"detail":"The issue has changed since you read it."}
	// 428 application/problem+json
	// {"title":"Precondition Required","status":428,"detail":"Send the ETag of the issue in If-Match."}
}

func Example_fieldError() {
	type SignUp struct {
		Email string `json:"email" validate:"required,email"`
	}
	errTaken := errors.New("duplicate key") // what a database says of its unique index
	insert := func(string) error { return errTaken }

	api := typed.New("Issues", "1.0.0", nil)
	typed.Handle(api, "POST /users", typed.Do(func(_ context.Context, in SignUp) error {
		err := insert(in.Email)
		if errors.Is(err, errTaken) {
			return &respond.Problem{
				Status: http.StatusUnprocessableEntity,
				Errors: []respond.FieldError{{In: "body", Pointer: "/email", Rule: "taken", Detail: "belongs to another account"}},
			}
		}
		return err
	}), typed.Status(http.StatusCreated))

	show(api, "POST", "/users", `{"email":"ada@example.com"}`)
	// Output:
	// 422 application/problem+json
	// {"title":"Unprocessable Content","status":422,"errors":[{"in":"body","pointer":"/email","rule":"taken","detail":"belongs to another account"}]}
}

// Idempotent is middleware that answers a request that is sent again, with the same
// Idempotency-Key, as it was answered the first time.
func Idempotent() func(http.Handler) http.Handler {
	type request struct{ who, method, path, key string }
	var mu sync.Mutex
	answers := map[request]*recording{} // nil: the first request is still being handled

	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			reader, ok := typed.Principal[Reader](r.Context())
			req := request{reader.Name, r.Method, r.URL.Path, r.Header.Get("Idempotency-Key")}
			if !ok || req.key == "" {
				next.ServeHTTP(w, r)
				return
			}
			mu.Lock()
			answer, known := answers[req]
			if !known {
				answers[req] = nil
			}
			mu.Unlock()
			switch {
			case known && answer == nil:
				respond.Conflict("The first request with this key is still being handled.").ServeHTTP(w, r)
				return
			case !known:
				answer = &recording{header: http.Header{}}
				func() {
					defer func() { // also if the handler panics
						mu.Lock()
						defer mu.Unlock()
						if answers[req] = answer; answer.status < 200 || answer.status > 299 {
							delete(answers, req) // the client may correct the request, or try again
						}
					}()
					next.ServeHTTP(answer, r)
				}()
			}
			answer.sendTo(w)
		})
	}
}

// recording is an answer that is kept.
type recording struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *recording) Header() http.Header    { return a.header }
func (a *recording) WriteHeader(status int) { a.status = status }

func (a *recording) Write(p []byte) (int, error) {
	a.status = cmp.Or(a.status, http.StatusOK)
	return a.body.Write(p)
}

func (a *recording) sendTo(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(cmp.Or(a.status, http.StatusOK))
	_, _ = w.Write(a.body.Bytes()) // the client has disconnected
}

func Example_idempotencyKey() {
	type AddIssue struct {
		Me    Reader `auth:"token"`
		Key   string `header:"Idempotency-Key" validate:"max=100"` // for the document
		Title string `json:"title" validate:"required"`
	}
	newAPI := func() *typed.API {
		api := typed.New("Issues", "1.0.0", &typed.Options{Schemes: []typed.Scheme{typed.Bearer("token", verifyReader)}})
		once := api.Group("", typed.Use(Idempotent()), typed.Fails(409)) // each API has a store of its own
		issues := 0
		typed.Handle(once, "POST /issues", typed.Func(func(_ context.Context, in AddIssue) (Issue, error) {
			issues++
			return Issue{ID: issues, Title: in.Title}, nil
		}), typed.Status(http.StatusCreated))
		return api
	}

	api := newAPI()
	body := `{"title":"Login fails"}`
	show(api, "POST", "/issues", body, "Authorization", "Bearer ada", "Idempotency-Key", "1f")
	show(api, "POST", "/issues", body, "Authorization", "Bearer ada", "Idempotency-Key", "1f") // sent again
	show(api, "POST", "/issues", body, "Authorization", "Bearer bob", "Idempotency-Key", "1f") // another's key
	show(api, "POST", "/issues", body, "Idempotency-Key", "1f")
	// Output:
	// 201 application/json; charset=utf-8
	// {"id":1,"title":"Login fails"}
	// 201 application/json; charset=utf-8
	// {"id":1,"title":"Login fails"}
	// 201 application/json; charset=utf-8
	// {"id":2,"title":"Login fails"}
	// 401 application/problem+json
	// {"title":"Unauthorized","status":401,"detail":"The request has no credentials: send those that WWW-Authenticate asks for."}
}

// Limit is an option that answers n requests of each client in each window of time.
func Limit(n int, window time.Duration) typed.Option {
	var mu sync.Mutex
	var began time.Time
	counts := map[string]int{}
	limit := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			client, _, _ := net.SplitHostPort(r.RemoteAddr)
			mu.Lock()
			if time.Since(began) >= window {
				began = time.Now()
				clear(counts)
			}
			counts[client]++
			count, wait := counts[client], window-time.Since(began)
			mu.Unlock()
			if count > n {
				respond.TooManyRequests("Too many requests; Retry-After says when to go on.").
					Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds())))).ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	return typed.All(typed.Use(limit), typed.Fails(429),
		typed.ResponseHeader("Retry-After", "the seconds to wait", 429))
}

func Example_rateLimit() {
	api := typed.New("Issues", "1.0.0", nil)
	limited := api.Group("", Limit(1, time.Hour))
	typed.Handle(limited, "GET /issues/{id}", typed.Func(func(_ context.Context, in GetIssue) (Issue, error) {
		return Issue{ID: in.ID, Title: "Login fails"}, nil
	}))

	show(api, "GET", "/issues/1", "")
	wait := show(api, "GET", "/issues/1", "").Get("Retry-After")
	fmt.Println(wait != "")
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Login fails"}
	// 429 application/problem+json
	// {"title":"Too Many Requests","status":429,"detail":"Too many requests; Retry-After says when to go on."}
	// true
}

type requestID struct{}

var plausibleID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// RequestID is an observer that gives each request an ID: that of the proxy in front, or
// a new one.
func RequestID(ctx context.Context, o *typed.Observation) (context.Context, func()) {
	id := rand.Text()
	if sent := o.Header("X-Request-Id"); len(sent) == 1 && plausibleID.MatchString(sent[0]) {
		id = sent[0]
	}
	o.AddHeader("X-Request-Id", id)
	return context.WithValue(ctx, requestID{}, id), nil
}

func Example_requestID() {
	api := typed.New("Issues", "1.0.0", &typed.Options{OnError: func(ctx context.Context, err error) {
		fmt.Println("error:", ctx.Value(requestID{}), err)
	}})
	api.Observe(RequestID) // before the observers that are to see it
	api.Observe(func(ctx context.Context, o *typed.Observation) (context.Context, func()) {
		return ctx, func() { fmt.Println("log:", ctx.Value(requestID{}), o.Route(), o.Status) }
	})
	typed.Handle(api, "GET /issues/{id}", typed.Func(func(context.Context, GetIssue) (Issue, error) {
		return Issue{}, errNoRows
	}))

	header := show(api, "GET", "/issues/1", "", "X-Request-Id", "7f3a")
	fmt.Println(header.Get("X-Request-Id"))
	// Output:
	// error: 7f3a sql: no rows in result set
	// log: 7f3a /issues/{id} 500
	// 500 application/problem+json
	// {"title":"Internal Server Error","status":500}
	// 7f3a
}

type ListIssues struct {
	State string `query:"state" default:"open" validate:"oneof=open closed"`
	After int    `query:"after" validate:"min=0"` // the ID of the last issue of the page before
	Limit int    `query:"limit" default:"20" validate:"min=1,max=100"`
}

var listIssues = typed.Get[ListIssues, []Issue]("/issues",
	typed.ResponseHeader("Link", `the next page, if there is one: rel="next"`, 200))

func Example_pages() {
	issues := []Issue{{1, "Login fails"}, {2, "Logout fails"}, {3, "No dark mode"}}
	find := func(in ListIssues, most int) []Issue { // … WHERE id > ? ORDER BY id LIMIT ?
		later := slices.DeleteFunc(slices.Clone(issues), func(i Issue) bool { return i.ID <= in.After })
		return later[:min(most, len(later))]
	}

	api := typed.New("Issues", "1.0.0", &typed.Options{BasePath: "/v1"})
	listIssues.Handle(api, func(ctx context.Context, in ListIssues, res *typed.Response[[]Issue]) (typed.Answer, error) {
		page := find(in, in.Limit+1) // one more tells whether there is a next page
		if len(page) > in.Limit {
			page = page[:in.Limit]
			next := in // with its filters
			next.After = page[len(page)-1].ID
			res.Header("Link", fmt.Sprintf(`<%s>; rel="next"`, typed.URL(ctx, listIssues, next)))
		}
		return res.JSON(page)
	})

	header := show(api, "GET", "/v1/issues?state=closed&limit=2", "")
	fmt.Println(header.Get("Link"))
	header = show(api, "GET", "/v1/issues?state=closed&after=2&limit=2", "")
	fmt.Printf("%q\n", header.Get("Link"))
	// Output:
	// 200 application/json; charset=utf-8
	// [{"id":1,"title":"Login fails"},{"id":2,"title":"Logout fails"}]
	// </v1/issues?state=closed&after=2&limit=2>; rel="next"
	// 200 application/json; charset=utf-8
	// [{"id":3,"title":"No dark mode"}]
	// ""
}

// Retiring is an option that tells clients since when they should do without an endpoint,
// and when it will be gone.
func Retiring(since, gone time.Time) typed.Option {
	return typed.All(typed.Deprecated(),
		typed.ResponseHeader("Deprecation", "since when this is deprecated (RFC 9745)"),
		typed.ResponseHeader("Sunset", "when this will be gone (RFC 8594)"),
		typed.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Deprecation", fmt.Sprintf("@%d", since.Unix()))
				w.Header().Set("Sunset", gone.UTC().Format(http.TimeFormat))
				next.ServeHTTP(w, r)
			})
		}))
}

func Example_versions() {
	type IssueV2 struct {
		ID     int      `json:"id"`
		Title  string   `json:"title"`
		Labels []string `json:"labels"`
	}
	v1 := typed.New("Issues", "1.9.0", &typed.Options{BasePath: "/v1"})
	old := v1.Group("", Retiring(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)))
	typed.Handle(old, "GET /issues/{id}", typed.Func(func(_ context.Context, in GetIssue) (Issue, error) {
		return Issue{ID: in.ID, Title: "Login fails"}, nil
	}))
	docs.Mount(v1, nil) // /v1/docs and /v1/openapi.json

	v2 := typed.New("Issues", "2.0.0", &typed.Options{BasePath: "/v2"})
	typed.Handle(v2, "GET /issues/{id}", typed.Func(func(_ context.Context, in GetIssue) (IssueV2, error) {
		return IssueV2{ID: in.ID, Title: "Login fails", Labels: []string{"bug"}}, nil
	}))
	docs.Mount(v2, nil) // /v2/docs and /v2/openapi.json

	mux := http.NewServeMux()
	mux.Handle("/v1/", v1)
	mux.Handle("/v2/", v2)

	header := show(mux, "GET", "/v1/issues/1", "")
	fmt.Println(header.Get("Deprecation"), header.Get("Sunset"))
	show(mux, "GET", "/v2/issues/1", "")
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Login fails"}
	// @1769817600 Thu, 31 Dec 2026 00:00:00 GMT
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Login fails","labels":["bug"]}
}

// Signed is middleware that lets in only bodies whose sender knows the secret. They have at
// most limit bytes.
func Signed(secret []byte, limit int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
			if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
				(&respond.Problem{Status: http.StatusRequestEntityTooLarge}).ServeHTTP(w, r)
				return
			}
			if err != nil {
				respond.BadRequest("The body could not be read.").ServeHTTP(w, r)
				return
			}
			mac := hmac.New(sha256.New, secret)
			mac.Write(raw)
			given, err := hex.DecodeString(r.Header.Get("X-Signature"))
			if err != nil || !hmac.Equal(given, mac.Sum(nil)) { // in constant time
				respond.Forbidden("The signature is wrong.").ServeHTTP(w, r)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(raw))
			next.ServeHTTP(w, r)
		})
	}
}

func Example_signedWebhook() {
	type Push struct {
		Branch string `json:"branch" validate:"required"`
	}
	secret := []byte("secret")
	api := typed.New("Issues", "1.0.0", nil)
	hooks := api.Group("/hooks", typed.Use(Signed(secret, 64<<10)), typed.MaxBody(64<<10), typed.Fails(403))
	typed.Handle(hooks, "POST /push", typed.Do(func(_ context.Context, in Push) error {
		fmt.Println("pushed:", in.Branch)
		return nil
	}), typed.AllowUnknownFields()) // the sender may add members

	body := `{"branch":"main","commits":3}`
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(body))
	show(api, "POST", "/hooks/push", body, "X-Signature", hex.EncodeToString(mac.Sum(nil)))
	show(api, "POST", "/hooks/push", body, "X-Signature", "00")
	// Output:
	// pushed: main
	// 204
	// 403 application/problem+json
	// {"title":"Forbidden","status":403,"detail":"The signature is wrong."}
}

// Member is who is asking, in the organisation that the path names.
type Member struct{ Name, Role string }

func (m Member) HasScope(role string) bool { return m.Role == role || m.Role == "owner" }

var roles = map[string]map[string]string{
	"acme": {"Ada": "owner", "Bob": "reader"},
	"apex": {"Bob": "owner"},
}

func verifyMember(ctx context.Context, token string) (Member, error) {
	reader, err := verifyReader(ctx, token)
	if err != nil {
		return Member{}, err
	}
	role, ok := roles[typed.HTTPRequest(ctx).PathValue("org")][reader.Name]
	if !ok { // who is no member does not learn which organisations there are
		return Member{}, respond.NotFound("There is no such organisation.")
	}
	return Member{Name: reader.Name, Role: role}, nil
}

// NeedsMember refuses the requests of endpoints that have no auth field, or an optional one.
func NeedsMember(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if op := typed.Matched(r.Context()); !op.Authenticate || op.Optional {
			respond.Forbidden("Only members may do this.").ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func Example_tenants() {
	type ReadOrg struct {
		Org string `path:"org"`
		Me  Member `auth:"member"`
	}
	type DeleteOrg struct {
		Org string `path:"org"`
		Me  Member `auth:"member" scopes:"owner"`
	}
	type Forgetful struct {
		Org string `path:"org"`
	}
	api := typed.New("Issues", "1.0.0", &typed.Options{Schemes: []typed.Scheme{typed.Bearer("member", verifyMember)}})
	org := api.Group("/orgs/{org}", typed.Use(NeedsMember), typed.Fails(403, 404))
	typed.Handle(org, "GET /", typed.Func(func(_ context.Context, in ReadOrg) (string, error) {
		return in.Me.Name + " is " + in.Me.Role + " of " + in.Org, nil
	}))
	typed.Handle(org, "DELETE /", typed.Do(func(context.Context, DeleteOrg) error { return nil }))
	typed.Handle(org, "GET /secrets", typed.Func(func(context.Context, Forgetful) (string, error) { return "…", nil }))

	show(api, "GET", "/orgs/acme", "", "Authorization", "Bearer bob")
	show(api, "DELETE", "/orgs/acme", "", "Authorization", "Bearer bob")
	show(api, "DELETE", "/orgs/apex", "", "Authorization", "Bearer bob")
	show(api, "GET", "/orgs/apex", "", "Authorization", "Bearer ada")
	show(api, "GET", "/orgs/acme/secrets", "", "Authorization", "Bearer ada")
	// Output:
	// 200 application/json; charset=utf-8
	// "Bob is reader of acme"
	// 403 application/problem+json
	// {"title":"Forbidden","status":403,"detail":"The credentials do not allow this: the scope owner is needed."}
	// 204
	// 404 application/problem+json
	// {"title":"Not Found","status":404,"detail":"There is no such organisation."}
	// 403 application/problem+json
	// {"title":"Forbidden","status":403,"detail":"Only members may do this."}
}
