package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/gzhttp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/chiadapter"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// compressed sends what h answers in gzip or zstd where the client takes it, from 1 KiB on,
// and events as they come.
func compressed(h http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.KeepAcceptRanges(), gzhttp.ContentTypeFilter(func(mediaType string) bool {
		return !strings.HasPrefix(mediaType, "text/event-stream") && gzhttp.DefaultContentTypeFilter(mediaType)
	}))
	if err != nil {
		return nil, err
	}
	return wrap(h), nil
}

const movie = "0123456789"

func compressible() *typed.API {
	api := typed.New("Test", "1", &typed.Options{Pages: pagecache.New(pagecache.Memory(1<<20), nil)})
	text := func(context.Context, typed.None) (string, error) { return strings.Repeat("text ", 1000), nil }
	typed.Handle(api, "GET /text", typed.Func(text))
	typed.Handle(api, "GET /page", typed.Func(text), typed.Cache(pagecache.Policy{TTL: time.Hour}))
	typed.Handle(api, "GET /short", typed.Func(func(context.Context, typed.None) (string, error) { return "text", nil }))
	typed.Handle(api, "GET /movie", func(_ context.Context, _ typed.None, res *typed.Response[typed.Content]) (typed.Answer, error) {
		return res.Send(typed.Content{Type: "text/plain", ETag: `"1"`, Body: strings.NewReader(strings.Repeat(movie, 1000))})
	})
	typed.Handle(api, "GET /events", func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
		return res.Send(func(yield func(typed.Event[int], error) bool) {
			for i := range 1000 {
				if !yield(typed.Event[int]{Data: i}, nil) {
					return
				}
			}
		})
	})
	return api
}

// What middleware compresses keeps its meaning: entity tags, 304, ranges, pages and streams.
func TestCompressed(t *testing.T) {
	for name, mount := range map[string]func(*typed.API) http.Handler{
		"net/http": func(api *typed.API) http.Handler { return api },
		"chi": func(api *typed.API) http.Handler {
			r := chi.NewRouter()
			chiadapter.Mount(r, api)
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := compressed(mount(compressible()))
			require.NoError(t, err)
			server := httptest.NewServer(h)
			defer server.Close()
			send := func(method, path string, header ...string) (*http.Response, string) {
				req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
				require.NoError(t, err)
				for i := 0; i < len(header); i += 2 {
					req.Header.Set(header[i], header[i+1])
				}
				res, err := server.Client().Do(req)
				require.NoError(t, err)
				defer res.Body.Close()
				content, err := io.ReadAll(res.Body)
				require.NoError(t, err)
				return res, string(content)
			}
			zipped := []string{"Accept-Encoding", "gzip"}

			for _, path := range []string{"/text", "/page", "/page"} {
				plain, want := send("GET", path, "Accept-Encoding", "identity")
				res, content := send("GET", path, zipped...)
				require.Equal(t, "gzip", res.Header.Get("Content-Encoding"), path)
				require.Contains(t, res.Header.Values("Vary"), "Accept-Encoding")
				require.Equal(t, want, unzipped(t, content), path)
				require.Less(t, len(content), len(want)/10)
				require.Equal(t, plain.Header.Get("Etag"), res.Header.Get("Etag"), "weak: both are the same thing (RFC 9110, 8.8.1)")
				res, content = send("GET", path, append(zipped, "If-None-Match", plain.Header.Get("Etag"))...)
				require.Equal(t, http.StatusNotModified, res.StatusCode)
				require.Empty(t, content)
				res, _ = send("HEAD", path, zipped...)
				require.Equal(t, int64(len(want)), res.ContentLength, "of what is not compressed: the guide says so")
			}

			res, content := send("GET", "/short", zipped...)
			require.Empty(t, res.Header.Get("Content-Encoding"), "it would not become shorter")
			require.Equal(t, `"text"`, content)

			res, content = send("GET", "/movie", append(zipped, "Range", "bytes=3-5")...)
			require.Equal(t, http.StatusPartialContent, res.StatusCode)
			require.Empty(t, res.Header.Get("Content-Encoding"), "a range is one of the bytes that are not compressed")
			require.Equal(t, "bytes 3-5/10000", res.Header.Get("Content-Range"))
			require.Equal(t, "345", content)

			res, content = send("GET", "/events", zipped...)
			require.Empty(t, res.Header.Get("Content-Encoding"))
			require.True(t, strings.HasPrefix(content, "data: 0\n\ndata: 1\n\n"), content[:40])
			require.True(t, strings.HasSuffix(content, fmt.Sprintf("data: %d\n\n", 999)))
		})
	}
}

func unzipped(t *testing.T, content string) string {
	r, err := gzip.NewReader(bytes.NewReader([]byte(content)))
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}
