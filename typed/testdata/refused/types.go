// Package refused holds mistakes that the compiler must refuse. Each stands on a
// line of its own, with the compiler's words in a want comment; all the other lines
// must compile. TestCompilerRefuses, in package typed, builds it.
package refused

import "github.com/apiroutes/apiroutes/typed"

type GetUser struct {
	ID int `path:"id"`
}

type ListUsers struct {
	Limit int `query:"limit"`
}

type User struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

type Order struct {
	ID    int `json:"id"`
	Total int `json:"total"`
}

type GetUserOut struct {
	OK       typed.Reply[User]    `status:"200"`
	Deleted  typed.Empty          `status:"204"`
	Moved    typed.Redirect       `status:"308"`
	NotFound typed.Reply[Missing] `status:"404"`
}

type Missing struct {
	Message string `json:"message"`
}
