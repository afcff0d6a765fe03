// Package pattern holds the grammar of endpoint patterns and the router over them.
//
// A pattern is a method and a path, "GET /users/{id}". The wildcards are those of
// [net/http.ServeMux]: {name} stands for one segment, {name...} as the last segment
// for all that follow. What differs is strict on purpose:
//
//	"/"                 matches the root and nothing else; "/{$}" is another way to write it
//	"/users"            matches /users, never /users/
//	"/users/{id}"       matches /users/7 and /users/a%2Fb (the value is a/b), never /users/
//	"/files/{path...}"  matches /files/ (an empty value), /files/a and /files/a/, never /files
//
// Only {name...} matches empty segments, and nothing matches "." and "..", written plainly or
// percent-encoded. Nothing is ever redirected. Literals compare decoded: "/caf%C3%A9" and "/café" are
// one pattern.
//
// Two patterns conflict when a request exists that both match and neither is more
// specific than the other, exactly as in ServeMux.
package pattern
