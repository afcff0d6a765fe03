package wire

import "net/http"

// Origin is a Request that knows where it was sent to, and how, without an HTTPRequest.
type Origin interface {
	// Origin returns the host as the client named it, "example.com:8080", the version of
	// HTTP, "1.1" or "2", and whether the connection is encrypted.
	Origin() (host, version string, secure bool)
}

// OriginOf asks req, or makes its HTTPRequest where it does not know.
func OriginOf(req Request) (host, version string, secure bool) {
	if o, ok := req.(Origin); ok {
		return o.Origin()
	}
	r := req.HTTPRequest()
	return r.Host, httpVersion(r), r.TLS != nil
}

func httpVersion(r *http.Request) string {
	switch {
	case r.ProtoMajor == 1 && r.ProtoMinor == 0:
		return "1.0"
	case r.ProtoMajor == 2:
		return "2"
	case r.ProtoMajor == 3:
		return "3"
	}
	return "1.1"
}
