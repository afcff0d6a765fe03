package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/apiroutes/apiroutes/adapter/oteladapter"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

type User struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

type GetUser struct {
	ID int `path:"id"`
}

type ListUsers struct {
	Limit int `query:"limit" default:"20" validate:"min=1,max=100"`
}

var users = []User{{1, "Ada"}, {2, "Grace"}}

// newAPI makes the API. self is its own URL, which one endpoint sends a request to.
func newAPI(self string) *typed.API {
	api := typed.New("Observed", "1.0.0", &typed.Options{Pages: pagecache.New(pagecache.Memory(16<<20), nil)})
	oteladapter.Instrument(api, nil) // first: what follows is within the span
	api.Observe(logRequests)

	typed.Handle(api, "GET /users", typed.Func(func(_ context.Context, in ListUsers) ([]User, error) {
		return users[:min(in.Limit, len(users))], nil
	}))
	typed.Handle(api, "GET /users/{id}", typed.Func(getUser), typed.Fails(http.StatusNotFound))
	typed.Handle(api, "GET /users/{id}/card", typed.Func(func(_ context.Context, in GetUser) (string, error) {
		return fmt.Sprintf("card of user %d, made at %s", in.ID, time.Now().Format(time.TimeOnly)), nil
	}), typed.Cache(pagecache.Policy{TTL: 10 * time.Second}))

	// What is sent to another server is a span of the same trace, on both sides.
	client := &http.Client{Transport: oteladapter.Transport(nil, nil), Timeout: 5 * time.Second}
	typed.Handle(api, "GET /friends/{id}", typed.Func(func(ctx context.Context, in GetUser) (User, error) {
		return fetch(ctx, client, self+"/users/"+strconv.Itoa(in.ID))
	}), typed.Fails(http.StatusNotFound))
	return api
}

func getUser(ctx context.Context, in GetUser) (User, error) {
	if in.ID < 1 || in.ID > len(users) {
		return User{}, respond.NotFound("There is no user %d.", in.ID)
	}
	slog.InfoContext(ctx, "found a user") // with trace_id and span_id
	return users[in.ID-1], nil
}

func fetch(ctx context.Context, client *http.Client, url string) (u User, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return u, err
	}
	res, err := client.Do(req)
	if err != nil {
		return u, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return u, &respond.Problem{Status: res.StatusCode}
	}
	return u, json.NewDecoder(res.Body).Decode(&u)
}

// logRequests writes a line for each request.
func logRequests(ctx context.Context, o *typed.Observation) (context.Context, func()) {
	return ctx, func() {
		slog.InfoContext(ctx, "request", "method", o.Method, "route", o.Route(), "status", o.Status, "took", o.Duration)
	}
}
