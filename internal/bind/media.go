package bind

import (
	"mime"
	"net/http"
	"strings"

	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

const (
	jsonMedia = "application/json"
	formMedia = "application/x-www-form-urlencoded"
)

// checkEncoding refuses a body that a Content-Encoding other than identity was
// applied to: decompressing would let a small request become a large one.
func checkEncoding(req wire.Request) *respond.Problem {
	for _, line := range req.Header("Content-Encoding") {
		for coding := range strings.SplitSeq(line, ",") {
			if coding = syntax.Trim(coding); coding != "" && !strings.EqualFold(coding, "identity") {
				p := &respond.Problem{Status: http.StatusUnsupportedMediaType, Detail: "The request body must not be compressed."}
				return p.Header("Accept-Encoding", "identity")
			}
		}
	}
	return nil
}

// checkMedia refuses a body of another media type than the plan reads.
func (p *Plan) checkMedia(lines []string) *respond.Problem {
	if p.body.kind != JSONBody && p.body.kind != FormBody {
		return nil
	}
	want, fits := jsonMedia, isJSON
	if p.body.kind == FormBody {
		want, fits = formMedia, isForm
	}
	if len(lines) == 1 && fits(lines[0]) {
		return nil
	}
	r := (&respond.Problem{
		Status: http.StatusUnsupportedMediaType,
		Detail: "The Content-Type of the request must be " + want + " in UTF-8.",
	}).Header("Accept", want)
	if len(lines) == 0 {
		r.Detail = "The request has no Content-Type; it must be " + want + "."
	}
	if p.method == http.MethodPatch {
		r.Header("Accept-Patch", want)
	}
	return r
}

// isJSON accepts application/json and application/*+json (RFC 6839, section 3.1).
func isJSON(contentType string) bool {
	switch contentType {
	case "application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8":
		return true
	}
	media, ok := utf8Media(contentType)
	if !ok {
		return false
	}
	name, structured := strings.CutSuffix(media, "+json")
	return media == jsonMedia || structured && strings.HasPrefix(name, "application/") && len(name) > len("application/")
}

func isForm(contentType string) bool {
	if contentType == formMedia {
		return true
	}
	media, ok := utf8Media(contentType)
	return ok && media == formMedia
}

// utf8Media is the media type in lower case, unless its syntax is wrong or it names
// another charset than UTF-8.
func utf8Media(contentType string) (string, bool) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", false
	}
	charset, named := params["charset"]
	return media, !named || strings.EqualFold(charset, "utf-8")
}
