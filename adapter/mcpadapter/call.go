package mcpadapter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/apiroutes/apiroutes/respond"
)

// call is the mcp.ToolHandler of the tool.
func (t *tool) call(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if t.bridge.Visible != nil && !t.bridge.Visible(ctx, req, t.definition.Name) {
		// As the server answers for a tool that it does not have.
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: fmt.Sprintf("unknown tool %q", t.definition.Name)}
	}
	ctx, cancel := endsWithConnection(ctx)
	defer cancel()
	r, problem := t.request(ctx, req.Params.Arguments)
	if problem != nil {
		return t.refused(problem), nil
	}
	if t.bridge.Credentials != nil {
		if err := t.bridge.Credentials(ctx, req, r); err != nil {
			return t.refused(credentialProblem(ctx, t, err)), nil
		}
	}
	w := &recorder{header: http.Header{}, limit: t.bridge.maxResult(), cancel: cancel}
	t.serve(w, r)
	switch {
	case w.tooLong:
		return t.refused(&respond.Problem{
			Status: http.StatusInternalServerError, Title: "Result Too Large",
			Detail: fmt.Sprintf("The result is longer than %d bytes: ask for less, by a limit or a narrower filter.", w.limit),
		}), nil
	case ctx.Err() != nil:
		return nil, ctx.Err() // the client has left
	}
	return t.result(r, w), nil
}

// credentialProblem is what the client is told where a session has no credentials.
func credentialProblem(ctx context.Context, t *tool, err error) *respond.Problem {
	if p, ok := errors.AsType[*respond.Problem](err); ok && p != nil {
		return p
	}
	slog.ErrorContext(ctx, "mcpadapter: the credentials of a session could not be had", "tool", t.definition.Name, "error", err)
	return &respond.Problem{Status: http.StatusInternalServerError}
}

func isProblem(err error) bool {
	p, ok := errors.AsType[*respond.Problem](err)
	return ok && p != nil
}

// serve sends the request through the API. Nobody else would recover what panics in its
// middleware: a server on stdio would end.
func (t *tool) serve(w *recorder, r *http.Request) {
	defer func() {
		v := recover()
		if v == nil || v == http.ErrAbortHandler && (w.tooLong || r.Context().Err() != nil) {
			return
		}
		if v != http.ErrAbortHandler {
			slog.ErrorContext(r.Context(), "mcpadapter: a panic outside of the endpoint", "tool", t.definition.Name, "panic", v, "stack", string(debug.Stack()))
		}
		*w = recorder{header: http.Header{}, status: http.StatusInternalServerError}
	}()
	t.api.ServeHTTP(w, r)
}

// recorder takes an answer, up to its limit.
type recorder struct {
	header  http.Header
	status  int
	body    bytes.Buffer
	limit   int
	tooLong bool
	cancel  func() // ends the request
}

var errTooLong = errors.New("mcpadapter: the answer is longer than the result of a tool may be")

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK { // below are announcements
		w.status = status
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.body.Len()+len(p) > w.limit {
		w.tooLong = true
		w.cancel()
		return 0, errTooLong
	}
	return w.body.Write(p)
}

// Flush makes a http.Flusher of the recorder, for handlers that insist.
func (w *recorder) Flush() {}
