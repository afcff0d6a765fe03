package compat_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/compat"
	"github.com/apiroutes/apiroutes/typed"
)

// What our own rules find names its endpoint, and is excused as the rest is.
func TestAllowOwnRules(t *testing.T) {
	type Find struct {
		Name string `path:"name"`
		Path string `path:"path"`
		IDs  []int  `query:"ids"`
	}
	type FindInOne struct {
		Name string `path:"name"`
		Path string `path:"path"`
		IDs  []int  `query:"ids,comma"`
	}
	const pattern = "GET /{name}/files/{path...}"
	path := committed(t, endpoint[Find, typed.Response[int]](pattern).api())
	const want = "typed: GET /{name}/files/{path}: FindInOne.IDs: for the `query` request parameter `ids`, " +
		"the style was changed from `form, explode true` to `form, explode false` " +
		"[request-parameter-style-changed GET /{name}/files/{path}]"
	var r recorder
	compat.Check(&r, endpoint[FindInOne, typed.Response[int]](pattern).api(), path)
	require.Len(t, r.failed, 1)
	require.Contains(t, r.failed[0], want)
	for _, id := range []string{"request-parameter-style-changed", "request-parameter-style-changed GET /{name}/files/{path}"} {
		compat.Check(t, endpoint[FindInOne, typed.Response[int]](pattern).api(), path, compat.Allow(id, "nobody sends two"))
	}
}

// ownChanges are changes that oasdiff does not see.
func ownChanges() []changeCase {
	return []changeCase{
		{"media type of a file",
			func() setup {
				type Upload struct {
					Photo typed.File `form:"photo" accept:"image/*,application/pdf"`
				}
				return post[Upload]()
			},
			func() setup {
				type Upload struct {
					Photo typed.File `form:"photo" accept:"image/png,image/webp,text/plain"`
				}
				return post[Upload]()
			},
			[]string{
				`ERR request-property-media-type-removed Upload.Photo`, `ERR request-property-media-type-removed Upload.Photo`,
				`INFO request-property-media-type-added Upload.Photo`,
			}},
		{"first media type of files",
			func() setup {
				type Upload struct {
					Photos []typed.File `form:"photos"`
				}
				return post[Upload]()
			},
			func() setup {
				type Upload struct {
					Photos []typed.File `form:"photos" accept:"image/png"`
				}
				return post[Upload]()
			},
			[]string{`ERR request-property-media-type-removed Upload.Photos`}},
		{"any media type of a file",
			func() setup {
				type Upload struct {
					Photo typed.File `form:"photo" accept:"image/png"`
				}
				return post[Upload]()
			},
			func() setup {
				type Upload struct {
					Photo typed.File `form:"photo"`
				}
				return post[Upload]()
			},
			[]string{`INFO request-property-media-type-added Upload.Photo`}},
		{"size of a file",
			func() setup {
				type Upload struct {
					Photo typed.File   `form:"photo" maxsize:"2MB"`
					More  []typed.File `form:"more"`
				}
				return post[Upload]()
			},
			func() setup {
				type Upload struct {
					Photo typed.File   `form:"photo" maxsize:"1MB"`
					More  []typed.File `form:"more" maxsize:"1kB"`
				}
				return post[Upload]()
			},
			[]string{`ERR request-property-max-bytes-decreased Upload.More`, `ERR request-property-max-bytes-decreased Upload.Photo`}},
		{"larger file",
			func() setup {
				type Upload struct {
					Photo typed.File `form:"photo" maxsize:"1MB"`
				}
				return post[Upload]()
			},
			func() setup {
				type Upload struct {
					Photo typed.File `form:"photo" maxsize:"10MB"`
				}
				return post[Upload]()
			},
			[]string{`INFO request-property-max-bytes-increased Upload.Photo`}},
		{"size of a body",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser](typed.MaxBody(1000))
			},
			[]string{`ERR request-max-body-decreased typed.MaxBody`}},
		{"larger body",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser](typed.MaxBody(1000))
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser](typed.MaxBody(2000))
			},
			[]string{`INFO request-max-body-increased typed.MaxBody`}},
		{"list in one parameter",
			func() setup {
				type ListUsers struct {
					IDs []int `query:"ids"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					IDs []int `query:"ids,comma"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR request-parameter-style-changed ListUsers.IDs`}},
		{"unknown members refused",
			func() setup {
				type Address struct {
					City string `json:"city"`
				}
				type NewUser struct {
					Home Address `json:"home"`
				}
				return post[NewUser](typed.AllowUnknownFields())
			},
			func() setup {
				type Address struct {
					City string `json:"city"`
				}
				type NewUser struct {
					Home Address `json:"home"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-body-unknown-refused typed.AllowUnknownFields`}},
		{"unknown members ignored",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser](typed.AllowUnknownFields())
			},
			[]string{`INFO request-body-unknown-ignored typed.AllowUnknownFields`}},
		{"unknown query parameters refused",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers](typed.StrictQuery())
			},
			[]string{`ERR request-unknown-refused typed.StrictQuery`}},
		{"unknown query parameters ignored",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers](typed.StrictQuery())
			},
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers]()
			},
			[]string{`INFO request-unknown-ignored typed.StrictQuery`}},
		{"rule that only words say",
			func() setup {
				type Login struct {
					User string `json:"user"`
				}
				type NewUser struct {
					Name  string `json:"name"`
					Again string `json:"again"`
					Login *Login `json:"login"`
				}
				return post[NewUser]()
			},
			func() setup {
				type Login struct {
					User string `json:"user" validate:"omitempty,timezone"`
				}
				type NewUser struct {
					Name  string `json:"name"`
					Again string `json:"again" validate:"eqfield=Name"`
					Login *Login `json:"login"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-rule-added Login.User`, `ERR request-property-rule-added NewUser.Again`}},
		{"rule of a parameter",
			func() setup {
				type ListUsers struct {
					From int `query:"from" validate:"ltfield=To"`
					To   int `query:"to"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					From int `query:"from"`
					To   int `query:"to" validate:"gtfield=From"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR request-parameter-rule-added ListUsers.To`, `INFO request-parameter-rule-removed ListUsers.From`}},
		{"wider and tighter bound of a duration",
			func() setup {
				type ListUsers struct {
					Age  time.Duration `query:"age" validate:"max=1h"`
					Wait time.Duration `query:"wait" validate:"min=1s"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Age  time.Duration `query:"age" validate:"max=2h"`
					Wait time.Duration `query:"wait" default:"2s" validate:"min=2s"`
				}
				return list[ListUsers]()
			},
			[]string{
				`ERR request-parameter-rule-added ListUsers.Wait`,
				`INFO request-parameter-became-optional ListUsers.Wait`, `INFO request-parameter-rule-removed ListUsers.Age`,
			}},
		{"values that are excluded",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Nick string `json:"nick" validate:"ne=root"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name" validate:"excludes=@"`
					Nick string `json:"nick"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-exclusion-changed NewUser.Name`, `INFO request-property-exclusion-removed NewUser.Nick`}},
		{"one of several rules",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name" validate:"omitempty,uuid|hexcolor"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-condition-added NewUser.Name`, `INFO request-property-any-of-added NewUser.Name`}},
		{"format",
			func() setup {
				type NewUser struct {
					Mail string `json:"mail"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Mail string `json:"mail" validate:"omitempty,email"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-type-changed NewUser.Mail`, `ERR request-property-rule-added NewUser.Mail`}},
		{"form of a time in a request",
			func() setup {
				type ListUsers struct {
					Day time.Time `query:"day,format:DateOnly"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Day time.Time `query:"day,format:RFC850"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR request-parameter-time-format-changed ListUsers.Day`, `INFO request-parameter-type-generalized ListUsers.Day`}},
		{"form of a time in an answer",
			func() setup {
				type User struct {
					Made time.Time     `json:"made,format:RFC850"`
					Age  time.Duration `json:"age,format:iso8601"`
					Last time.Time     `json:"last,format:unix"`
				}
				return get[User]()
			},
			func() setup {
				type User struct {
					Made time.Time     `json:"made,format:RFC1123"`
					Age  time.Duration `json:"age"`
					Last time.Time     `json:"last,format:unixmilli"`
				}
				return get[User]()
			},
			[]string{`ERR response-property-time-format-changed User.Age`, `ERR response-property-time-format-changed User.Last`, `ERR response-property-time-format-changed User.Made`}},
	}
}
