package adaptertest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// parameters is what becomes of query, header and cookies.
func parameters() []rule {
	ok := func(body string) wish { return wish{200, nil, "~" + body} }
	return []rule{
		ask("query/default", "A default applies when the parameter is absent.", get("/queries"), ok("Limit:20 Tags:[]")),
		ask("query/value", "A query parameter is bound.", get("/queries?limit=5"), ok("Limit:5")),
		ask("query/zero", "An explicit zero is not the default.", get("/queries?limit=0"), wish{422, nil, `~"rule":"min"`}),
		ask("query/repeated list", "A list takes every value in order.", get("/queries?tag=a&tag=b&tag=c"), ok("Tags:[a b c]")),
		ask("query/repeated scalar", "A scalar given twice is an error.", get("/queries?limit=1&limit=2"), wish{422, []string{errorType}, `~"name":"limit"`}),
		ask("query/encoded", "A value is decoded once.", get("/queries?tag=%E4%B8%AD%2541&tag=a+b%2Bc"), ok("Tags:[中%41 a b+c]")),
		ask("query/encoded name", "A name is decoded too.", get("/queries?%74ag=x"), ok("Tags:[x]")),
		ask("query/empty value", "An empty value is a value.", get("/queries?tag=&tag"), ok("Tags:[ ]")),
		ask("query/unknown", "A parameter that nobody asked for is ignored.", get("/queries?utm=1"), ok("Limit:20")),
		ask("query/bad escape", "A bad escape in the query is 400.", get("/queries?tag=%zz"), wish{400, []string{errorType}, ""}),
		ask("query/not UTF-8", "A value that is not UTF-8 is 400.", get("/queries?tag=%ff"), wish{400, []string{errorType}, ""}),
		ask("query/time", "A time is RFC 3339.", get("/queries?since=2025-11-01T12:00:00Z"), ok("2025-11-01 12:00:00")),
		ask("query/question mark", "Only the first question mark begins the query.", get("/queries?tag=a?b"), ok("Tags:[a?b]")),
		ask("query/several faults", "All faults are told at once.", get("/queries?limit=1000&since=x&deep=maybe"), wish{422, []string{errorType}, `~"since"`}),
		ask("optional/absent", "An optional parameter tells that it was not sent.", get("/optionals"), ok(`limit -1, trace \"none\", theme none, old true`)),
		ask("optional/sent", "An optional parameter tells an empty one that was sent.", get("/optionals?limit=7&filter[old]=false", "X-Trace: ", "Cookie: theme=dark"),
			ok(`limit 7, trace \"\", theme dark, old false`)),
		ask("optional/zero", "A zero that was sent is judged by the rules.", get("/optionals?limit=0"), wish{422, []string{errorType}, `~"rule":"min"`}),
		ask("header/value", "A header field is bound, whatever its case.", get("/headers", "x-trace: abc"), ok("Trace:abc")),
		ask("header/absent", "An absent field is the zero value.", get("/headers"), ok("Trace: Many:[]")),
		ask("header/repeated", "A list takes all lines, split at commas.", get("/headers", "X-Many: a, b", "X-Many: c"), ok("Many:[a b c]")),
		ask("header/lines of a text", "Several lines are one value, joined with a comma (RFC 9110, 5.3).", get("/headers", "X-Trace: a", "X-Trace: b, c"), ok("Trace:a, b, c ")),
		ask("header/User-Agent", "A field that servers treat apart is bound as well.", get("/headers", "User-Agent: suite/1"), ok("Agent:suite/1")),
		ask("header/space", "White space around a value is not part of it.", get("/headers", "X-Trace:  \t a b \t"), ok("Trace:a b ")),
		ask("cookie/value", "A cookie is bound.", get("/cookies", "Cookie: session=abc; theme=dark"), ok("Session:abc Theme:dark")),
		ask("cookie/default", "An absent cookie has its default.", get("/cookies", "Cookie: session=abc"), ok("Theme:light")),
		ask("cookie/quoted", "Quotes around a cookie's value are not part of it.", get("/cookies", `Cookie: session="a b"`), ok("Session:a b")),
		ask("cookie/repeated", "Of several cookies of one name the first counts (RFC 6265, 5.4).", get("/cookies", "Cookie: session=1; session=2"), ok("Session:1")),
		ask("cookie/two lines", "Cookies may come in several lines.", get("/cookies", "Cookie: session=1", "Cookie: theme=dark"), ok("Session:1 Theme:dark")),
		ask("cookie/equals sign", "A cookie's value may hold an equals sign.", get("/cookies", "Cookie: session=a=b=="), ok("Session:a=b==")),
		ask("cookie/malformed", "A pair that is no cookie is skipped.", get("/cookies", "Cookie: ; =; session; theme=dark"), ok("Theme:dark")),
	}
}

const asJSON = "Content-Type: application/json"

func bodies() []rule {
	ok := func(body string) wish { return wish{200, nil, "~" + body} }
	upload := func(name, says, target string, n int, w wish) rule {
		return ask(name, says, send("POST", target, strings.Repeat("x", n), "Content-Type: application/octet-stream"), w)
	}
	fits := wish{200, nil, said("bytes", digest([]byte(strings.Repeat("x", kib))))}
	tooLarge := wish{413, []string{errorType}, `~"status":413`}
	chunk := func(n int) string {
		return fmt.Sprintf("%x\r\n%s\r\n", n, strings.Repeat("x", n))
	}
	chunked := func(name, says, target, body string, w wish, header ...string) rule {
		q := send("POST", target, body, append(header, "Transfer-Encoding: chunked")...)
		return ask(name, says, q, w)
	}
	binary := "Content-Type: application/octet-stream"
	return []rule{
		ask("body/mixed", "Path, query and body meet in one request type.", send("PUT", "/mixed/7?quiet=true", `{"name":"Ada","notes":[{"text":"x"}]}`, asJSON),
			ok("ID:7 Quiet:true Name:Ada Notes:[{Text:x}]")),
		ask("body/parameter in the body", "The body cannot set what comes from elsewhere.", send("PUT", "/mixed/7", `{"name":"Ada","ID":8}`, asJSON), wish{422, nil, `~"pointer":"/ID"`}),
		ask("body/invalid", "A rule that is broken has a pointer.", send("PUT", "/mixed/7", `{"name":"Ada","notes":[{"text":"x"},{}]}`, asJSON), wish{422, nil, `~"pointer":"/notes/1/text"`}),
		ask("body/syntax", "What is no JSON is 400.", send("PUT", "/mixed/7", `{"name":`, asJSON), wish{400, []string{errorType}, ""}),
		ask("body/empty", "An empty body where one is required is 400.", send("PUT", "/mixed/7", "", asJSON), wish{400, []string{errorType}, ""}),
		ask("body/no media type", "A body without a media type is 415 with Accept.", send("PUT", "/mixed/7", `{}`), wish{415, []string{"Accept: application/json"}, ""}),
		ask("body/wrong media type", "A body of another media type is 415.", send("PUT", "/mixed/7", `{}`, "Content-Type: text/plain"), wish{status: 415}),
		ask("body/two media types", "Of two Content-Type lines none is trusted.", send("PUT", "/mixed/7", `{"name":"Ada"}`, asJSON, "Content-Type: text/plain"), wish{status: 415}),
		ask("body/PATCH media type", "PATCH says Accept-Patch.", send("PATCH", "/mixed/7", `{}`, "Content-Type: text/plain"), wish{status: 415}),
		ask("body/PATCH options", "OPTIONS says what a PATCH may be.", send("OPTIONS", "/mixed/7", ""), wish{204, []string{"Accept-Patch: application/json"}, ""}),
		ask("body/encoding", "A Content-Encoding is 415 with Accept-Encoding.", send("PUT", "/mixed/7", `{}`, asJSON, "Content-Encoding: gzip"), wish{status: 415}),
		ask("body/not read", "An endpoint without a body neither reads nor judges one.", send("POST", "/nothing", "whatever", "Content-Type: x/y"), wish{status: 204}),
		ask("body/on GET", "A body on GET is not judged.", send("GET", "/u/42", "whatever"), ok(`"42"`)),
		ask("form/value", "A form is bound.", send("POST", "/form", "name=a+b&tag=1&tag=%32", "Content-Type: application/x-www-form-urlencoded"), ok("Name:a b Tags:[1 2]")),
		ask("form/JSON", "A form endpoint does not take JSON.", send("POST", "/form", `{"name":"x"}`, asJSON), wish{status: 415}),
		ask("form/invalid", "A form field that breaks its rule is 422.", send("POST", "/form", "tag=1", "Content-Type: application/x-www-form-urlencoded"), wish{422, nil, `~"in":"form"`}),
		ask("form/other origin", "A form from another site is 403.", send("POST", "/form", "name=x", "Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: cross-site"), wish{403, []string{errorType}, ""}),
		ask("form/foreign Origin", "A form whose Origin is another host is 403.", send("POST", "/form", "name=x", "Content-Type: application/x-www-form-urlencoded", "Origin: http://evil.example"), wish{status: 403}),
		upload("body/at the limit", "The limit is inclusive.", "/raw", kib, fits),
		upload("body/over the limit", "One byte more than the limit is 413.", "/raw", kib+1, tooLarge),
		{"body/far over the limit", "Who still sends, and then closes the connection, hears that it was too much.", farTooLarge},
		upload("body/stream at the limit", "The limit of a streamed body is inclusive.", "/stream", kib, fits),
		upload("body/stream over the limit", "A streamed body over the limit is 413.", "/stream", kib+1, tooLarge),
		ask("body/empty bytes", "Raw bytes may be none.", send("POST", "/raw", "", binary), wish{200, nil, said("bytes", digest(nil))}),
		chunked("body/chunked", "A chunked body is read to its end.", "/raw", chunk(100)+chunk(kib-100)+"0\r\n\r\n", fits, binary),
		chunked("body/chunked over the limit", "A chunked body has the same limit.", "/raw", chunk(kib)+chunk(1)+"0\r\n\r\n", tooLarge, binary),
		chunked("body/chunked stream", "A streamed body may be chunked.", "/stream", chunk(kib)+"0\r\n\r\n", fits, binary),
		chunked("body/chunked stream over the limit", "A streamed and chunked body has the same limit.", "/stream", chunk(kib)+chunk(1)+"0\r\n\r\n", tooLarge, binary),
		chunked("body/chunked JSON", "JSON may be chunked.", "/users", "43\r\n"+`{"name":"Ada","email":"ada@example.com","address":{"city":"Paris"}}`+"\r\n0\r\n\r\n",
			wish{201, nil, `~"Paris"`}, asJSON),
		ask("body/expect", "Expect: 100-continue is answered before the body is read.", send("PUT", "/mixed/7", `{"name":"Ada"}`, asJSON, "Expect: 100-continue"), ok("Name:Ada")),
		ask("body/large", "A body of many packets arrives whole.", send("PUT", "/mixed/7", `{"name":"Ada"`+strings.Repeat(" ", 900<<10)+"}", asJSON), ok("Name:Ada")),
	}
}

// farTooLarge sends more than the connection holds, so the answer comes before the end.
func farTooLarge(b *bench) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	for range 5 {
		res, err := client.Post(b.router.URL+"/raw", "application/octet-stream", strings.NewReader(strings.Repeat("x", 3<<20)))
		if err != nil {
			return err
		}
		_, err = io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close(), same("status", res.StatusCode, http.StatusRequestEntityTooLarge)); err != nil {
			return err
		}
	}
	return nil
}
