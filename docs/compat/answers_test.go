package compat_test

// answerChanges are changes of what is answered with JSON.
func answerChanges() []changeCase {
	return []changeCase{
		{"response property removed",
			func() setup {
				type User struct {
					ID    int    `json:"id"`
					Email string `json:"email"`
				}
				return get[User]()
			},
			func() setup {
				type User struct {
					ID int `json:"id"`
				}
				return get[User]()
			},
			[]string{`ERR response-required-property-removed User, member "email"`}},
		{"optional response property removed",
			func() setup {
				type User struct {
					ID    int    `json:"id"`
					Email string `json:"email,omitzero"`
				}
				return get[User]()
			},
			func() setup {
				type User struct {
					ID int `json:"id"`
				}
				return get[User]()
			},
			[]string{`INFO response-optional-property-removed User, member "email"`}},
		{"response property type",
			func() setup {
				type User struct {
					ID  int `json:"id"`
					Age int `json:"age"`
				}
				return get[User]()
			},
			func() setup {
				type User struct {
					ID  int    `json:"id"`
					Age string `json:"age"`
				}
				return get[User]()
			},
			[]string{`ERR response-property-type-changed User.Age`}},
		{"response property optional",
			func() setup {
				type User struct {
					ID  int `json:"id"`
					Age int `json:"age"`
				}
				return get[User]()
			},
			func() setup {
				type User struct {
					ID  int `json:"id"`
					Age int `json:"age,omitzero"`
				}
				return get[User]()
			},
			[]string{`ERR response-property-became-optional User.Age`}},
		{"response property nullable",
			func() setup {
				type User struct {
					ID  int `json:"id"`
					Age int `json:"age"`
				}
				return get[User]()
			},
			func() setup {
				type User struct {
					ID  int  `json:"id"`
					Age *int `json:"age"`
				}
				return get[User]()
			},
			[]string{`ERR response-property-became-nullable User.Age`}},
		{"response property added",
			func() setup {
				type User struct {
					ID int `json:"id"`
				}
				return get[User]()
			},
			func() setup {
				type User struct {
					ID  int `json:"id"`
					Age int `json:"age"`
				}
				return get[User]()
			},
			[]string{`INFO response-required-property-added User.Age`}},
		{"nested response property",
			func() setup {
				type Address struct {
					City string `json:"city"`
					Zip  string `json:"zip"`
				}
				type User struct {
					ID   int     `json:"id"`
					Home Address `json:"home"`
				}
				return get[User]()
			},
			func() setup {
				type Address struct {
					City string `json:"city"`
				}
				type User struct {
					ID   int     `json:"id"`
					Home Address `json:"home"`
				}
				return get[User]()
			},
			[]string{`ERR response-required-property-removed Address, member "zip"`}},
		{"list of responses",
			func() setup {
				type User struct {
					ID   int    `json:"id"`
					Name string `json:"name"`
				}
				return get[[]User]()
			},
			func() setup {
				type User struct {
					ID   int `json:"id"`
					Name int `json:"name"`
				}
				return get[[]User]()
			},
			[]string{`ERR response-property-type-changed User.Name`}},
		{"response body type",
			func() setup { return get[[]int]() },
			func() setup { return get[int]() },
			[]string{`ERR response-body-type-changed typed.Response[int]`}},
	}
}
