package refused

import (
	"context"

	"github.com/apiroutes/apiroutes/typed"
)

func forgotten(_ context.Context, _ GetUser, res *typed.Response[User]) (typed.Answer, error) {
	res.JSON(User{})
} // want `missing return`

func withoutAnswer(_ context.Context, _ GetUser, _ *typed.Response[User]) error { return nil }

func otherRequest(_ context.Context, _ ListUsers, res *typed.Response[User]) (typed.Answer, error) {
	return res.JSON(User{})
}

func otherResponse(_ context.Context, _ GetUser, res *typed.Response[Order]) (typed.Answer, error) {
	return res.JSON(Order{})
}

func otherSet(_ context.Context, _ GetUser, out *GetUserOut) (typed.Answer, error) {
	return out.Deleted.End()
}

func plainOther(context.Context, GetUser) (Order, error) { return Order{}, nil }

func plain(context.Context, GetUser) (User, error) { return User{}, nil }

func handlers(api *typed.API) {
	getUser := typed.Get[GetUser, User]("/users/{id}")
	getUser.Handle(api, withoutAnswer)          // want `cannot use withoutAnswer .* as .*HandlerOf\[GetUser, .*Response\[User\]\] value in argument to getUser\.Handle`
	getUser.Handle(api, otherRequest)           // want `cannot use otherRequest .* as .*HandlerOf\[GetUser, .*Response\[User\]\] value in argument to getUser\.Handle`
	getUser.Handle(api, otherResponse)          // want `cannot use otherResponse .* as .*HandlerOf\[GetUser, .*Response\[User\]\] value in argument to getUser\.Handle`
	getUser.Handle(api, otherSet)               // want `cannot use otherSet .* as .*HandlerOf\[GetUser, .*Response\[User\]\] value in argument to getUser\.Handle`
	getUser.Handle(api, typed.Func(plainOther)) // want `cannot use .*Func\(plainOther\) .* as .*HandlerOf\[GetUser, .*Response\[User\]\] value in argument to getUser\.Handle`
	getUser.Handle(api, typed.Func(plain))
	typed.Handle(api, "GET /one", withoutAnswer) // want `of withoutAnswer does not match .*HandlerOf\[Req, Out\]`
	typed.Handle(api, "GET /two", plain)         // want `of plain does not match .*HandlerOf\[Req, Out\]`
	typed.Handle(api, "GET /three/{id}", rightPayload)
}

func paths() []string {
	getUser := typed.Get[GetUser, User]("/users/{id}")
	return []string{
		getUser.Path(ListUsers{}), // want `cannot use ListUsers\{\} .* as GetUser value in argument to getUser\.Path`
		getUser.Path(1),           // want `cannot use 1 .* as GetUser value in argument to getUser\.Path`
		getUser.Path(GetUser{ID: 1}),
	}
}
