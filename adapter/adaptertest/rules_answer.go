package adaptertest

import (
	"errors"
	"strings"
)

// answers is how what a handler returns is written.
func answers() []rule {
	return []rule{
		ask("answer/JSON", "A payload is JSON with its length.", get("/u/42"), wish{200, []string{jsonType, "Content-Length: 11"}, said("id", "42")}),
		ask("answer/status", "The declared status is answered.", get("/created"), wish{status: 201, body: said("status", "201")}),
		ask("answer/none", "No payload is 204 without length or type.", send("PUT", "/u/1", ""), wish{status: 204}),
		ask("answer/outcome", "An outcome has its own status and header.", get("/outcome/ok"), wish{200, []string{"X-Kind: ok"}, said("id", "ok")}),
		ask("answer/other outcome", "Another outcome has another payload.", get("/outcome/x"), wish{404, []string{jsonType}, said("why", "none of that name")}),
		ask("answer/redirect outcome", "A redirect outcome has a Location.", get("/outcome/moved"), wish{308, []string{"Location: /outcome/ok?a=1&b=2"}, ""}),
		ask("answer/empty outcome", "An empty outcome has no body.", get("/outcome/gone"), wish{status: 204}),
		ask("answer/redirect", "A redirect is not resolved by the router.", get("/redirect"), wish{status: 307}),
		ask("answer/HTML", "HTML is sent as what it is.", get("/html"), wish{200, []string{"Content-Type: text/html; charset=utf-8"}, "<p>é</p>"}),
		ask("answer/text", "Text is sent as what it is.", get("/text"), wish{200, []string{"Content-Type: text/plain; charset=utf-8", "X-Content-Type-Options: nosniff"}, "plain text"}),
		ask("answer/bytes", "Bytes keep the media type that the handler set.", get("/bytes"), wish{200, []string{"Content-Type: image/png"}, "\x00\x01\x02\xff"}),
		ask("answer/empty", "An empty payload has the length 0.", get("/empty"), wish{200, []string{"Content-Length: 0"}, ""}),
		ask("answer/lines", "Header fields that add up keep every line, in order.", get("/many"),
			wish{200, []string{"Set-Cookie: a=1; Path=/x", "Set-Cookie: a=2; Path=/y; HttpOnly", "Link: </1>; rel=next", "Link: </2>; rel=prev", "Server: suite"}, ""}),
		ask("answer/ETag", "An answer to GET has a weak entity tag.", get("/u/42"), wish{status: 200}),
		ask("answer/own ETag", "The handler's own entity tag is kept.", get("/tagged"), wish{200, []string{`Etag: "v1"`}, ""}),
		ask("answer/304", "A matching If-None-Match is 304 without body, type and length.", get("/tagged", `If-None-Match: W/"v1"`),
			wish{304, []string{`Etag: "v1"`, "Content-Location: /tagged/1"}, ""}),
		ask("answer/304 of any", "If-None-Match: * matches.", get("/u/42", "If-None-Match: *"), wish{status: 304}),
		ask("answer/304 to HEAD", "HEAD gets a 304 as GET does.", send("HEAD", "/tagged", "", `If-None-Match: "v1"`), wish{status: 304}),
		ask("answer/two If-None-Match lines", "If-None-Match may come in several lines.", get("/tagged", `If-None-Match: "v0"`, `If-None-Match: "v1"`), wish{status: 304}),
		ask("answer/not modified since", "If-Modified-Since is heeded where there is a Last-Modified.", get("/dated", "If-Modified-Since: Sat, 01 Nov 2025 12:00:00 GMT"), wish{status: 304}),
		ask("answer/modified since", "A change after If-Modified-Since is sent.", get("/dated", "If-Modified-Since: Sat, 01 Nov 2025 11:59:59 GMT"), wish{status: 200}),
		ask("answer/range", "Range is ignored.", get("/text", "Range: bytes=0-1"), wish{200, nil, "plain text"}),
		ask("answer/accept", "Accept is not negotiated.", get("/u/42", "Accept: text/csv"), wish{200, []string{jsonType}, ""}),
		ask("answer/large", "A large answer arrives whole, with its length.", get("/large?n=4194304"), wish{200, []string{"Content-Length: 4194306"}, ""}),
		ask("answer/large to HEAD", "HEAD of a large answer has its length.", send("HEAD", "/large?n=4194304", ""), wish{200, []string{"Content-Length: 4194306"}, ""}),
		{"answer/close", "A handler may close the connection.", func(b *bench) error {
			request := strings.Replace(string(get("/close").bytes()), "Connection: close\r\n", "", 1)
			got, err := b.router.sendRaw([]byte(request), false, false)
			return errors.Join(err, wish{200, nil, "{}"}.check(get("/close"), got), same("Connection: close", got.closing, true))
		}},
	}
}

// faults is what goes wrong in a handler.
func faults() []rule {
	internal := wish{500, []string{errorType}, `{"title":"Internal Server Error","status":500}`}
	return []rule{
		ask("fault/problem", "A problem is found through wraps and sent as it is.", get("/problem"), wish{409, []string{errorType}, `~"by":"somebody"`}),
		ask("fault/problem with header", "A problem has its header fields.", get("/unauthorized"), wish{401, []string{`WWW-Authenticate: Bearer realm="suite"`}, ""}),
		ask("fault/error", "An error is a 500 that does not show it.", get("/error"), internal),
		ask("fault/unavailable", "A 5xx problem keeps status and header, and loses its detail.", get("/unavailable"), wish{503, []string{"Retry-After: 7"}, `{"title":"Service Unavailable","status":503}`}),
		ask("fault/panic", "A panic is a 500 that does not show it.", get("/panic"), internal),
		ask("fault/nil dereference", "A panic of the runtime is a 500 as well.", get("/bug"), internal),
		ask("fault/no answer", "A handler that forgot its answer is a 500.", get("/forgot"), internal),
		ask("fault/abort", "http.ErrAbortHandler closes the connection without an answer.", get("/abort"), wish{status: 0}),
		{"fault/reported", "What a client is not told goes to OnError, once.", func(b *bench) error {
			before := b.reports.Load()
			for _, path := range []string{"/error", "/panic", "/forgot", "/problem", "/nowhere", "/n/x"} {
				if _, err := b.router.send(get(path)); err != nil {
					return err
				}
			}
			return same("reports", b.reports.Load()-before, 3)
		}},
		{"fault/goes on", "After a panic the same connection serves the next request, or is closed cleanly.", func(b *bench) error {
			for range 3 {
				if _, err := b.compare(get("/panic")); err != nil {
					return err
				}
				if _, err := b.compare(get("/u/42")); err != nil {
					return err
				}
			}
			return nil
		}},
	}
}
