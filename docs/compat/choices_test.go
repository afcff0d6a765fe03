package compat_test

// choiceChanges are changes that a document says by a choice of schemas, and of parameters
// that are objects.
func choiceChanges() []changeCase {
	return []changeCase{
		{"bound of what may be left out",
			func() setup {
				type NewUser struct {
					Nick string `json:"nick"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Nick string `json:"nick" validate:"omitempty,min=3"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-min-length-set NewUser.Nick`}},
		{"tighter bound of what may be left out",
			func() setup {
				type NewUser struct {
					Age int `json:"age" validate:"omitempty,min=3"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Age int `json:"age" validate:"omitempty,min=5"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-min-increased NewUser.Age`}},
		{"may no longer be left out",
			func() setup {
				type NewUser struct {
					Age int `json:"age" validate:"omitempty,min=3"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Age int `json:"age" validate:"min=3"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-became-required NewUser.Age`}},
		{"bound of a form field",
			func() setup {
				type NewUser struct {
					Age int `form:"age"`
				}
				return post[NewUser]()
			},
			func() setup {
				type NewUser struct {
					Age int `form:"age" validate:"omitempty,min=3"`
				}
				return post[NewUser]()
			},
			[]string{`ERR request-property-min-increased NewUser.Age`}},
		{"pattern",
			func() setup {
				type ListUsers struct {
					ID string `query:"id" validate:"omitempty,uuid"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type ListUsers struct {
					ID string `query:"id" validate:"omitempty,uuid4"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR+ request-parameter-pattern-changed ListUsers.ID`}},
		{"bound in a parameter that is an object",
			func() setup {
				type Filter struct {
					Name string `json:"name"`
				}
				type ListUsers struct {
					Filter Filter `query:"filter"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type Filter struct {
					Name string `json:"name" validate:"max=5"`
				}
				type ListUsers struct {
					Filter Filter `query:"filter"`
				}
				return list[ListUsers]()
			},
			[]string{`ERR request-parameter-max-length-set ListUsers.Filter.Name`}},
		{"member of a parameter that is an object",
			func() setup {
				type Filter struct {
					Name string `json:"name"`
					Age  int    `json:"age"`
				}
				type ListUsers struct {
					Filter Filter `query:"filter"`
				}
				return list[ListUsers]()
			},
			func() setup {
				type Filter struct {
					Name string `json:"name"`
				}
				type ListUsers struct {
					Filter Filter `query:"filter"`
				}
				return list[ListUsers]()
			},
			[]string{`WARN request-parameter-removed ListUsers, field with the tag query:"filter[age]"`}},
	}
}
