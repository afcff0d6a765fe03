// Package ogen serves the workloads with the server that ogen generates from
// openapi.yaml: by `go generate`, into package api.
package ogen

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/ogen-go/ogen/ogenerrors"
	"github.com/ogen-go/ogen/validate"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/ogen/api"
	"github.com/apiroutes/apiroutes/internal/bench/contender/raw"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// New returns the generated server; what it words of errors is the user's part.
func New() contender.Contender {
	h, err := api.NewServer(&handler{rows: rows()}, api.WithErrorHandler(refuse))
	if err != nil {
		panic(err) // only options make it fail
	}
	return contender.NetHTTP("ogen", "github.com/ogen-go/ogen", h)
}

type handler struct{ rows []api.Row }

func (h *handler) Hello(context.Context) (*api.Greeting, error) {
	return &api.Greeting{Message: "Hello"}, nil
}

func (h *handler) User(_ context.Context, in api.UserParams) (*api.Lookup, error) {
	return &api.Lookup{ID: in.ID, Verbose: in.Verbose.Or(false), Limit: in.Limit.Or(0), Trace: in.XTrace.Or("")}, nil
}

func (h *handler) Create(_ context.Context, in *api.NewUser) (*api.User, error) {
	return &api.User{
		ID: 7, Name: in.Name, Email: in.Email, Age: in.Age, Role: in.Role, Bio: in.Bio.Or(""),
		Newsletter: in.Newsletter.Or(false), Address: in.Address, Tags: in.Tags,
	}, nil
}

func (h *handler) Batch(_ context.Context, in *api.Batch) (*api.Imported, error) {
	out := &api.Imported{Count: len(in.Items)}
	for i := range in.Items {
		out.Ages += in.Items[i].Age
	}
	return out, nil
}

func (h *handler) Rows(context.Context) ([]api.Row, error) { return h.rows, nil }

func rows() []api.Row {
	var list []api.Row
	for _, r := range work.Rows() {
		list = append(list, api.Row(r))
	}
	return list
}

// refuse answers with 422 and the members where rules were broken, and as ogen does otherwise.
func refuse(ctx context.Context, w http.ResponseWriter, r *http.Request, err error) {
	var params *ogenerrors.DecodeParamsError
	broken, ok := errors.AsType[*validate.Error](err)
	if !ok && !errors.As(err, &params) {
		ogenerrors.DefaultErrorHandler(ctx, w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnprocessableEntity)
	answer := map[string]any{"title": "Unprocessable Entity"}
	if ok {
		answer["errors"] = failures(nil, "", broken)
	}
	_ = json.NewEncoder(w).Encode(answer) // the client went away: there is nobody left to tell
}

func failures(list []raw.Failure, path string, broken *validate.Error) []raw.Failure {
	for _, f := range broken.Fields {
		if inner, ok := errors.AsType[*validate.Error](f.Error); ok {
			list = failures(list, path+f.Name+".", inner)
			continue
		}
		list = append(list, raw.Failure{Field: path + f.Name, Detail: f.Error.Error()})
	}
	return list
}
