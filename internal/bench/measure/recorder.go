package measure

import "net/http"

// recorder keeps one answer. It is reused: a fresh one each time would charge
// every contender for the same allocations and blur what they differ in.
type recorder struct {
	header http.Header
	status int
	body   []byte
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.body = append(r.body, b...)
	return len(b), nil
}

func (r *recorder) reset() {
	clear(r.header)
	r.status = 0
	r.body = r.body[:0]
}
