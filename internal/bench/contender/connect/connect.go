// Package connect serves the workloads with connect-go and protovalidate. Messages and
// service are generated from bench.proto: by `go generate`, into package benchv1.
package connect

import (
	"context"
	"net/http"
	"net/url"

	connectweb "connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/validate"
	"google.golang.org/protobuf/proto"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/connect/benchv1"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// New returns connect with the interceptor that its documentation recommends for rules.
func New() contender.Contender {
	server := connectweb.NewServer(validate.NewServerInterceptor())
	benchv1.RegisterBenchHandler(server, &service{rows: rows()})
	mux := http.NewServeMux()
	connecthttp.Mount(mux, server)
	c := contender.NetHTTP("connect", "connectrpc.com/connect/v2", mux)
	c.Own = own
	return c
}

// own asks for the workloads in the Connect protocol: a path for each method, its
// message in the query or the body, 200 for all that went well.
func own(w work.Work) contender.Own {
	get := func(procedure, message string) string {
		return procedure + "?connect=v1&encoding=json&message=" + url.QueryEscape(message)
	}
	const post = "an RPC: the path names the method, and the answer is 200"
	switch w.Name {
	case "W1":
		w.Target = get(benchv1.BenchHelloProcedure, "{}")
		return contender.Own{Work: w}
	case "W2":
		w.Target = get(benchv1.BenchUserProcedure, `{"id":42,"verbose":true,"limit":10}`)
		return contender.Own{Work: w, Note: "an RPC: three of the parameters are members of one JSON message in the query, the fourth is read by hand"}
	case "W3":
		w.Target, w.Status = benchv1.BenchCreateProcedure, http.StatusOK
		return contender.Own{Work: w, Note: post}
	case "W4":
		w.Target, w.Status = benchv1.BenchBatchProcedure, http.StatusOK
		return contender.Own{Work: w, Note: post}
	case "W5":
		w.Target, w.Answer = get(benchv1.BenchRowsProcedure, "{}"), `{"rows":`+w.Answer+`}`
		return contender.Own{Work: w, Note: "an RPC: a message cannot be an array, so the rows are a member"}
	default:
		w.Target, w.Status = benchv1.BenchCreateProcedure, http.StatusBadRequest
		return contender.Own{Work: w, Note: "an RPC: the refusal is a 400 in a form of its own, the failing members as a message in base64 and again as JSON"}
	}
}

type service struct{ rows *benchv1.RowList }

func (s *service) Hello(context.Context, *benchv1.HelloRequest) (*benchv1.Greeting, error) {
	return &benchv1.Greeting{Message: "Hello"}, nil
}

const maxTrace = 64

func (s *service) User(ctx context.Context, in *benchv1.Query) (*benchv1.Lookup, error) {
	limit := int32(20)
	if in.Limit != nil {
		limit = in.GetLimit()
	}
	var trace string
	if info, ok := connectweb.CallInfoForServerContext(ctx); ok {
		trace = info.RequestHeader().Get("X-Trace")
	}
	if len(trace) > maxTrace {
		return nil, connectweb.NewError(connectweb.CodeInvalidArgument, "X-Trace is too long")
	}
	return &benchv1.Lookup{Id: proto.Int32(in.GetId()), Verbose: proto.Bool(in.GetVerbose()), Limit: &limit, Trace: &trace}, nil
}

func (s *service) Create(_ context.Context, in *benchv1.NewUser) (*benchv1.Created, error) {
	return &benchv1.Created{
		Id: proto.Int32(7), Name: &in.Name, Email: &in.Email, Age: &in.Age, Role: &in.Role, Bio: &in.Bio,
		Newsletter: &in.Newsletter, Address: in.GetAddress(), Tags: in.GetTags(),
	}, nil
}

func (s *service) Batch(_ context.Context, in *benchv1.Members) (*benchv1.Imported, error) {
	var ages int32
	for _, m := range in.GetItems() {
		ages += m.GetAge()
	}
	return &benchv1.Imported{Count: proto.Int32(int32(len(in.GetItems()))), Ages: &ages}, nil
}

func (s *service) Rows(context.Context, *benchv1.RowsRequest) (*benchv1.RowList, error) {
	return s.rows, nil
}

func rows() *benchv1.RowList {
	list := &benchv1.RowList{}
	for _, r := range work.Rows() {
		list.Rows = append(list.Rows, &benchv1.Row{
			Id: proto.Int32(int32(r.ID)), Name: &r.Name, Email: &r.Email, Active: &r.Active, Score: &r.Score, Tags: r.Tags,
		})
	}
	return list
}
