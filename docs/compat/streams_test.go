package compat_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/compat"
	"github.com/apiroutes/apiroutes/typed"
)

// streamChanges are changes of what is sent item by item.
func streamChanges() []changeCase {
	return []changeCase{
		{"lines lose a member",
			func() setup {
				type Row struct {
					ID   int    `json:"id"`
					Name string `json:"name"`
				}
				return get[typed.Lines[Row]]()
			},
			func() setup {
				type Row struct {
					ID int `json:"id"`
				}
				return get[typed.Lines[Row]]()
			},
			[]string{`ERR response-required-property-removed Row, member "name"`}},
		{"a text of lines is a number",
			func() setup {
				type Row struct {
					ID string `json:"id"`
				}
				return get[typed.Lines[Row]]()
			},
			func() setup {
				type Row struct {
					ID int `json:"id"`
				}
				return get[typed.Lines[Row]]()
			},
			[]string{`ERR+ response-property-type-compatible Row.ID`}},
		{"lines of a request lose a member",
			func() setup {
				type Row struct {
					ID   int    `json:"id"`
					Name string `json:"name"`
				}
				type Import struct {
					Rows typed.Lines[Row] `body:""`
				}
				return post[Import]()
			},
			func() setup {
				type Row struct {
					ID int `json:"id"`
				}
				type Import struct {
					Rows typed.Lines[Row] `body:""`
				}
				return post[Import]()
			},
			[]string{`ERR+ request-property-removed Row, member "name"`}},
		{"a number in lines of a request is a text",
			func() setup {
				type Row struct {
					OK bool `json:"ok"`
				}
				type Import struct {
					Rows typed.Lines[Row] `body:""`
				}
				return post[Import]()
			},
			func() setup {
				type Row struct {
					OK string `json:"ok"`
				}
				type Import struct {
					Rows typed.Lines[Row] `body:""`
				}
				return post[Import]()
			},
			[]string{`ERR+ request-property-type-compatible Row.OK`}},
		{"events lose a member",
			func() setup {
				type News struct {
					ID   int    `json:"id"`
					Name string `json:"name"`
				}
				return get[typed.Events[News]]()
			},
			func() setup {
				type News struct {
					ID int `json:"id"`
				}
				return get[typed.Events[News]]()
			},
			[]string{`ERR response-required-property-removed News, member "name"`}},
		{"the data of a kind of event",
			func() setup {
				type News struct {
					ID int `json:"id"`
				}
				type Feed struct {
					Made *News   `event:"made"`
					Note *string `event:"note"`
				}
				return get[typed.Events[Feed]]()
			},
			func() setup {
				type News struct {
					ID bool `json:"id"`
				}
				type Feed struct {
					Made *News `event:"made"`
					Note *bool `event:"note"`
				}
				return get[typed.Events[Feed]]()
			},
			[]string{`ERR response-property-type-changed News.ID`, `ERR+ response-property-type-compatible Feed.Note`}},
		{"a kind of event has another name",
			func() setup {
				type Feed struct {
					Made *int `event:"made"`
					Gone *int `event:"gone"`
				}
				return get[typed.Events[Feed]]()
			},
			func() setup {
				type Feed struct {
					Made *int `event:"made"`
					Gone *int `event:"removed"`
				}
				return get[typed.Events[Feed]]()
			},
			[]string{`ERR response-required-property-removed Feed, event "gone"`, `INFO response-required-property-added Feed.Gone`}},
		{"heartbeat",
			func() setup { return get[typed.Events[int]](typed.HeartbeatEvent("alive", time.Minute)) },
			func() setup { return get[typed.Events[int]]() },
			[]string{`INFO response-optional-property-removed int, event "alive"`}},
	}
}

// What a stream sends is compared whatever the version of the document calls it.
func TestStreams(t *testing.T) {
	for _, version := range []string{"3.0", "3.1", "3.2"} {
		for _, c := range streamChanges() {
			t.Run(version+" "+c.name, func(t *testing.T) {
				path := committed(t, c.before().in(version))
				var same, r recorder
				compat.Check(&same, c.before().in(version), path)
				require.Empty(t, same)
				compat.Check(&r, c.after().in(version), path)
				require.Equal(t, c.want, r.changes())
			})
		}
	}
}
