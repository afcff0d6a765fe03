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

// call is the mcp.ToolHandler of the tool. Nobody else would recover what panics, in a
// function of the program say: a server on stdio would end.
func (t *tool) call(ctx context.Context, req *mcp.CallToolRequest) (result *mcp.CallToolResult, err error) {
	defer func() {
		if v := recover(); v != nil {
			t.report(ctx, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
			result, err = t.refused(&respond.Problem{Status: http.StatusInternalServerError}), nil
		}
	}()
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
			return t.refused(t.credentialProblem(ctx, err)), nil
		}
	}
	w := &recorder{header: http.Header{}, limit: t.bridge.maxResult(), cancel: cancel, progress: progress(ctx, req)}
	complete := t.serve(w, r)
	switch {
	case w.items != nil && (w.items.cut || ctx.Err() == nil):
		return w.items.result(complete), nil
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
func (t *tool) credentialProblem(ctx context.Context, err error) *respond.Problem {
	if p, ok := errors.AsType[*respond.Problem](err); ok && p != nil {
		return p
	}
	t.report(ctx, fmt.Errorf("the credentials of a session could not be had: %w", err))
	return &respond.Problem{Status: http.StatusInternalServerError}
}

// report tells the program what a client is not told. What happens within the API, that
// reports itself.
func (t *tool) report(ctx context.Context, err error) {
	slog.ErrorContext(ctx, "mcpadapter: the call of a tool failed", "tool", t.definition.Name, "error", err)
}

// serve sends the request through the API, and reports whether the answer is complete.
func (t *tool) serve(w *recorder, r *http.Request) (complete bool) {
	defer func() {
		switch v := recover(); {
		case v == nil:
		case v != http.ErrAbortHandler:
			panic(v)
		case w.items == nil: // nothing of the answer can be trusted
			w.header, w.status = http.Header{}, http.StatusInternalServerError
			w.body.Reset()
		}
	}()
	t.api.ServeHTTP(w, r)
	return true
}

// recorder takes an answer, up to its limit.
type recorder struct {
	header  http.Header
	status  int
	body    bytes.Buffer
	limit   int
	tooLong bool
	cancel  func() // ends the request

	items    *items // of a stream; nil: it is none
	progress func(int, string)
}

var errTooLong = errors.New("mcpadapter: the answer is longer than the result of a tool may be")

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status != 0 || status < http.StatusOK { // an announcement
		return
	}
	w.status = status
	if status < http.StatusMultipleChoices {
		w.items = itemsOf(w.header, w.limit, w.progress)
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.items != nil {
		if !w.items.write(p) {
			w.cancel()
			return 0, errTooLong
		}
		return len(p), nil
	}
	if w.body.Len()+len(p) > w.limit {
		w.tooLong = true
		w.cancel()
		return 0, errTooLong
	}
	return w.body.Write(p)
}

// Flush makes a http.Flusher of the recorder, for handlers that insist.
func (w *recorder) Flush() {}
