package compat_test

import "github.com/apiroutes/apiroutes/typed"

// bodyChanges are changes of what a JSON body may hold.
func bodyChanges() []changeCase {
	return []changeCase{
		{"request property removed",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  int    `json:"age"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser]()
			},
			[]string{`ERR+ request-property-removed NewUser, member "age"`}},
		{"request property removed, unknown ones ignored",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  int    `json:"age"`
				}
				return post[NewUser](typed.AllowUnknownFields())
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser](typed.AllowUnknownFields())
			},
			[]string{`WARN request-property-removed NewUser, member "age"`}},
		{"new required request property",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  *int   `json:"age" validate:"required"`
				}
				return post[NewUser]()
			},
			[]string{`ERR new-required-request-property NewUser.Age`}},
		{"new optional request property",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  int    `json:"age"`
				}
				return post[NewUser]()
			},
			[]string{`INFO new-optional-request-property NewUser.Age`}},
		{"request property required",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  *int   `json:"age"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  *int   `json:"age" validate:"required"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-became-not-nullable NewUser.Age`, `ERR request-property-became-required NewUser.Age`}},
		{"request property optional",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  *int   `json:"age" validate:"required"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  *int   `json:"age"`
				}
				return post[NewUser]()
			},
			[]string{`INFO request-property-became-nullable NewUser.Age`, `INFO request-property-became-optional NewUser.Age`}},
		{"request property type",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  int    `json:"age"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  string `json:"age"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-type-changed NewUser.Age`, `INFO request-property-max-unset NewUser.Age`, `INFO request-property-min-unset NewUser.Age`}},
		{"request property max length",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Nick string `json:"nick" validate:"max=20"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Nick string `json:"nick" validate:"max=10"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-max-length-decreased NewUser.Nick`}},
		{"request property max length set",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Nick string `json:"nick"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Nick string `json:"nick" validate:"max=10"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-max-length-set NewUser.Nick`}},
		{"request property min",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  int    `json:"age" validate:"min=1"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  int    `json:"age" validate:"min=5"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-min-increased NewUser.Age`}},
		{"request property max",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  int    `json:"age" validate:"max=100"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Age  int    `json:"age" validate:"max=50"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-max-decreased NewUser.Age`}},
		{"request property enum value removed",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Kind string `json:"kind" validate:"oneof=a b"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Kind string `json:"kind" validate:"oneof=a"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-enum-value-removed NewUser.Kind`}},
		{"request property enum value added",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Kind string `json:"kind" validate:"oneof=a b"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Kind string `json:"kind" validate:"oneof=a b c"`
				}
				return post[NewUser]()
			},
			[]string{`INFO request-property-enum-value-added NewUser.Kind`}},
		{"request property became enum",
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Kind string `json:"kind"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Name string `json:"name"`
					Kind string `json:"kind" validate:"oneof=a b"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-became-enum NewUser.Kind`, `ERR request-property-became-required NewUser.Kind`}},
		{"nested request property",
			func() setup {
				type Address struct {
					City string `json:"city"`
				}
				type NewUser struct {
					Name string  `json:"name"`
					Home Address `json:"home"`
				}
				return post[NewUser]()
			},
			func() setup {
				type Address struct {
					City string `json:"city" validate:"max=5"`
				}
				type NewUser struct {
					Name string  `json:"name"`
					Home Address `json:"home"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-max-length-set Address.City`}},
	}
}
