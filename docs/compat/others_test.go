package compat_test

import "github.com/apiroutes/apiroutes/typed"

// otherChanges are changes of parameters, outcomes, media types and security.
func otherChanges() []changeCase {
	return []changeCase{
		{"parameter removed",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
					Page  int `query:"page"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers]()
			},
			[]string{`WARN request-parameter-removed ListUsers, field with the tag query:"page"`}},
		{"parameter removed, unknown ones refused",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
					Page  int `query:"page"`
				}
				return list[ListUsers](typed.StrictQuery())
			},
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers](typed.StrictQuery())
			},
			[]string{`ERR+ request-parameter-removed ListUsers, field with the tag query:"page"`}},
		{"new required parameter",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Limit int  `query:"limit"`
					Page  *int `query:"page" validate:"required"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR new-required-request-parameter ListUsers.Page`}},
		{"new optional parameter",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
					Page  int `query:"page"`
				}
				return list[ListUsers]()
			},
			[]string{`INFO new-optional-request-parameter ListUsers.Page`}},
		{"parameter required",
			func() setup {
				type ListUsers struct {
					Page *int `query:"page"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Page *int `query:"page" validate:"required"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR request-parameter-became-required ListUsers.Page`}},
		{"parameter max",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit" validate:"max=100"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit" validate:"max=50"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR request-parameter-max-decreased ListUsers.Limit`}},
		{"parameter min",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit" default:"7" validate:"min=1"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit" default:"7" validate:"min=2"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR request-parameter-min-increased ListUsers.Limit`}},
		{"parameter type",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Limit bool `query:"limit"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR request-parameter-type-changed ListUsers.Limit`, `INFO request-parameter-max-unset ListUsers.Limit`, `INFO request-parameter-min-unset ListUsers.Limit`}},
		{"parameter default",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit" default:"20"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit" default:"50"`
				}
				return list[ListUsers]()
			},
			[]string{`WARN+ request-parameter-default-value-changed ListUsers.Limit`}},
		{"parameter default removed",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit" default:"20"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers]()
			},
			[]string{`WARN+ request-parameter-default-value-removed ListUsers.Limit`}},
		{"parameter enum value removed",
			func() setup {
				type ListUsers struct {
					Sort string `query:"sort" validate:"oneof=a b" default:"a"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Sort string `query:"sort" validate:"oneof=a" default:"a"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR request-parameter-enum-value-removed ListUsers.Sort`}},
		{"header required",
			func() setup {
				type ListUsers struct {
					Trace *string `header:"X-Trace"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Trace *string `header:"X-Trace" validate:"required"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR request-parameter-became-required ListUsers.Trace`}},
		{"endpoint removed",
			func() setup { return both(get[int](), list[typed.None]()) },
			func() setup { return get[int]() },
			[]string{`ERR api-path-removed-without-deprecation the endpoint`}},
		{"endpoint added",
			func() setup { return get[int]() },
			func() setup { return both(get[int](), list[typed.None]()) },
			[]string{`INFO endpoint-added the endpoint`}},
		{"outcome removed",
			func() setup {
				type Out struct {
					OK   typed.Reply[int] `status:"200"`
					Made typed.Reply[int] `status:"201"`
				}
				return answer[Out]()
			},
			func() setup {
				type Out struct {
					OK typed.Reply[int] `status:"200"`
				}
				return answer[Out]()
			},
			[]string{`ERR response-success-status-removed outcome 201 or typed.Status(201)`}},
		{"error outcome removed",
			func() setup {
				type Out struct {
					OK   typed.Reply[int] `status:"200"`
					Gone typed.Empty      `status:"410"`
				}
				return answer[Out]()
			},
			func() setup {
				type Out struct {
					OK typed.Reply[int] `status:"200"`
				}
				return answer[Out]()
			},
			[]string{`INFO response-non-success-status-removed outcome 410 or typed.Fails(410)`}},
		{"media type of an answer",
			func() setup {
				type Out struct {
					OK typed.Reply[[]byte] `status:"200" type:"image/png"`
				}
				return answer[Out]()
			},
			func() setup {
				type Out struct {
					OK typed.Reply[[]byte] `status:"200" type:"image/jpeg"`
				}
				return answer[Out]()
			},
			[]string{`ERR response-media-type-removed outcome OK`, `INFO response-media-type-added outcome OK`}},
		{"media type of a request",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser](typed.Accepts("application/merge-patch+json"))
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-body-media-type-removed typed.Accepts`}},
		{"security",
			func() setup { return get[int]() },
			func() setup { return get[int](typed.Security("token")) },
			[]string{`ERR api-security-anonymous-access-removed typed.Security`}},
		{"scope",
			func() setup { return get[int](typed.Security("token")) },
			func() setup { return get[int](typed.Security("token", "write")) },
			[]string{`ERR api-security-scope-added typed.Security`}},
		{"response header",
			func() setup { return get[int](typed.ResponseHeader("X-Total", "How many.")) },
			func() setup { return get[int]() },
			[]string{`INFO optional-response-header-removed typed.ResponseHeader`}},
		{"header of an outcome",
			func() setup {
				type Out struct {
					OK typed.Reply[int] `status:"200" headers:"X-Total"`
				}
				return answer[Out]()
			},
			func() setup {
				type Out struct {
					OK typed.Reply[int] `status:"200"`
				}
				return answer[Out]()
			},
			[]string{`INFO optional-response-header-removed outcome OK, the tag headers`}},
		{"auth field",
			func() setup {
				type ListUsers struct {
					Limit int `query:"limit"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					Me    account `auth:"token"`
					Limit int     `query:"limit"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR api-security-anonymous-access-removed ListUsers.Me`, `INFO response-non-success-status-added ListUsers.Me`}},
	}
}
