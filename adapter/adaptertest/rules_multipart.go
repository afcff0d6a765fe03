package adaptertest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/apiroutes/apiroutes/typed"
)

type filesForm struct {
	Title string       `form:"title" validate:"required"`
	Image typed.File   `form:"image" accept:"image/png" maxsize:"200kB"`
	Files []typed.File `form:"file" validate:"max=3" maxsize:"200kB"`
	Meta  *newUser     `part:"meta"`
}

func handleMultipart(api *typed.API) {
	typed.Handle(api, "POST /multipart", typed.Func(func(_ context.Context, in filesForm) (seen, error) {
		out := seen{"title": in.Title, "meta": fmt.Sprint(in.Meta != nil)}
		for i, f := range append([]typed.File{in.Image}, in.Files...) {
			if f == (typed.File{}) {
				continue
			}
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			content, err := io.ReadAll(r)
			if err != nil {
				return nil, err
			}
			out[fmt.Sprint("file", i)] = f.Name() + " " + f.Type() + " " + digest(content)
		}
		if in.Title == "panic" {
			panic(errSecret)
		}
		return out, nil
	}))
}

// multipartQuery sends a body of parts, each its header and its content.
func multipartQuery(parts ...[2]string) query {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("--XX\r\nContent-Disposition: form-data; " + p[0] + "\r\n\r\n" + p[1] + "\r\n")
	}
	b.WriteString("--XX--\r\n")
	return query{method: http.MethodPost, target: "/multipart", header: []string{"Content-Type: multipart/form-data; boundary=XX"}, body: b.String()}
}

// multiparts is files in forms.
func multiparts() []rule {
	title := [2]string{"name=title", "é"}
	large := strings.Repeat("x", 100_000)
	const png = "\x89PNG\r\n\x1a\n"
	headed := func(q query, line string) query { q.header = []string{line}; return q }
	rules := []rule{
		ask("multipart/texts", "The texts of a multipart form are read as those of any form.", multipartQuery(title), wish{200, nil, `{"meta":"false","title":"é"}`}),
		ask("multipart/files", "Files come whole, with their names and the types of their content.",
			multipartQuery(title, [2]string{`name="image"; filename="a.png"`, png}, [2]string{`name="file"; filename="../b"`, large}, [2]string{`name="file"; filename="c"`, "c"}),
			wish{200, nil, fmt.Sprintf(`{"file0":"a.png image/png %s","file1":"b text/plain %s","file2":"c text/plain %s","meta":"false","title":"é"}`, digest([]byte(png)), digest([]byte(large)), digest([]byte("c")))}),
		ask("multipart/nothing chosen", "A file input where nothing was chosen is absent.", multipartQuery(title, [2]string{`name="image"; filename=""`, ""}), wish{200, nil, `{"meta":"false","title":"é"}`}),
		ask("multipart/JSON", "A part of a form may be JSON.", multipartQuery(title, [2]string{`name="meta"`, `{"name":"Ada","email":"ada@example.com","address":{"city":"x"}}`}), wish{200, nil, `{"meta":"true","title":"é"}`}),
		ask("multipart/chunked", "A form whose length nobody knows is read.", inChunks(multipartQuery(title)), wish{200, nil, `{"meta":"false","title":"é"}`}),
		ask("multipart/another type", "The content of a file decides its type.", multipartQuery(title, [2]string{`name="image"; filename="a.png"`, "<html>"}), wish{415, nil, `~"name":"image","rule":"accept"`}),
		ask("multipart/too large", "A file may not be larger than it is declared.", multipartQuery(title, [2]string{`name="image"; filename="a.png"`, png + large + large}), wish{413, nil, `~"name":"image","rule":"maxsize"`}),
		ask("multipart/too many", "There may not be more files than are declared.", multipartQuery(title, [2]string{`name="file"`, "1"}, [2]string{`name="file"`, "2"}, [2]string{`name="file"`, "3"}, [2]string{`name="file"`, "4"}), wish{422, nil, `~"name":"file","rule":"max"`}),
		ask("multipart/twice", "A file may be given only once.", multipartQuery(title, [2]string{`name="image"`, png}, [2]string{`name="image"`, png}), wish{422, nil, `~"rule":"repeated"`}),
		ask("multipart/invalid", "The rules of a form are kept.", multipartQuery([2]string{"name=title", ""}), wish{422, nil, `~"name":"title","rule":"required"`}),
		ask("multipart/invalid JSON", "A part that is JSON is read strictly.", multipartQuery(title, [2]string{"name=meta", `{"nam":1}`}), wish{422, nil, `~"pointer":"/nam","name":"meta"`}),
		ask("multipart/no end", "A form that does not end is malformed.", query{method: http.MethodPost, target: "/multipart", header: multipartQuery().header, body: "--XX\r\nContent-Disposition: form-data; name=title\r\n\r\nx"}, wish{status: 400}),
		ask("multipart/no boundary", "A form without a boundary is malformed.", headed(multipartQuery(title), "Content-Type: multipart/form-data"), wish{status: 400}),
		ask("multipart/long boundary", "A boundary has at most 70 characters.", headed(multipartQuery(title), "Content-Type: multipart/form-data; boundary="+strings.Repeat("X", 71)), wish{status: 400}),
		ask("multipart/urlencoded", "A form with files is not urlencoded.", headed(multipartQuery(title), "Content-Type: application/x-www-form-urlencoded"), wish{status: 415}),
		ask("multipart/10 000 parts", "A form has at most 1 000 parts.", multipartQuery(func() (parts [][2]string) {
			for range 10_000 {
				parts = append(parts, [2]string{"name=x", ""})
			}
			return parts
		}()...), wish{status: 422}),
		ask("multipart/a long head", "The header of a part is bounded.", multipartQuery([2]string{"name=title\r\nX: " + strings.Repeat("x", 1e6), ""}), wish{status: 413}),
		ask("multipart/panic", "A handler that panics leaves nothing behind.", multipartQuery([2]string{"name=title", "panic"}, [2]string{`name="file"; filename="b"`, large}), wish{status: 500}),
		ask("multipart/foreign origin", "A form of a foreign page is refused.", func() query {
			q := multipartQuery(title)
			q.header = append(q.header, "Sec-Fetch-Site: cross-site")
			return q
		}(), wish{status: 403}),
	}
	return append(rules, rule{"multipart/nothing is left", "No temporary file is left.", func(*bench) error {
		stays := map[string]int{}
		const times = 100 // other processes may be making one
		for range times {
			left, err := os.ReadDir(os.TempDir())
			if err != nil {
				return err
			}
			for _, entry := range left {
				if strings.HasPrefix(entry.Name(), "apiroutes-upload-") {
					stays[entry.Name()]++
				}
			}
		}
		for name, seen := range stays {
			if seen == times {
				return fmt.Errorf("%s is left in %s", name, os.TempDir())
			}
		}
		return nil
	}})
}

// inChunks sends q in one chunk, without saying how long it is.
func inChunks(q query) query {
	q.header = append(q.header, "Transfer-Encoding: chunked")
	q.body = fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(q.body), q.body)
	return q
}
