package hook

import (
	"reflect"
	"time"
)

// What package typed lets package client reach.
var (
	// Compiled is what compile made of endpoint, a *typed.Endpoint of a request type and an
	// answer type, the first time; nil for a nil endpoint.
	Compiled func(endpoint any, in, out reflect.Type, compile func(d Declared, in, out reflect.Type) any) any

	// Schemes are those of api, a *typed.API; SchemeOf is one of a typed.Scheme.
	Schemes  func(api any) []Scheme
	SchemeOf func(scheme any) Scheme

	// FormOfErrors is what form, a typed.ErrorForm, answers problems with: payload is nil
	// where that is the problem itself.
	FormOfErrors func(form any) (mediaType string, payload reflect.Type)
)

// Declared is what the declaration of an endpoint says, for those who call it.
type Declared struct {
	Pattern  string   // "GET /users/{id}"
	Statuses []int    // of a Response, the default first; nil: the default
	Produces string   // the media type that Send declares; "": that of the payload
	Accepts  []string // media types of the request's content, in the order of the options
	Schemes  []string // that the options name; an auth tag names more

	ZeroFails func(reflect.StructField) bool // see bind.Options

	Heartbeat Heartbeat
	Err       error // what is wrong with the options
}

// Heartbeat is what comes of a stream of events while no event does.
type Heartbeat struct {
	Every time.Duration // 0: nothing does
	Name  string        // of an event that is only that; "": a comment
}

// Scheme says where a credential goes.
type Scheme struct {
	Name   string
	Prefix string // of the Authorization field, "Bearer"; "": it does not go there
	Basic  bool   // a user and a password, beside the Prefix
	In     string // of an API key: header, query or cookie; "" for what only its function knows
	Key    string // its name there
}
