package respond

import (
	"io"
	"time"
)

// Content is a payload that [Response.Send] answers in the parts that a client asks for: a
// download that goes on where it was cut, a video that is wound forward. It answers as
// http.ServeContent does (RFC 9110, 13 and 14): Range, one or several, with 206 or 416;
// If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since and If-Range; HEAD.
// Like that it measures Body by seeking to its end, so that the answer has a length.
//
// That is for 200 to GET and HEAD: any other answer is the whole content. A request for
// more than 16 ranges gets the whole as well.
//
// The fields are as the handler gives them. None is a client's to choose unseen but Name.
type Content struct {
	// Name is the file name that the client is offered. Of a path the last element counts;
	// control characters are dropped. "": none.
	Name string

	// Type is the media type. "": the one that the endpoint declares, unless that is a
	// range like image/*, or else what the first 512 bytes look like.
	Type string

	// Modified is when the content was last changed, for Last-Modified; zero: unknown.
	Modified time.Time

	// ETag is the entity tag of the content, in quotes, as in `"v1"`. A weak one, W/"v1", lets
	// no download go on. "": none.
	ETag string

	// Attachment asks the client to save the content. If not, a browser may show it: HTML,
	// SVG and other XML get the field Content-Security-Policy: sandbox then, unless the
	// handler sets one, so that they run no script in the name of the origin.
	Attachment bool

	// Body is what is sent, from its start. It is closed if it is an io.Closer, also when
	// nothing of it is sent. nil: nothing, with the length 0.
	Body io.ReadSeeker
}
