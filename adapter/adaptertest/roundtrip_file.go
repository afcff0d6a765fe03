package adaptertest

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// uploads has all that a multipart body can have.
type uploads struct {
	ID     int          `path:"id"`
	Title  string       `form:"title"`
	Tags   []string     `form:"tags"`
	Public *bool        `form:"public"`
	One    typed.File   `form:"one"`
	Maybe  *typed.File  `form:"maybe"`
	More   []typed.File `form:"more"`
	Meta   *tree        `part:"meta"`
}

// uploaded is what a handler saw of uploads, or a client passed.
type uploaded struct {
	In    uploads
	Files []string // name, media type and content of each
}

// see reads the files of in.
func see(in uploads) (uploaded, error) {
	files := append([]typed.File{in.One}, in.More...)
	if in.Maybe != nil {
		files = append(files, *in.Maybe)
	}
	seen := uploaded{In: in}
	seen.In.One, seen.In.Maybe, seen.In.More = typed.File{}, nil, nil
	for _, f := range files {
		if f == (typed.File{}) {
			seen.Files = append(seen.Files, "absent")
			continue
		}
		src, err := f.Open()
		if err != nil {
			return seen, err
		}
		content, err := io.ReadAll(src)
		if err != nil {
			return seen, err
		}
		_ = src.Close() // what was read was read
		seen.Files = append(seen.Files, fmt.Sprintf("%q %s %d %s", f.Name(), f.Type(), f.Size(), content))
	}
	return seen, nil
}

func someFile(r *rand.Rand) typed.File {
	content := pick(r, "", "GIF89a", "\x89PNG\r\n\x1a\n", "--", "\r\n--x--\r\n") + strings.Repeat(someText(r, 0), r.IntN(20_000))
	return typed.NewFile(pick(r, "a.txt", "é b.png", `q".gif`, "x;y=z.csv"), strings.NewReader(content))
}

// uploadTrip passes a multipart body.
func uploadTrip() trip {
	var e *typed.Endpoint[uploads, typed.Response[typed.None]]
	var seen uploaded
	return trip{
		name: "multipart",
		handle: func(api *typed.API, path string) {
			e = typed.Post[uploads, typed.None](path+"/{id}", typed.MaxBody(8<<20))
			e.Handle(api, func(_ context.Context, in uploads, res *typed.Response[typed.None]) (_ typed.Answer, err error) {
				if seen, err = see(in); err != nil {
					return typed.Fail(err)
				}
				return res.End()
			})
		},
		call: func(ctx context.Context, c *client.Client, r *rand.Rand) (bool, error) {
			in := uploads{
				ID: r.Int(), Title: someText(r, 0), Tags: several(r, func(r *rand.Rand) string { return someText(r, 0) }),
				Public: maybe(r, someBool), Maybe: maybe(r, someFile), More: several(r, someFile), Meta: maybe(r, someTree),
			}
			if someBool(r) {
				in.One = someFile(r)
			}
			want, err := see(in)
			if err != nil {
				return false, err
			}
			if _, err = client.Call(ctx, c, e, in); err != nil {
				return false, err
			}
			if diff := cmp.Diff(want, seen, alike, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".One" }, cmp.Ignore())); diff != "" {
				return false, fmt.Errorf("passed and seen (-want +got):\n%s", diff)
			}
			return true, nil
		},
	}
}
