package typed_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

// An upload that makes progress may take longer than ReadTimeout, one that stalls may not;
// JSON, which a client has at hand, has to be there in time.
func TestUploadsThatTakeTime(t *testing.T) {
	t.Parallel()
	type file struct {
		File typed.File `form:"file"`
	}
	type raw struct {
		Body io.Reader `body:""`
	}
	type object struct {
		Name string `json:"name"`
	}
	for _, tt := range []struct {
		path, contentType, first, piece, last string
		pause                                 time.Duration
		status                                int
	}{
		{"/raw", "text/plain", "x", "x", "x", 8 * time.Second, 200},
		{"/raw", "text/plain", "x", "x", "x", 11 * time.Second, 408},
		{"/file", multipartXX, "--XX\r\nContent-Disposition: form-data; name=file\r\n\r\n", "x", "\r\n--XX--", 8 * time.Second, 200},
		{"/file", multipartXX, "--XX\r\nContent-Disposition: form-data; name=file\r\n\r\n", "x", "\r\n--XX--", 11 * time.Second, 408},
		{"/json", "application/json", `{"name":"`, "x", `"}`, 2 * time.Second, 408},
	} {
		t.Run(fmt.Sprint(tt.path, tt.pause), func(t *testing.T) {
			api := typed.New("A", "1", &typed.Options{OnError: func(context.Context, error) {}})
			typed.Handle(api, "POST /raw", typed.Func(func(_ context.Context, in raw) (int, error) {
				n, err := io.Copy(io.Discard, in.Body)
				return int(n), err
			}))
			typed.Handle(api, "POST /file", typed.Func(func(_ context.Context, in file) (int, error) { return int(in.File.Size()), nil }))
			typed.Handle(api, "POST /json", typed.Func(func(_ context.Context, in object) (int, error) { return len(in.Name), nil }))
			inBubble(t, &typed.Server{Handler: api, ReadTimeout: 10 * time.Second}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
				conn, err := p.Dial(t.Context(), "", "")
				require.NoError(t, err)
				sent := make(chan struct{})
				go func() {
					defer close(sent)
					_, _ = io.WriteString(conn, "POST "+tt.path+" HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Type: "+tt.contentType+"\r\n\r\n")
					chunk := func(s string) { _, _ = fmt.Fprintf(conn, "%x\r\n%s\r\n", len(s), s) }
					chunk(tt.first)
					for range 10 {
						time.Sleep(tt.pause)
						chunk(tt.piece)
					}
					chunk(tt.last)
					_, _ = io.WriteString(conn, "0\r\n\r\n")
				}()
				answer, _ := io.ReadAll(conn)
				require.True(t, strings.HasPrefix(string(answer), fmt.Sprintf("HTTP/1.1 %d %s\r\n", tt.status, http.StatusText(tt.status))), string(answer))
				_ = conn.Close()
				<-sent
				end()
				require.NoError(t, <-served)
			})
		})
	}
}
