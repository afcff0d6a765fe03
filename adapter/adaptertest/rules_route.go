package adaptertest

import (
	"errors"
	"fmt"
)

const (
	jsonType  = "Content-Type: application/json; charset=utf-8"
	errorType = "Content-Type: application/problem+json"
)

func get(target string, header ...string) query { return query{target: target, header: header} }

func send(method, target, body string, header ...string) query {
	return query{method: method, target: target, body: body, header: header}
}

func said(key, value string) string { return fmt.Sprintf(`{%q:%q}`, key, value) }

// routing is how a request finds its endpoint, and what becomes of its path.
func routing() []rule {
	ok := func(body string) wish { return wish{200, []string{jsonType}, body} }
	return []rule{
		ask("path/root", "The root is a path like any other.", get("/"), ok(said("route", "root"))),
		ask("path/plain", "A wildcard takes one segment.", get("/u/42"), ok(said("id", "42"))),
		ask("path/encoded", "A path parameter is decoded once: %E4%B8%AD is one character.", get("/u/%E4%B8%AD"), ok(said("id", "中"))),
		ask("path/space", "%20 is a space.", get("/u/a%20b"), ok(said("id", "a b"))),
		ask("path/plus", "A plus in a path is a plus, not a space.", get("/u/a+b"), ok(said("id", "a+b"))),
		ask("path/encoded slash", "%2F is a slash within a parameter, not the end of it.", get("/u/a%2Fb"), ok(said("id", "a/b"))),
		ask("path/lower-case encoded slash", "%2f is %2F.", get("/u/a%2fb"), ok(said("id", "a/b"))),
		ask("path/encoded percent", "What is decoded once is not decoded again: %2541 is %41.", get("/u/%2541"), ok(said("id", "%41"))),
		ask("path/encoded slash twice encoded", "%252F is the three characters %2F.", get("/u/a%252Fb"), ok(said("id", "a%2Fb"))),
		ask("path/encoded question mark", "%3F does not begin a query.", get("/u/a%3Fb?c"), ok(said("id", "a?b"))),
		ask("path/semicolon", "A semicolon belongs to the segment.", get("/u/a;b=c"), ok(said("id", "a;b=c"))),
		ask("path/at and colon", "Characters that a path may hold stay as they are.", get("/u/a@b:c,d&e=$!*'()"), ok(`{"id":"a@b:c,d&e=$!*'()"}`)),
		ask("path/dot in a segment", "A dot within a segment is a character.", get("/u/a.b-c"), ok(said("id", "a.b-c"))),
		ask("path/upper case value", "A parameter keeps its case.", get("/u/AbC"), ok(said("id", "AbC"))),
		ask("path/two wildcards", "Each wildcard has its own value.", get("/u/1/posts/2"), ok(`{"id":"1","other":"2"}`)),
		ask("path/two wildcards with slashes", "Encoded slashes do not shift the wildcards.", get("/u/a%2Fb/posts/c%2Fd"), ok(`{"id":"a/b","other":"c/d"}`)),
		ask("path/literal before wildcard", "A literal is more specific than a wildcard.", get("/u/me"), ok(said("route", "me"))),
		ask("path/literal and wildcard go on", "The more specific pattern wins at any depth.", get("/u/me/posts"), ok(said("route", "my posts"))),
		ask("path/back to the wildcard", "A literal that leads nowhere does not hide the wildcard.", get("/u/me/posts/7"), ok(`{"id":"me","other":"7"}`)),
		ask("path/rest", "A {name...} takes all that follows, without a slash first.", get("/f/a/b.txt"), ok(said("path", "a/b.txt"))),
		ask("path/rest empty", "A {name...} may be empty.", get("/f/"), ok(said("path", ""))),
		ask("path/rest with slash at the end", "A {name...} keeps the slash at the end.", get("/f/a/"), ok(said("path", "a/"))),
		ask("path/rest encoded", "A {name...} is decoded once as well.", get("/f/a%20b/%E4%B8%AD"), ok(said("path", "a b/中"))),
		ask("path/rest one", "A {name...} takes a single segment.", get("/f/one"), ok(said("path", "one"))),
		ask("path/rest beside literal", "A literal beside a {name...} wins.", get("/f/special"), ok(said("route", "special"))),
		missing("path/rest without slash", "A {name...} begins after its slash.", get("/f")),
		ask("path/colon in literal", "A colon in a literal is not a router's wildcard.", get("/a:b"), ok(said("route", "a:b"))),
		ask("path/literal not ASCII", "A literal may hold any character, and matches it encoded.", get("/caf%C3%A9"), ok(said("route", "café"))),
		ask("path/needless escape", "A literal matches however it is escaped: %75 is u.", get("/%75/42"), ok(said("id", "42"))),
		ask("path/number", "A parameter is bound to its type.", get("/n/-7"), wish{200, nil, "-7"}),
		ask("path/number out of range", "A parameter that does not fit its type is 422.", get("/n/300"), wish{422, []string{errorType}, `~"in":"path"`}),
		ask("path/no number", "A parameter that is no number is 422.", get("/n/x"), wish{422, []string{errorType}, `~"name":"n"`}),
		missing("path/slash at the end", "A slash at the end is another path, and never redirected.", get("/u/42/")),
		missing("path/slash after a literal", "A slash after a literal is another path, and never redirected.", get("/queries/")),
		missing("path/other case", "Literals match in exact case.", get("/U/42")),
		missing("path/empty value", "A wildcard is never empty.", get("/u/")),
		missing("path/empty segment", "An empty segment matches nothing.", get("/u//posts/2")),
		missing("path/two slashes", "Slashes are not merged.", get("/u//42")),
		missing("path/dots", "Dot segments are not resolved.", get("/f/../u/42")),
		missing("path/encoded dots", "Encoded dot segments match nothing either.", get("/f/%2e%2e/secret")),
		missing("path/unknown", "What the API does not have is not found.", get("/nowhere")),
		missing("path/below", "What is below an endpoint is not found.", get("/queries/more")),
		ask("path/not UTF-8", "A path that is not UTF-8 is 400.", get("/u/%ff"), wish{400, []string{errorType}, ""}),
		{"path/bad escape", "A percent sign that encodes nothing is 400, from whoever finds it: net/http's server does.", func(b *bench) error {
			got, err := b.router.send(get("/u/%zz"))
			return errors.Join(err, same("status", got.status, 400))
		}},
	}
}

// methods is what becomes of the request method.
func methods() []rule {
	return []rule{
		ask("method/other endpoint", "Each method of a path is an endpoint.", send("DELETE", "/u/42", ""), wish{status: 204}),
		ask("method/of its own", "A method may be any token.", send("PURGE", "/u/42", ""), wish{200, nil, said("purged", "42")}),
		ask("method/not allowed", "A path without the method is 405 with a complete Allow.", send("POST", "/u/42", ""),
			wish{405, []string{errorType, "Allow: DELETE, GET, HEAD, OPTIONS, PURGE, PUT"}, `~"status":405`}),
		ask("method/not allowed on POST", "GET is not answered where it was not declared.", get("/users"),
			wish{405, []string{"Allow: OPTIONS, POST"}, ""}),
		ask("method/union", "Allow covers every pattern that matches the path.", send("PATCH", "/u/me", ""),
			wish{405, []string{"Allow: DELETE, GET, HEAD, OPTIONS, PURGE, PUT"}, ""}),
		ask("method/less specific", "A method is looked up in less specific patterns too.", send("PUT", "/u/me", ""), wish{status: 204}),
		ask("method/HEAD", "HEAD answers as GET would, without the body.", send("HEAD", "/u/42", ""), wish{200, []string{jsonType, "Content-Length: 11"}, ""}),
		ask("method/HEAD on POST", "HEAD is not allowed where GET is not.", send("HEAD", "/users", ""), wish{status: 405}),
		ask("method/HEAD of an error", "HEAD has the length of the problem that GET would get.", send("HEAD", "/n/x", ""), wish{422, []string{errorType}, ""}),
		ask("method/OPTIONS", "OPTIONS answers 204 with Allow.", send("OPTIONS", "/u/42", ""),
			wish{204, []string{"Allow: DELETE, GET, HEAD, OPTIONS, PURGE, PUT"}, ""}),
		missing("method/OPTIONS unknown path", "OPTIONS of nothing is not found.", send("OPTIONS", "/nowhere", "")),
		ask("method/TRACE", "TRACE is not answered unless declared, and echoes nothing.", send("TRACE", "/u/42", "", "X-Secret: 1"), wish{status: 405}),
		ask("method/CONNECT", "CONNECT to a path is a method like any other.", send("CONNECT", "/u/42", ""), wish{status: 405}),
	}
}
